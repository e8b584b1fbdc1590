import { randomUUID } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Database, schemaName, type TransactionSql } from "../db/database.js";
import { checkSteps, lockSchema, migrateWithin } from "../db/migrate.js";
import type { Migration } from "../db/migrations/index.js";
import { syncFolder } from "../disk.js";
import { StartupError } from "../startup-error.js";
import { type ArchiveEntry, readVerified, type VerifiedArchive } from "./archive-reader.js";
import { addForeignKeys, dropForeignKeys, hasSchema, readTables, readTypes, usedTable } from "./catalogue.js";
import { filePathOf, type Manifest, partOf } from "./format.js";

/** Rows go into the database in statements of about so many bytes. */
const STATEMENT_BYTES = 1024 * 1024;
/** More profile changes than a server makes between a backup and its restore; 2^53 has room for two million restores. */
const PROFILE_STEP = 2 ** 32;

/** Puts a backup in the place of whatever it finds. */
export interface RestoreParts {
  readonly database: Database;
  readonly dataDir: string;
  readonly archive: VerifiedArchive;
  readonly migrations: readonly Migration[];
  /** Whether what is there may go. */
  readonly replace: boolean;
  onProgress(step: string, rows: number): void;
}

/**
 * Restores a verified backup: everything in the database in one transaction, and the files before it commits. Broken
 * off at any moment it leaves the database as it was.
 */
export async function restoreBackup(parts: RestoreParts): Promise<void> {
  const { database, archive, migrations } = parts;
  checkSteps(archive.manifest.migrations, migrations, "the backup");
  await database.transaction(async (sql) => {
    await prepareSession(sql);
    await clearTarget(sql, parts.replace);
    const last = archive.manifest.migrations.at(-1)?.id ?? 0;
    await migrateWithin(
      sql,
      migrations.filter(({ id }) => id <= last),
    );
    await fill(sql, parts);
    await migrateWithin(sql, migrations);
    await renewEpochs(sql);
    for (const { name } of await readTables(sql)) await sql`analyze ${sql(schemaName)}.${sql(name)}`;
  });
}

async function prepareSession(sql: TransactionSql): Promise<void> {
  await sql`set local idle_in_transaction_session_timeout = 0`;
  await sql`set local datestyle = 'ISO, YMD'`;
  await sql`set local intervalstyle = 'postgres'`;
}

