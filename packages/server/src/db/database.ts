import postgres from "postgres";
import type { Logger } from "../log.js";
import { errorCode, errorText, StartupError } from "../startup-error.js";
import { connectionOf } from "./connection-url.js";

/** The schema that holds everything of Parlor, so that it can share a database with other tables. */
export const schemaName = "parlor";
const oldestVersion = 15;

/** Parlor's rows: `int8` comes as a number, since Parlor's counters stay below 2^53. */
type Types = { bigint: number };
/** The tagged template that runs a query. */
export type Sql = postgres.Sql<Types>;
/** The same inside a transaction. */
export type TransactionSql = postgres.TransactionSql<Types>;
/** Either of them, for functions that run inside and outside of transactions. */
export type Query = postgres.ISql<Types>;

/** A pool of connections to the one database. */
export interface Database {
  readonly sql: Sql;
  /** Runs `work` in a transaction that commits when it resolves. */
  transaction<T>(work: (sql: TransactionSql) => Promise<T>): Promise<T>;
  /** Waits up to five seconds for running queries, then closes all connections. */
  close(): Promise<void>;
}

/** Where the database is, and what a test or a tool sets differently. */
export interface DatabaseOptions {
  readonly url: string;
  /** How many connections at most; 10. */
  readonly max?: number;
  /** Shown in pg_stat_activity; "parlor". */
  readonly name?: string;
}

/** Makes the pool; it connects with the first query, and again by itself after a break. */
export function connectDatabase(options: DatabaseOptions, log: Logger): Database {
  const address = connectionOf(options.url);
  const sql: Sql = postgres(address.url, {
    ...address.options,
    max: options.max ?? 10,
    connect_timeout: 5,
    types: { bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    onnotice: (notice) => log.debug({ notice: notice.message }, "database notice"),
    connection: {
      application_name: options.name ?? "parlor",
      search_path: schemaName,
      statement_timeout: 30_000,
      TimeZone: "UTC",
    },
  });
  return {
    sql,
    transaction: async <T>(work: (transaction: TransactionSql) => Promise<T>) => {
      // `begin` is typed to unwrap arrays of promises; a boxed result passes through it unchanged.
      const box = await sql.begin(async (transaction) => ({ value: await work(transaction) }));
      return box.value;
    },
    close: () => sql.end({ timeout: 5 }),
  };
}

/** Waits until the database answers, and refuses one that Parlor's SQL does not run on. */
export async function awaitDatabase(database: Database, log: Logger, patienceMs = 10_000): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    try {
      const [row] = await database.sql<{ server_version_num: string }[]>`show server_version_num`;
      return checkVersion(Number(row?.server_version_num));
    } catch (error) {
      const wait = Math.min(1000, 100 * attempt);
      if (!isTemporary(error) || Date.now() + wait > deadline) throw unreachable(error);
      if (attempt === 1) log.warn({ reason: errorText(error) }, "waiting for the database");
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}

function checkVersion(version: number): void {
  const major = Math.floor(version / 10_000);
  if (major >= oldestVersion) return;
  throw new StartupError(
    `the database is PostgreSQL ${major}, Parlor needs ${oldestVersion} or newer: upgrade it or change DATABASE_URL.`,
  );
}

/** Class 28 is a refused login, 3D000 an unknown database: waiting mends neither. */
function isTemporary(error: unknown): boolean {
  if (error instanceof StartupError) return false;
  const code = errorCode(error) ?? "";
  return !code.startsWith("28") && code !== "3D000" && code !== "AUTH_TYPE_NOT_IMPLEMENTED";
}

function unreachable(error: unknown): StartupError {
  if (error instanceof StartupError) return error;
  return new StartupError(
    `the database does not answer (${errorText(error)}): check that it runs and that DATABASE_URL is right.`,
    { cause: error },
  );
}
