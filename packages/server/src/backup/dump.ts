import { createReadStream, type Dirent } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import type { Readable } from "node:stream";
import { type Database, schemaName, type TransactionSql } from "../db/database.js";
import { errorCode, StartupError } from "../startup-error.js";
import { type ArchiveWriter, createArchiveWriter } from "./archive-writer.js";
import { hasSchema, isMentioned, readMigrations, readSequences, readTables } from "./catalogue.js";
import {
  FILE_FOLDERS,
  FORMAT,
  filePathOf,
  MANIFEST,
  type Manifest,
  partName,
  type TableShape,
  TOTALS,
  type Totals,
} from "./format.js";

/** A table's rows are written in parts of about so many bytes: what is in memory at one time. */
const PART_BYTES = 4 * 1024 * 1024;

/** Tells how far it is: what is being read, and how many rows and bytes of files are done. */
export type OnProgress = (step: string, done: { rows: number; fileBytes: number }) => void;

/** A file that the snapshot needs was removed meanwhile: the message that it belonged to was deleted, say. */
export class FileGone extends StartupError {}

/** A backup that was written. */
export interface WrittenBackup {
  readonly totals: Totals;
  /** Of the file, in bytes. */
  readonly size: number;
}

/** Writes a backup of the database and of the files in `dataDir` to `path`; people go on writing meanwhile. */
export async function writeBackup(parts: {
  database: Database;
  dataDir: string;
  path: string;
  onProgress: OnProgress;
}): Promise<WrittenBackup> {
  const { database, dataDir, path, onProgress } = parts;
  const now = new Date();
  const archive = await createArchiveWriter(path, now);
  try {
    const totals = await database.snapshot(async (sql) => {
      await prepareSession(sql);
      const manifest = await readManifest(sql, now);
      // A file is there before the row that names it, and stays a day longer: all that this snapshot's rows name is
      // in this list.
      const files = await listFiles(dataDir);
      await archive.add(MANIFEST, json(manifest));
      const done = { rows: 0, fileBytes: 0 };
      const rows: Record<string, number> = {};
      for (const table of manifest.tables) {
        rows[table.name] = await dumpTable(sql, table, archive, (count) => {
          done.rows += count;
          onProgress(table.name, done);
        });
      }
      let kept = 0;
      for (const file of files) {
        const size = await addFile(sql, archive, dataDir, file);
        if (size === null) continue;
        kept += 1;
        done.fileBytes += size;
        onProgress("files", done);
      }
      return { rows, files: kept, file_bytes: done.fileBytes };
    });
    await archive.add(TOTALS, json(totals));
    return { totals, size: await archive.finish() };
  } catch (error) {
    await archive.abort();
    throw error;
  }
}

/** Values are written as text: the settings that shape it are fixed, and nothing ends a long transaction. */
async function prepareSession(sql: TransactionSql): Promise<void> {
  await sql`set local idle_in_transaction_session_timeout = 0`;
  await sql`set local datestyle = 'ISO, YMD'`;
  await sql`set local intervalstyle = 'postgres'`;
}

async function readManifest(sql: TransactionSql, now: Date): Promise<Manifest> {
  if (!(await hasSchema(sql))) {
    throw new StartupError("the database holds nothing of Parlor: check DATA_DIR and DATABASE_URL.");
  }
  const [version] = await sql<{ server_version: string }[]>`show server_version`;
  return {
    format: FORMAT,
    created_at: now.toISOString(),
    postgresql: version?.server_version ?? "",
    migrations: await readMigrations(sql),
    tables: await readTables(sql),
    sequences: await readSequences(sql),
  };
}

/** Writes the rows of a table in parts; answers how many there are. */
async function dumpTable(
  sql: TransactionSql,
  { name, columns }: TableShape,
  archive: ArchiveWriter,
  onRows: (count: number) => void,
): Promise<number> {
  const texts = columns.map((column) => `${quoted(column)}::text`).join(", ");
  const from = `select ${texts} from ${quoted(schemaName)}.${quoted(name)}`;
  // JSON holds no control character, so with these two the lines come as they are.
  const format = `(format csv, delimiter E'\\x01', quote E'\\x02')`;
  const stream: Readable = await sql
    .unsafe(`copy (select row_to_json(r) from (${from}) r) to stdout with ${format}`)
    .readable();
  let total = 0;
  let part = 0;
  let held: Buffer[] = [];
  let size = 0;
  const flush = async (upTo: Buffer) => {
    const content = Buffer.concat([...held, upTo]);
    const count = countLines(content);
    part += 1;
    await archive.add(partName(name, part), content);
    total += count;
    onRows(count);
    held = [];
    size = 0;
  };
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    const end = size + chunk.length < PART_BYTES ? -1 : chunk.lastIndexOf(10);
    if (end === -1) {
      // The driver reuses the memory of what it hands out.
      held.push(Buffer.from(chunk));
      size += chunk.length;
      continue;
    }
    await flush(Buffer.from(chunk.subarray(0, end + 1)));
    const rest = Buffer.from(chunk.subarray(end + 1));
    held = [rest];
    size = rest.length;
  }
  if (size > 0) await flush(Buffer.alloc(0));
  // The driver may have paused the connection at the last rows, and would not hear what follows.
  stream._read(0);
  return total;
}

/** Adds a file; `null` when it went since it was listed, which only a file may do that no row names. */
async function addFile(
  sql: TransactionSql,
  archive: ArchiveWriter,
  dataDir: string,
  name: string,
): Promise<number | null> {
  const path = join(dataDir, name);
  try {
    const { size } = await stat(path);
    await archive.addStream(`files/${name}`, size, createReadStream(path) as AsyncIterable<Buffer>);
    return size;
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
    // Rows name a file by the digits that its name begins with.
    const id = /^[0-9a-f]{16,}/.exec(basename(name))?.[0] ?? basename(name);
    if (!(await isMentioned(sql, id))) return null;
    throw new FileGone(`${path} was removed while the backup was made: make it again.`);
  }
}

async function listFiles(dataDir: string): Promise<string[]> {
  const found: string[] = [];
  for (const folder of FILE_FOLDERS) await listBelow(dataDir, folder, found);
  return found.sort();
}

async function listBelow(dataDir: string, folder: string, found: string[]): Promise<void> {
  const entries: Dirent[] = await readdir(join(dataDir, folder), { withFileTypes: true }).catch((error) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  for (const entry of entries) {
    const name = `${folder}/${entry.name}`;
    if (entry.isDirectory()) await listBelow(dataDir, name, found);
    else if (entry.isFile() && filePathOf(`files/${name}`) !== null) found.push(name);
  }
}

function countLines(content: Buffer): number {
  let count = 0;
  for (let at = content.indexOf(10); at !== -1; at = content.indexOf(10, at + 1)) count += 1;
  return count;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
