import { createHash, type Hash } from "node:crypto";
import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { syncFolder } from "../disk.js";
import { errorCode, StartupError } from "../startup-error.js";
import { SUMS } from "./format.js";
import { tarEnd, tarHeader, tarPadding } from "./tar.js";

/** Text of a chat shrinks to a fifth with little work; pictures do not shrink with any. */
const COMPRESSION = 4;

/** Writes a backup. What it has written counts for nothing until `finish`. */
export interface ArchiveWriter {
  /** Adds a file with this content. */
  add(name: string, content: Buffer): Promise<void>;
  /** Adds a file of a known size from a stream; fails when the stream is shorter or longer. */
  addStream(name: string, size: number, content: AsyncIterable<Buffer>): Promise<void>;
  /** Adds the checksums, makes all of it durable, and gives the file its name. Answers its size in bytes. */
  finish(): Promise<number>;
  /** Removes what was written. */
  abort(): Promise<void>;
}

/** Begins a backup at `path`, under another name beside it until it is whole. */
export async function createArchiveWriter(path: string, now: Date): Promise<ArchiveWriter> {
  const partial = `${path}.partial-${process.pid}`;
  const file = createWriteStream(partial, { flags: "wx", mode: 0o600 });
  await once(file, "open");
  const gzip = createGzip({ level: COMPRESSION });
  let failure: unknown;
  const piped = pipeline(gzip, file).catch((error: unknown) => {
    failure = error;
  });
  const sums: string[] = [];

  /** Resolves when the bytes went on their way, so that they pile up nowhere. */
  async function write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    const passed = new Promise<void>((resolve, reject) => {
      gzip.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    await Promise.race([passed, piped]);
    if (failure !== undefined) throw failure;
  }

  function noteSum(name: string, hash: Hash): void {
    sums.push(`${hash.digest("hex")}  ${name}\n`);
  }

  async function add(name: string, content: Buffer): Promise<void> {
    await write(tarHeader({ name, size: content.length }, now));
    await write(content);
    await write(tarPadding(content.length));
    noteSum(name, createHash("sha256").update(content));
  }

  async function addStream(name: string, size: number, content: AsyncIterable<Buffer>): Promise<void> {
    const hash = createHash("sha256");
    let written = 0;
    await write(tarHeader({ name, size }, now));
    for await (const chunk of content) {
      written += chunk.length;
      if (written > size) break;
      hash.update(chunk);
      await write(chunk);
    }
    if (written !== size) throw new Error(`${name} changed while it was read`);
    await write(tarPadding(size));
    noteSum(name, hash);
  }

  return {
    add,
    addStream,
    async finish() {
      await add(SUMS, Buffer.from(sums.join("")));
      await write(tarEnd());
      gzip.end();
      await piped;
      if (failure !== undefined) throw failure;
      const size = await makeDurable(partial);
      await giveName(partial, path);
      await syncFolder(dirname(path));
      return size;
    },
    async abort() {
      gzip.destroy();
      await piped;
      await rm(partial, { force: true });
    },
  };
}

async function makeDurable(path: string): Promise<number> {
  const handle = await open(path, "r+");
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** A file that came there meanwhile is not overwritten. */
async function giveName(partial: string, path: string): Promise<void> {
  try {
    await link(partial, path);
    await rm(partial);
  } catch (error) {
    if (errorCode(error) === "EEXIST") throw alreadyThere(path);
    // Some file systems know no links.
    await rename(partial, path);
  }
}

/** The line for a name that is taken. */
export function alreadyThere(path: string): StartupError {
  return new StartupError(`${path} is already there: give another name, or a folder.`);
}