async function clearTarget(sql: TransactionSql, replace: boolean): Promise<void> {
  await lockSchema(sql);
  const [other] = await sql<{ count: number }[]>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and application_name = 'parlor' and pid <> pg_backend_pid()`;
  if ((other?.count ?? 0) > 0) {
    throw new StartupError("a Parlor is connected to this database: stop it, and restore then.");
  }
  if (await hasSchema(sql)) {
    const used = await usedTable(sql);
    if (used !== null && !replace) {
      throw new StartupError(
        `the database is in use already (the table ${used} has rows): restore into an empty one, or add --replace to give up what it holds.`,
      );
    }
  }
  await sql`drop schema if exists ${sql(schemaName)} cascade`;
}

/** Fills the tables and writes the files, in the order of the archive. */
async function fill(sql: TransactionSql, { archive, dataDir, onProgress }: RestoreParts): Promise<void> {
  const { manifest, totals } = archive;
  const inserts = await prepareTables(sql, manifest);
  const keys = await dropForeignKeys(sql);
  const rows = new Map<string, number>();
  const folders = new Set<string>();
  for await (const entry of readVerified(archive)) {
    const part = partOf(entry.name);
    if (part !== null) {
      const insert = inserts.get(part.table);
      if (insert === undefined) continue;
      const count = await fillPart(sql, insert, entry);
      rows.set(part.table, (rows.get(part.table) ?? 0) + count);
      onProgress(part.table, count);
    }
    const path = filePathOf(entry.name);
    if (path !== null) {
      folders.add(await writeFile(join(dataDir, ...path), entry));
      onProgress("files", 0);
    }
  }
  for (const folder of folders) await syncFolder(folder);
  for (const { name } of manifest.tables) {
    if ((rows.get(name) ?? 0) !== (totals.rows[name] ?? 0)) {
      throw new StartupError(`rows of ${name} are missing after the restore. Nothing was changed.`);
    }
    await sql`alter table ${sql(schemaName)}.${sql(name)} enable trigger user`;
  }
  await addForeignKeys(sql, keys);
  for (const { name, value, called } of manifest.sequences)
    await sql`select setval(${`${schemaName}.${name}`}::regclass, ${value}::bigint, ${called})`;
}

/** Empties the tables that the steps made, and answers the statement that fills each. */
async function prepareTables(sql: TransactionSql, manifest: Manifest): Promise<Map<string, string>> {
  const present = new Map((await readTables(sql)).map(({ name, columns }) => [name, columns]));
  const inserts = new Map<string, string>();
  for (const { name, columns } of manifest.tables) {
    const types = present.has(name) ? await readTypes(sql, name) : new Map<string, string>();
    const unknown = columns.find((column) => !types.has(column));
    if (unknown !== undefined) {
      throw new StartupError(
        `the backup has ${name}.${unknown}, which this Parlor does not know. Nothing was changed.`,
      );
    }
    inserts.set(name, insertStatement(name, columns, types));
  }
  for (const name of present.keys()) {
    await sql`truncate ${sql(schemaName)}.${sql(name)} cascade`;
    if (inserts.has(name)) await sql`alter table ${sql(schemaName)}.${sql(name)} disable trigger user`;
  }
  return inserts;
}

function insertStatement(
  table: string,
  columns: readonly string[],
  types: ReadonlyMap<string, string>,
): string {
  const names = columns.map(quoted).join(", ");
  const texts = columns.map((column) => `${quoted(column)} text`).join(", ");
  const casts = columns.map((column) => `r.${quoted(column)}::${types.get(column)}`).join(", ");
  return `insert into ${quoted(schemaName)}.${quoted(table)} (${names}) overriding system value
    select ${casts} from json_to_recordset($1::text::json) as r (${texts})`;
}

async function fillPart(sql: TransactionSql, insert: string, entry: ArchiveEntry): Promise<number> {
  let count = 0;
  for await (const lines of linesOf(entry)) {
    const result = await sql.unsafe(insert, [`[${lines.join(",")}]`], { prepare: true });
    count += result.count;
  }
  return count;
}

/** The lines of an entry, gathered to about the size of a statement. */
async function* linesOf(entry: ArchiveEntry): AsyncGenerator<string[]> {
  let rest: Buffer[] = [];
  let lines: string[] = [];
  let size = 0;
  for await (const chunk of entry.content()) {
    let from = 0;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, at)]).toString("utf8");
      rest = [];
      from = at + 1;
      lines.push(line);
      size += line.length;
      if (size < STATEMENT_BYTES) continue;
      yield lines;
      lines = [];
      size = 0;
    }
    rest.push(Buffer.from(chunk.subarray(from)));
  }
  if (lines.length > 0) yield lines;
}

/** Writes beside and renames, so that nobody reads half a file; answers the folder. */
async function writeFile(path: string, entry: ArchiveEntry): Promise<string> {
  const folder = dirname(path);
  await mkdir(folder, { recursive: true });
  const partial = join(folder, `.${randomUUID()}.tmp`);
  try {
    await pipeline(Readable.from(entry.content()), createWriteStream(partial, { flags: "wx", flush: true }));
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    throw error;
  }
  return folder;
}

/**
 * Cursors and revisions that clients took after the backup must not fit the restored history: every room gets a new
 * name, so that they open it fresh, and the profiles get revisions above all that anybody has seen; `first_rev` stays
 * behind, so that each counts as changed.
 */
async function renewEpochs(sql: TransactionSql): Promise<void> {
  await sql`update rooms set epoch = replace(gen_random_uuid()::text, '-', '')`;
  await sql`update users set profile_rev = profile_rev + ${PROFILE_STEP}`;
  await sql`update counters set value = value + ${PROFILE_STEP} where name = 'profile_rev'`;
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
