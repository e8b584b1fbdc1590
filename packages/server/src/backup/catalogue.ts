import { schemaName, type TransactionSql } from "../db/database.js";
import type { Manifest, TableShape } from "./format.js";

/** The record of the applied steps: part of the manifest, not a table of the backup. */
const MIGRATIONS = "migrations";
/** What a fresh schema holds by itself. */
const FRESH = new Set([MIGRATIONS, "instance", "counters", "secrets"]);

/** Whether the schema of Parlor is there. */
export async function hasSchema(sql: TransactionSql): Promise<boolean> {
  const [row] = await sql<{ found: boolean }[]>`
    select to_regclass(${`${schemaName}.${MIGRATIONS}`}) is not null as found`;
  return row?.found === true;
}

/** The tables of the schema with the columns that are stored, by name. */
export async function readTables(sql: TransactionSql): Promise<TableShape[]> {
  return await sql<TableShape[]>`
    select c.relname as name, array_agg(a.attname::text order by a.attnum) as columns
    from pg_class c join pg_attribute a on a.attrelid = c.oid
    where c.relnamespace = ${schemaName}::regnamespace and c.relkind = 'r' and c.relname <> ${MIGRATIONS}
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    group by c.relname order by c.relname`;
}

/** The types of a table's columns by name, in PostgreSQL's words. */
export async function readTypes(sql: TransactionSql, table: string): Promise<Map<string, string>> {
  const rows = await sql<{ name: string; type: string }[]>`
    select a.attname as name, format_type(a.atttypid, null) as type
    from pg_attribute a where a.attrelid = ${`${schemaName}.${table}`}::regclass
      and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''`;
  return new Map(rows.map(({ name, type }) => [name, type]));
}

/** The steps that the database has. */
export async function readMigrations(sql: TransactionSql): Promise<Manifest["migrations"]> {
  return await sql<Manifest["migrations"]>`
    select id, name, checksum from ${sql(schemaName)}.${sql(MIGRATIONS)} order by id`;
}

/** The counters of columns that number themselves. */
export async function readSequences(sql: TransactionSql): Promise<Manifest["sequences"]> {
  const names = await sql<{ name: string }[]>`
    select relname as name from pg_class
    where relnamespace = ${schemaName}::regnamespace and relkind = 'S' order by relname`;
  const sequences: Manifest["sequences"] = [];
  for (const { name } of names) {
    const [row] = await sql<{ value: string; called: boolean }[]>`
      select last_value::text as value, is_called as called from ${sql(schemaName)}.${sql(name)}`;
    if (row) sequences.push({ name, ...row });
  }
  return sequences;
}

/** The first table that holds more than a server writes that nobody has used; `null` when there is none. */
export async function usedTable(sql: TransactionSql): Promise<string | null> {
  for (const { name } of await readTables(sql)) {
    if (FRESH.has(name)) continue;
    const rows = await sql`select 1 from ${sql(schemaName)}.${sql(name)} limit 1`;
    if (rows.length > 0) return name;
  }
  return null;
}

/** Whether any row of the schema mentions a text. Reads everything: for the rare case alone. */
export async function isMentioned(sql: TransactionSql, text: string): Promise<boolean> {
  for (const { name } of await readTables(sql)) {
    const rows = await sql`
      select 1 from ${sql(schemaName)}.${sql(name)} t where strpos(t::text, ${text}) > 0 limit 1`;
    if (rows.length > 0) return true;
  }
  return false;
}

/** A rule between two tables, as `alter table` writes it. */
export interface ForeignKey {
  readonly table: string;
  readonly name: string;
  readonly definition: string;
}

/** Takes the rules between tables off, so that these can be filled in any order; answers how to put them back. */
export async function dropForeignKeys(sql: TransactionSql): Promise<ForeignKey[]> {
  const keys = await sql<ForeignKey[]>`
    select c.relname as table, k.conname as name, pg_get_constraintdef(k.oid) as definition
    from pg_constraint k join pg_class c on c.oid = k.conrelid
    where k.contype = 'f' and c.relnamespace = ${schemaName}::regnamespace order by 1, 2`;
  for (const { table, name } of keys)
    await sql`alter table ${sql(schemaName)}.${sql(table)} drop constraint ${sql(name)}`;
  return keys;
}

/** Puts the rules back; PostgreSQL checks every row. */
export async function addForeignKeys(sql: TransactionSql, keys: readonly ForeignKey[]): Promise<void> {
  for (const { table, name, definition } of keys)
    await sql`alter table ${sql(schemaName)}.${sql(table)} add constraint ${sql(name)} ${sql.unsafe(definition)}`;
}
