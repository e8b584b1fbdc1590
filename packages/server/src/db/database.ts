import postgres from "postgres";
import type { Logger } from "../log.js";
import { errorCode, errorText, StartupError } from "../startup-error.js";
import { arrayTypes } from "./array-types.js";
import { type Connection, type ConnectionSettings, createConnection, type Types } from "./connection.js";
import { isConnectionLost } from "./connection-lost.js";
import { connectionOf } from "./connection-url.js";
import { createGate } from "./gate.js";
import { askDatabase, askOn, guardQueries, guardSession, guardTransaction } from "./guard.js";
import { createPool, type Pool } from "./pool.js";
import { NotSent, troubleOf } from "./trouble.js";
import { createDatabaseWatch, type Probes, type Trouble } from "./watch.js";

/** The schema that holds everything of Parlor, so that it can share a database with other tables. */
export const schemaName = "parlor";
const oldestVersion = 15;

/** The one inside a transaction. */
export type TransactionSql = postgres.TransactionSql<Types>;
/** The tagged template that runs a query, inside and outside of transactions. */
export type Query = postgres.ISql<Types>;
/** A part of a query. */
export type Fragment = postgres.PendingQuery<postgres.Row[]>;

/** A pool of connections to the one database. */
export interface Database {
  readonly sql: Query;
  /** Runs `work` in a transaction that commits when it resolves. */
  transaction<T>(work: (sql: TransactionSql) => Promise<T>): Promise<T>;
  /** Runs `work` in a transaction that writes nothing and sees one moment throughout. */
  snapshot<T>(work: (sql: TransactionSql) => Promise<T>): Promise<T>;
  /** Asks the database how it is; answers within two seconds, `null` when all is well. */
  check(): Promise<Trouble | null>;
  /**
   * Waits for running queries, five seconds unless told otherwise, half a one where the database is in trouble; closes
   * all connections.
   */
  close(seconds?: number): Promise<void>;
}

/** Where the database is, and what a test or a tool sets differently. */
export interface DatabaseOptions {
  readonly url: string;
  /** How many connections at most; 10. */
  readonly max?: number;
  /** Shown in pg_stat_activity; "parlor". */
  readonly name?: string;
  /** For tools, whose statements may take as long as they do and wait for as long as they must. */
  readonly patient?: boolean;
}

/** A statement of a request takes at most so long. */
const STATEMENT_MS = 8_000;
/** So long a transaction may be left alone: less than others wait for what it has locked. */
const IDLE_MS = 5_000;
/** A query of which nothing is heard for so long is given up, and its connection broken off. */
const SILENCE_MS = 10_000;
/** Queries that wait for a place, at most, and for how long. */
const WAITING = 2_000;
const PATIENCE_MS = 3_000;
/** Seconds for a new connection. */
const CONNECT_SECONDS = 3;

/**
 * Makes the pool; it connects with the first query, and again by itself after a break. While the database is away
 * queries fail at once; while it is slow a bounded number waits for a bounded time.
 */
export function connectDatabase(options: DatabaseOptions, log: Logger): Database {
  const { patient = false } = options;
  const address = connectionOf(options.url);
  const settings = { ...address.options, ...settingsOf(options, log) };
  const connect = (onBroken: () => void) => createConnection(address.url, settings, onBroken);
  const deadlineMs = patient ? null : SILENCE_MS;
  const pool = createPool({
    max: options.max ?? 10,
    connect,
    greet: (connection) => askOn(connection, deadlineMs, readProbe),
    onSettled: () => gate.next(),
    // Of all other trouble the queries that are sent tell.
    onNotGrown(error) {
      if (troubleOf(error) === "out_of_connections")
        log.warn(
          { reason: errorText(error) },
          "works with the connections it has: the database gives no more",
        );
    },
  });
  let isClosed = false;
  const watch = createDatabaseWatch(probesOf(pool, deadlineMs, connect), log, (error) =>
    gate.refuseAll(error),
  );
  const gate = createGate<Connection>({
    take: (alone) => pool.take(alone),
    waiting: patient ? Number.POSITIVE_INFINITY : WAITING,
    patienceMs: patient ? null : PATIENCE_MS,
    blocked() {
      if (isClosed) return new NotSent("the connections are closed", false);
      return patient ? null : watch.blocked();
    },
    onImpatience: () => void watch.check(),
  });
  const guards = { gate, pool, watch, deadlineMs };
  const begin = <T>(mode: string, work: (transaction: TransactionSql) => Promise<T>) =>
    guardTransaction(guards, ({ sql }, begun) =>
      runTransaction(sql, mode, async (transaction) => {
        begun();
        return await work(transaction);
      }),
    );
  return {
    // Makes queries, and never runs one itself.
    sql: guardQueries<Query>(postgres(address.url, { ...settings, max: 1 }), guards),
    transaction: (work) => begin("", work),
    snapshot: (work) => begin("isolation level repeatable read read only", work),
    check: () => watch.check(),
    async close(seconds = 5) {
      watch.stop();
      isClosed = true;
      gate.refuseAll(new NotSent("the connections are closed", false));
      await pool.end(watch.current() === null ? seconds : Math.min(seconds, 0.5));
    },
  };
}

