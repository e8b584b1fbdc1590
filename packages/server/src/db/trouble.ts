import { ParlorError } from "@parlor/protocol";
import { errorCode } from "../startup-error.js";

/** Codes of postgres.js and the system for "no connection now". */
const CONNECTION =
  /^(NOT_SENT|CONNECTION_|CONNECT_|ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_)/;
/**
 * SQLSTATE classes that pass: 08 connection, 25006 read-only, 28 refused login, 3D000 unknown database, 40
 * serialisation, 53 resources and disk full, 55 lock not available, 57 shutdown and cancelled statements, 58 system
 * error.
 */
const PASSING = /^(08|25006|28|3D000|40|53|55|57|58)/;

/** What the database can suffer from, and what the person who runs it does about it. */
export const TROUBLES = {
  unreachable:
    "the database can not be reached: check that PostgreSQL runs, and the host and port of DATABASE_URL",
  starting: "the database starts, stops or recovers: it comes back by itself",
  out_of_connections:
    "the database takes no more connections: end other programs' connections, or raise max_connections",
  login_refused: "the database refuses the login: check user, password and database name of DATABASE_URL",
  read_only: "the database takes no changes: make it writable, or point DATABASE_URL to the primary server",
  disk_full: "the database's disk is full: free some space there",
  slow: "the database does not answer in time: look for a lock, a long query or an overloaded disk",
  failing: "the database fails: look into its log",
} as const satisfies Record<string, string>;
export type TroubleKind = keyof typeof TROUBLES;

/** A query that Parlor has not sent: the database is known to be away, or too much waits for it already. */
export class NotSent extends Error {
  override readonly name = "NotSent";
  readonly code = "NOT_SENT";
  /** Whether the database works, but has too much to do. */
  readonly busy: boolean;

  constructor(message: string, busy: boolean) {
    super(message);
    this.busy = busy;
  }
}

/** Whether an error of a query can pass without a change of the request. */
export function isDatabaseTrouble(error: unknown): boolean {
  const code = errorCode(error);
  if (code === undefined) return false;
  return CONNECTION.test(code) || (/^[0-9A-Z]{5}$/.test(code) && PASSING.test(code));
}

/** What an error says about the database; `null` when it says nothing about more than its own query. */
export function troubleOf(error: unknown): TroubleKind | null {
  const code = errorCode(error);
  if (code === undefined || error instanceof NotSent || !isDatabaseTrouble(error)) return null;
  if (code === "25006") return "read_only";
  if (code === "53100") return "disk_full";
  if (code === "53300") return "out_of_connections";
  if (code === "57014" || code === "55P03" || code === "CONNECT_LATE") return "slow";
  if (code === "57P01" || code === "57P02" || code === "57P03") return "starting";
  if (code.startsWith("28") || code === "3D000") return "login_refused";
  if (code.startsWith("40")) return null;
  if (/^(53|58)/.test(code)) return "failing";
  return "unreachable";
}

/** The catalogue's error for whatever was thrown: database trouble is `unavailable`, the unknown `internal`. */
export function toParlorError(error: unknown): ParlorError {
  if (error instanceof ParlorError) return error;
  if (error instanceof NotSent && error.busy)
    return new ParlorError("overloaded", undefined, { cause: error });
  return new ParlorError(isDatabaseTrouble(error) ? "unavailable" : "internal", undefined, { cause: error });
}
