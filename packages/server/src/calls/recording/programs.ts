import { spawn } from "node:child_process";
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { delimiter, isAbsolute, join } from "node:path";

/** What a program says when it fails: its last words, in bytes. */
const SAID_BYTES = 4_000;
/** Others go first: a recording is in no hurry. */
const NICENESS = "15";

/** The programs that make a file of a recording. */
export interface RecordingPrograms {
  readonly ffmpeg: string;
  readonly janusPpRec: string;
}

/** Looks for the programs in `PATH`; names those that are not there. */
export async function findPrograms(path = process.env.PATH ?? ""): Promise<RecordingPrograms | string[]> {
  const [ffmpeg, janusPpRec] = [await find("ffmpeg", path), await find("janus-pp-rec", path)];
  if (ffmpeg !== null && janusPpRec !== null) return { ffmpeg, janusPpRec };
  return [...(ffmpeg === null ? ["ffmpeg"] : []), ...(janusPpRec === null ? ["janus-pp-rec"] : [])];
}

async function find(name: string, path: string): Promise<string | null> {
  for (const folder of path.split(delimiter)) {
    if (!isAbsolute(folder)) continue;
    const program = join(folder, name);
    const isThere = await access(program, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (isThere) return program;
  }
  return null;
}

/** Runs a program behind all others, without a shell; throws when it fails, takes longer than `within`, or is aborted. */
export function runProgram(
  program: string,
  args: readonly string[],
  { within, signal }: { within: number; signal: AbortSignal },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn("nice", ["-n", NICENESS, program, ...args], {
      stdio: ["ignore", "ignore", "pipe"],
      timeout: within,
      killSignal: "SIGKILL",
      signal,
      env: { PATH: process.env.PATH },
    });
    let said = "";
    child.stderr.on("data", (text: Buffer) => {
      said = (said + String(text)).slice(-SAID_BYTES);
    });
    child.on("error", reject);
    child.on("close", (code, killedBy) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${code ?? killedBy}: ${said.trim()}`));
    });
  });
}