function settingsOf(
  { patient: isPatient = false, name = "parlor" }: DatabaseOptions,
  log: Logger,
): ConnectionSettings {
  return {
    isPatient,
    connect_timeout: CONNECT_SECONDS,
    types: { ...arrayTypes, bigint: { to: 20, from: [20], serialize: String, parse: Number } },
    onnotice: (notice: postgres.Notice) => log.debug({ notice: notice.message }, "database notice"),
    connection: {
      application_name: name,
      search_path: schemaName,
      statement_timeout: isPatient ? 0 : STATEMENT_MS,
      // A session whose client vanished without a word must not hold the locks of its transaction.
      idle_in_transaction_session_timeout: isPatient ? 0 : IDLE_MS,
      TimeZone: "UTC",
      // A chat's queries are short: compiling one takes longer than it does.
      jit: "off",
    },
  };
}

function probesOf(
  pool: Pool,
  deadlineMs: number | null,
  connect: (onBroken: () => void) => Connection,
): Probes {
  return {
    read: () => askDatabase(pool, deadlineMs, readProbe),
    write: () => askDatabase(pool, deadlineMs, writeProbe),
    takeRoom: () =>
      askDatabase(pool, deadlineMs, (sql) =>
        roomProbe(sql).catch((error: unknown) => {
          // Not every user may make temporary tables.
          if (errorCode(error) !== "42501") throw error;
          return writeProbe(sql);
        }),
      ),
    async renew() {
      const fresh = connect(() => undefined);
      const { readOnly } = await readProbe(fresh.sql).finally(() => fresh.end(1));
      if (!readOnly) pool.breakAll();
    },
  };
}

async function readProbe(sql: Query): Promise<{ readOnly: boolean }> {
  const [row] = await sql<{ read_only: boolean }[]>`
    select pg_is_in_recovery() or current_setting('transaction_read_only') = 'on' as read_only`;
  return { readOnly: row?.read_only === true };
}

async function writeProbe(sql: Query): Promise<void> {
  await sql`update instance set created_at = created_at`;
}

async function roomProbe(sql: Query): Promise<void> {
  await sql`
    create temporary table room_probe on commit drop as
    select repeat('x', 1900) as line from generate_series(1, 256)`;
}

/**
 * A transaction whose connection broke is left alone: postgres.js would write its `rollback` to a socket that is gone,
 * from a callback that nobody can catch, which ends the process. The database rolls back by itself.
 */
function runTransaction<T>(
  sql: Connection["sql"],
  mode: string,
  work: (transaction: TransactionSql) => Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const never = new Promise<never>(() => {});
    let hasEnded = false;
    // `begin` is typed to unwrap arrays of promises; a boxed result passes through it unchanged.
    const done = sql.begin(mode, async (transaction) => {
      const value = await work(guardSession(transaction, () => hasEnded)).catch((error: unknown) => {
        if (!isConnectionLost(error)) throw error;
        reject(error);
        return never;
      });
      return { value };
    });
    done.then(
      ({ value }) => resolve(value),
      (error: unknown) => {
        hasEnded = true;
        reject(error);
      },
    );
  });
}

/** Waits until the database answers, and refuses one that Parlor's SQL does not run on. */
export async function awaitDatabase(database: Database, log: Logger, patienceMs = 10_000): Promise<void> {
  const deadline = performance.now() + patienceMs;
  for (let attempt = 1; ; attempt++) {
    try {
      const [row] = await database.sql<{ version: number; path: string }[]>`
        select current_setting('server_version_num')::int as version, current_setting('search_path') as path`;
      checkVersion(row?.version ?? 0);
      if (row?.path !== schemaName) throw pooled("drops");
      return;
    } catch (error) {
      const wait = Math.min(1000, 100 * attempt);
      if (!isTemporary(error) || performance.now() + wait > deadline) throw unreachable(error);
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

/** Parlor's connections need settings of their own, and statements that stay prepared: no pooler shares such ones. */
function pooled(does: "refuses" | "drops"): StartupError {
  return new StartupError(
    `DATABASE_URL leads to a connection pooler that ${does} a connection's settings (search_path): ` +
      "set it to the address of PostgreSQL itself (often another port or host, named direct or non-pooling).",
  );
}

/** Class 28 is a refused login, 3D000 an unknown database: waiting mends neither. */
function isTemporary(error: unknown): boolean {
  if (error instanceof StartupError) return false;
  const code = errorCode(error) ?? "";
  if (isRefusedSetting(error)) return false;
  return !code.startsWith("28") && code !== "3D000" && code !== "AUTH_TYPE_NOT_IMPLEMENTED";
}

/** PgBouncer's words, which others took over. */
function isRefusedSetting(error: unknown): boolean {
  return errorText(error).includes("unsupported startup parameter");
}

function unreachable(error: unknown): StartupError {
  if (error instanceof StartupError) return error;
  if (isRefusedSetting(error)) return pooled("refuses");
  return new StartupError(
    `the database does not answer (${errorText(error)}): check that it runs and that DATABASE_URL is right.`,
    { cause: error },
  );
}
