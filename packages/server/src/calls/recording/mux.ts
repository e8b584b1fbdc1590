import { readdir, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Logger } from "../../log.js";
import { compose, HEIGHT, readName, type Track, WIDTH } from "./composition.js";
import { type Mjr, readMjr } from "./mjr.js";
import { type RecordingPrograms, runProgram } from "./programs.js";

/** What making a file needs. */
export interface MixParts {
  readonly programs: RecordingPrograms;
  /** Bytes of the file, at most. */
  readonly bytes: number;
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** Files of one recording that are put together, the longest ones: each is decoded beside the others. */
const TRACKS = 120;
/** Janus has closed its files when they have not grown between two looks; after so many looks that is believed. */
const LOOK_AGAIN_MS = 300;
const LOOKS = 20;
/** Longest times that the programs may take. */
const UNPACK_WITHIN = 10 * 60_000;
const MIX_AT_LEAST = 10 * 60_000;
/** The mix may take so many times as long as the recording. */
const MIX_TIMES = 4;
/** The cheapest picture that can be read: about 5 MB a minute. */
const PICTURE =
  "-c:v libvpx -deadline realtime -cpu-used 8 -auto-alt-ref 0 -b:v 600k -maxrate 900k -bufsize 1800k -g 100 -threads 2";
const QUIET = ["-nostdin", "-hide_banner", "-loglevel", "error"];
const SOUND = "-c:a libopus -b:a 48k -ac 1";

/** A file that is made. */
export interface Mixed {
  readonly path: string;
  /** `null` for sound alone. */
  readonly size: { readonly width: number; readonly height: number } | null;
  readonly duration: number;
}

interface Unpacked extends Track {
  readonly path: string;
  readonly container: "ogg" | "matroska";
}

/**
 * Makes one file of what Janus wrote into a folder, of at most so many bytes; `null` where it wrote nothing. What it leaves
 * beside it there is for the caller to remove.
 */
export async function mix(folder: string, parts: MixParts): Promise<Mixed | null> {
  const { programs, bytes, signal, log } = parts;
  await whenClosed(folder, signal);
  const tracks = await unpack(folder, parts);
  if (tracks.length === 0) {
    const names = await readdir(folder);
    if (names.length === 0) log.warn({ folder }, "Janus wrote nothing into the folder; does it reach it?");
    return null;
  }
  const { graph, hasPicture, hasSound, duration } = compose(tracks);
  const [script, path] = [join(folder, "graph.txt"), join(folder, "recording.webm")];
  await writeFile(script, graph);
  const args = [
    ...[...QUIET, "-y", "-copyts"],
    // Pictures that change their size do not begin the graph anew.
    ...tracks.flatMap(({ path: input, container }) => [
      ...(container === "matroska" ? ["-reinit_filter", "0"] : []),
      ...inputOf(input, container),
    ]),
    ...["-filter_complex_threads", "1", "-filter_complex_script", script],
    ...(hasPicture ? ["-map", "[picture]", ...PICTURE.split(" ")] : []),
    ...(hasSound ? ["-map", "[sound]", ...SOUND.split(" ")] : []),
    ...["-t", (duration / 1_000).toFixed(3), "-fs", String(bytes)],
    ...["-map_metadata", "-1", "-f", "webm", `file:${path}`],
  ];
  const within = Math.max(MIX_AT_LEAST, MIX_TIMES * duration);
  await runProgram(programs.ffmpeg, args, { within, signal });
  return { path, size: hasPicture ? { width: WIDTH, height: HEIGHT } : null, duration };
}

/** Bytes of the files of a folder. */
export async function bytesIn(folder: string): Promise<number> {
  let sum = 0;
  for (const name of await readdir(folder)) sum += (await stat(join(folder, name))).size;
  return sum;
}

/** Removes what a try left beside the files of Janus. */
export async function removeUnpacked(folder: string): Promise<void> {
  for (const name of await readdir(folder))
    if (!name.endsWith(".mjr")) await rm(join(folder, name), { force: true });
}

async function whenClosed(folder: string, signal: AbortSignal): Promise<void> {
  let before = -1;
  for (let look = 0; look < LOOKS; look += 1) {
    signal.throwIfAborted();
    const now = await bytesIn(folder);
    if (now === before) return;
    before = now;
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
  }
}

async function unpack(folder: string, { programs, signal, log }: MixParts): Promise<Unpacked[]> {
  const written: (NonNullable<ReturnType<typeof readName>> & { name: string; mjr: Mjr })[] = [];
  for (const name of await readdir(folder)) {
    const named = readName(name);
    const mjr = named && (await readMjr(join(folder, name)));
    // Parlor's rooms have these codecs and no others.
    if (named && mjr && mjr.codec === (mjr.kind === "audio" ? "opus" : "vp8"))
      written.push({ ...named, name, mjr });
  }
  const longest = written.sort((a, b) => lengthOf(b.mjr) - lengthOf(a.mjr)).slice(0, TRACKS);
  longest.sort((a, b) => a.leg - b.leg);
  const begin = Math.min(...longest.map(({ mjr }) => mjr.startedAt));
  const tracks: Unpacked[] = [];
  for (const { name, slot, mjr } of longest) {
    const isSound = mjr.kind === "audio";
    const path = join(folder, `${name.slice(0, -".mjr".length)}.${isSound ? "opus" : "webm"}`);
    // While somebody is muted the clock of their voice stands still: what comes later is moved to when it came.
    const args = ["-d", "2", "-o", ...(isSound ? ["-r", "1000"] : []), join(folder, name), path];
    try {
      await runProgram(programs.janusPpRec, args, { within: UNPACK_WITHIN, signal });
      await runProgram(programs.ffmpeg, firstOf(path, isSound), { within: UNPACK_WITHIN, signal });
    } catch (err) {
      signal.throwIfAborted();
      // Nobody else is left out for it.
      log.warn({ err, file: name }, "a part of a recording can not be read");
      continue;
    }
    const start = mjr.startedAt - begin;
    const spans = mjr.spans.map(([from, to]) => [start + from, start + to] as const);
    tracks.push({ path, container: isSound ? "ogg" : "matroska", slot, start, spans });
  }
  return tracks;
}

/** Reads the first piece of a file, which fails where the mix would fail of it. */
function firstOf(path: string, isSound: boolean): string[] {
  const one = isSound ? "-frames:a" : "-frames:v";
  return [...QUIET, ...inputOf(path, isSound ? "ogg" : "matroska"), one, "1", "-f", "null", "-"];
}

function inputOf(path: string, container: Unpacked["container"]): string[] {
  // What people send is decoded here: no picture of theirs takes more memory than one of 4K.
  const bounds = container === "matroska" ? ["-max_pixels", "8847360"] : [];
  return ["-protocol_whitelist", "file", "-threads", "1", ...bounds, "-f", container, "-i", `file:${path}`];
}

function lengthOf({ spans }: Mjr): number {
  return spans.at(-1)?.[1] ?? 0;
}
