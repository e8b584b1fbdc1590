import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Attachment, Message } from "@parlor/protocol";
import type { Parlor } from "./parlor.js";

const run = promisify(execFile);
const PROGRAMS = ["ffmpeg", "ffprobe", "janus-pp-rec"];

/** Whether there is what makes files of recordings. */
export const canRecord: boolean = PROGRAMS.every((name) => existsSync(`/usr/bin/${name}`));
if (!canRecord && process.env.PARLOR_REQUIRE_ALL === "1")
  throw new Error("Recordings need Debian's ffmpeg and janus-tools.");

/** What the name of a test says where it is skipped. */
export const withoutRecording: string = canRecord ? "" : " (skipped: no ffmpeg or janus-tools)";

/** Waits for the message that tells of a recording: the newest one, another than `after`. */
export async function recordingOf(
  parlor: Pick<Parlor, "url">,
  roomId: string,
  { within = 90_000, after }: { within?: number; after?: string } = {},
): Promise<Message & { recording: NonNullable<Message["recording"]> }> {
  const deadline = Date.now() + within;
  while (Date.now() < deadline) {
    const answer = await fetch(`${parlor.url}/rooms/${roomId}/messages`);
    const body = (await answer.json()) as { messages: Message[] } | Message[];
    for (const message of Array.isArray(body) ? body : body.messages) {
      const { recording } = message;
      if (recording && (after === undefined || recording.id > after)) return { ...message, recording };
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error("no message tells of the recording in time");
}

/** A recording that was fetched. */
export interface Fetched {
  readonly path: string;
  /** Kinds and codecs of what is in it. */
  readonly streams: { codec_type: string; codec_name: string; width?: number; height?: number }[];
  /** Seconds. */
  readonly duration: number;
  /** Grey values, from 0 to 255, of the picture at a second: whole lines of 1280, 720 of them. */
  pictureAt(second: number): Promise<Buffer>;
  /** How loud it is at most between two seconds, in decibels; silence is -91 or less. */
  loudest(from: number, to: number): Promise<number>;
  remove(): Promise<void>;
}

/** Fetches a recording as a member's browser does, and asks ffprobe what it is. */
export async function fetchRecording({ url }: Pick<Attachment, "url">): Promise<Fetched> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`the recording answers ${answer.status}`);
  const folder = await mkdtemp(join(tmpdir(), "parlor-recording-"));
  const path = join(folder, "recording.webm");
  await writeFile(path, Buffer.from(await answer.arrayBuffer()));
  const { stdout } = await run("ffprobe", [
    ...["-v", "error", "-show_entries", "stream=codec_type,codec_name,width,height:format=duration"],
    ...["-of", "json", path],
  ]);
  const told = JSON.parse(stdout) as { streams: Fetched["streams"]; format: { duration: string } };
  return {
    path,
    streams: told.streams,
    duration: Number(told.format.duration),
    async pictureAt(second) {
      const args = ["-v", "error", "-ss", String(second), "-i", path, "-frames:v", "1"];
      const raw = await run("ffmpeg", [...args, "-f", "rawvideo", "-pix_fmt", "gray", "-"], {
        encoding: "buffer",
        maxBuffer: 8 * 1024 * 1024,
      });
      return raw.stdout;
    },
    async loudest(from, to) {
      const args = ["-nostats", "-ss", String(from), "-to", String(to), "-i", path];
      const { stderr } = await run("ffmpeg", [...args, "-vn", "-af", "volumedetect", "-f", "null", "-"]);
      return Number(/max_volume: (-?[\d.]+) dB/.exec(stderr)?.[1] ?? Number.NEGATIVE_INFINITY);
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}

/** How different the grey values of a part of a picture are: a black or empty one has next to none. */
export function spread(
  picture: Buffer,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): number {
  const values: number[] = [];
  for (let line = y; line < y + height; line += 4)
    for (let column = x; column < x + width; column += 4) values.push(picture[line * 1280 + column] ?? 0);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
