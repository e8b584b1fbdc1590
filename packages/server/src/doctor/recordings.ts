import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { findPrograms } from "../calls/recording/programs.js";
import type { Config } from "../config.js";
import type { Finding } from "./finding.js";

/** Looks at what calls are recorded with: the programs, and the folder. */
export async function lookAtRecordings(
  { janus, recording }: Pick<Config, "janus" | "recording">,
  path = process.env.PATH,
): Promise<Finding> {
  const hop = "recordings";
  if (!janus) return { hop, state: "open", says: "none: they need a Janus" };
  const programs = await findPrograms(path);
  if (Array.isArray(programs)) {
    const says = `none: there is no ${programs.join(" and no ")}`;
    return { hop, state: "open", says, cure: "On Debian: apt-get install ffmpeg janus-tools" };
  }
  const own = join(recording.folder, `doctor-${randomUUID()}`);
  try {
    await mkdir(own, { recursive: true });
    await rm(own, { recursive: true });
  } catch (error) {
    const says = `nothing can be written to ${recording.folder}: ${error instanceof Error ? error.message : error}`;
    return { hop, state: "ill", says, cure: "Let this user, and that of Janus, write to JANUS_RECORDINGS." };
  }
  return { hop, state: "well", says: `ffmpeg, janus-pp-rec and ${recording.folder} are there` };
}
