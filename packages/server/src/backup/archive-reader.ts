import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type * as z from "zod";
import { errorCode, errorText, StartupError } from "../startup-error.js";
import {
  FORMAT,
  filePathOf,
  MANIFEST,
  Manifest,
  META_BYTES,
  partOf,
  SUMS,
  TOTALS,
  Totals,
} from "./format.js";
import { readTar, TarError } from "./tar.js";

/** An entry of a backup while it is read. */
export interface ArchiveEntry {
  readonly name: string;
  readonly size: number;
  content(): AsyncGenerator<Buffer>;
}

/** A backup that was read once from its start to its end and is whole. */
export interface VerifiedArchive {
  readonly path: string;
  readonly manifest: Manifest;
  readonly totals: Totals;
  /** SHA-256 by the name of the entry. */
  readonly sums: ReadonlyMap<string, string>;
}

/** Reads a whole backup and checks all that it says about itself. Whatever is wrong is one line. */
export async function verifyArchive(
  path: string,
  onBytes: (count: number) => void,
): Promise<VerifiedArchive> {
  try {
    return await verify(path, onBytes);
  } catch (error) {
    throw explainArchive(path, error);
  }
}

/** Reads the entries once more, for their contents; fails when one is not what was verified. */
export async function* readVerified(archive: VerifiedArchive): AsyncGenerator<ArchiveEntry> {
  try {
    for await (const entry of entriesOf(archive.path)) {
      if (entry.name === SUMS) return;
      yield { ...entry, content: () => checkedContent(entry, archive.sums.get(entry.name)) };
    }
  } catch (error) {
    throw explainArchive(archive.path, error);
  }
}

async function* checkedContent(entry: ArchiveEntry, expected: string | undefined): AsyncGenerator<Buffer> {
  const hash = createHash("sha256");
  for await (const chunk of entry.content()) {
    hash.update(chunk);
    yield chunk;
  }
  if (hash.digest("hex") !== expected) throw new TarError(`${entry.name} changed while it was read`);
}

async function verify(path: string, onBytes: (count: number) => void): Promise<VerifiedArchive> {
  const found = new Map<string, string>();
  const rows = new Map<string, number>();
  const seen = { files: 0, bytes: 0 };
  let manifest: Manifest | undefined;
  let totals: Totals | undefined;
  let sums: Map<string, string> | undefined;
  for await (const entry of entriesOf(path)) {
    const { name, size } = entry;
    if (sums !== undefined) throw new TarError("something follows its end");
    if (found.has(name)) throw new TarError(`${name} is in it twice`);
    const part = partOf(name);
    const hash = createHash("sha256");
    const kept: Buffer[] = [];
    const isMeta = [MANIFEST, TOTALS, SUMS].includes(name);
    if (!isMeta && part === null && filePathOf(name) === null)
      throw new TarError(`${name} is none of its parts`);
    if (isMeta && size > META_BYTES) throw new TarError(`${name} is too long`);
    for await (const chunk of entry.content()) {
      hash.update(chunk);
      onBytes(chunk.length);
      if (isMeta) kept.push(chunk);
      if (part !== null) rows.set(part.table, (rows.get(part.table) ?? 0) + countLines(chunk));
    }
    const text = Buffer.concat(kept).toString();
    if (found.size === 0) manifest = readManifest(name, text);
    if (name === TOTALS) totals = parse(Totals, name, text);
    if (name === SUMS) sums = parseSums(text);
    else found.set(name, hash.digest("hex"));
    if (name.startsWith("files/")) {
      seen.files += 1;
      seen.bytes += size;
    }
  }
  if (manifest === undefined || totals === undefined || sums === undefined)
    throw new TarError("its end is missing");
  compare(found, sums);
  if (totals.files !== seen.files || totals.file_bytes !== seen.bytes)
    throw new TarError("files are missing");
  for (const { name } of manifest.tables)
    if ((rows.get(name) ?? 0) !== (totals.rows[name] ?? 0)) throw new TarError(`rows of ${name} are missing`);
  return { path, manifest, totals, sums };
}

function compare(found: ReadonlyMap<string, string>, sums: ReadonlyMap<string, string>): void {
  for (const [name, sum] of sums) {
    if (!found.has(name)) throw new TarError(`${name} is missing`);
    if (found.get(name) !== sum) throw new TarError(`${name} is not what was written`);
  }
  for (const name of found.keys()) if (!sums.has(name)) throw new TarError(`${name} does not belong to it`);
}

/** The number comes first, so that a newer form is refused as such and not as a damaged one. */
function readManifest(name: string, text: string): Manifest {
  if (name !== MANIFEST) throw new TarError("it is no backup of Parlor");
  const format = (JSON.parse(text) as { format?: unknown }).format;
  if (typeof format === "number" && format > FORMAT) {
    throw new StartupError(
      `this backup has form ${format}, this Parlor reads up to form ${FORMAT}: restore it with a newer Parlor.`,
    );
  }
  return parse(Manifest, name, text);
}

function parse<S extends z.ZodType>(schema: S, name: string, text: string): z.output<S> {
  const result = schema.safeParse(JSON.parse(text));
  if (!result.success) throw new TarError(`${name} can not be read`);
  return result.data;
}

function parseSums(text: string): Map<string, string> {
  const lines = text.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => [line.slice(66), line.slice(0, 64)]));
}

function countLines(chunk: Buffer): number {
  let count = 0;
  for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) count += 1;
  return count;
}

function entriesOf(path: string) {
  const file = createReadStream(path, { highWaterMark: 256 * 1024 });
  // The reader of the tar hears of a failure through the last stream.
  const bytes: Readable = pipeline(file, createGunzip(), () => undefined);
  return readTar(bytes);
}

function explainArchive(path: string, error: unknown): unknown {
  if (error instanceof StartupError) return error;
  const code = errorCode(error) ?? "";
  if (code === "ENOENT")
    return new StartupError(`there is no backup ${path}: give the path of a file that npm run backup made.`);
  if (code === "EACCES" || code === "EISDIR")
    return new StartupError(`${path} can not be read (${errorText(error)}).`);
  const isDamage = error instanceof TarError || error instanceof SyntaxError || code.startsWith("Z_");
  if (!isDamage && code !== "ERR_STREAM_PREMATURE_CLOSE") return error;
  return new StartupError(
    `${path} is no whole backup (${errorText(error)}): take another one. Nothing was changed.`,
  );
}
