import { createHash } from "node:crypto";
import type { Logger } from "../log.js";
import { StartupError } from "../startup-error.js";
import { type Database, schemaName, type TransactionSql } from "./database.js";
import { type Migration, migrations as ownMigrations } from "./migrations/index.js";

/** A step that a database has. */
export interface AppliedMigration {
  readonly id: number;
  readonly name: string;
  readonly checksum: string;
}

/** Any number will do, as long as no other program takes the same; this one spells "parlor". */
const migrationLock = 0x7061726c6f72;

/** Brings the schema up to date; safe when several nodes start together. Answers how many steps ran. */
export async function migrate(
  database: Database,
  log: Logger,
  migrations: readonly Migration[] = ownMigrations,
): Promise<number> {
  const ordered = [...migrations].sort((a, b) => a.id - b.id);
  await database.transaction(prepare);
  let count = 0;
  // Each step takes the lock anew and looks again: what another node has applied meanwhile is skipped.
  for (const migration of ordered) {
    const ran = await database.transaction((sql) => applyOnce(sql, migration, ordered));
    if (!ran) continue;
    count++;
    log.info({ id: migration.id, name: migration.name }, "database migrated");
  }
  if (ordered.length === 0) await database.transaction((sql) => readApplied(sql, ordered));
  return count;
}

/** Takes the steps that are missing within a transaction of the caller's, so that all of it happens or nothing. */
export async function migrateWithin(sql: TransactionSql, migrations: readonly Migration[]): Promise<void> {
  const ordered = [...migrations].sort((a, b) => a.id - b.id);
  await prepare(sql);
  for (const migration of ordered) await applyOnce(sql, migration, ordered);
}

/** Keeps every other start and restore out of the schema until the transaction ends. */
export async function lockSchema(sql: TransactionSql): Promise<void> {
  await lock(sql);
}

async function prepare(sql: TransactionSql): Promise<void> {
  await lock(sql);
  const [present] = await sql<{ found: boolean }[]>`
    select to_regclass(${`${schemaName}.migrations`}) is not null as found`;
  if (present?.found) return;
  await sql`create schema if not exists ${sql(schemaName)}`;
  await sql`create table ${sql(schemaName)}.migrations (
    id int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  )`;
}

async function applyOnce(
  sql: TransactionSql,
  migration: Migration,
  known: readonly Migration[],
): Promise<boolean> {
  await lock(sql);
  const applied = await readApplied(sql, known);
  if (applied.has(migration.id)) return false;
  // A step may rewrite a large table: the pool's limit for one statement is meant for requests.
  await sql`set local statement_timeout = 0`;
  await sql.unsafe(migration.sql);
  await sql`insert into ${sql(schemaName)}.migrations (id, name, checksum)
    values (${migration.id}, ${migration.name}, ${checksumOf(migration)})`;
  return true;
}

function lock(sql: TransactionSql): PromiseLike<unknown> {
  return sql`select pg_advisory_xact_lock(${migrationLock}::bigint)`;
}

async function readApplied(sql: TransactionSql, known: readonly Migration[]): Promise<Set<number>> {
  const rows = await sql<AppliedMigration[]>`
    select id, name, checksum from ${sql(schemaName)}.migrations order by id`;
  checkSteps(rows, known, "the database");
  return new Set(rows.map((row) => row.id));
}

/** Refuses steps that this Parlor does not know; `what` has them. */
export function checkSteps(
  applied: readonly AppliedMigration[],
  known: readonly Migration[],
  what: string,
): void {
  const byId = new Map(known.map((migration) => [migration.id, migration]));
  for (const step of applied) {
    const migration = byId.get(step.id);
    if (migration === undefined) {
      throw new StartupError(
        `${what} is newer than this Parlor (it has step ${step.id} "${step.name}"): start the newer version.`,
      );
    }
    if (checksumOf(migration) !== step.checksum) {
      throw new StartupError(
        `step ${step.id} "${step.name}" of ${what} differs from this Parlor's: start the version that made it.`,
      );
    }
  }
}

function checksumOf(migration: Migration): string {
  return createHash("sha256").update(migration.sql).digest("hex");
}
