import { ParlorError } from "@parlor/protocol";
import { errorCode } from "../startup-error.js";

/** Codes of postgres.js and the system for "no connection now". */
const CONNECTION = /^(CONNECTION_|CONNECT_|ECONN|EPIPE|ENOENT|ETIMEDOUT|EHOSTUNREACH|ENOTFOUND|EAI_)/;
/**
 * SQLSTATE classes that pass: 08 connection, 25006 read-only, 40 serialisation, 53 resources and disk full, 55 lock not
 * available, 57 shutdown and cancelled statements, 58 system error.
 */
const PASSING = /^(08|25006|40|53|55|57|58)/;

/** Whether an error of a query can pass without a change of the request. */
export function isDatabaseTrouble(error: unknown): boolean {
  const code = errorCode(error);
  if (code === undefined) return false;
  return CONNECTION.test(code) || (/^[0-9A-Z]{5}$/.test(code) && PASSING.test(code));
}

/** The catalogue's error for whatever was thrown: database trouble is `unavailable`, the unknown `internal`. */
export function toParlorError(error: unknown): ParlorError {
  if (error instanceof ParlorError) return error;
  return new ParlorError(isDatabaseTrouble(error) ? "unavailable" : "internal", undefined, { cause: error });
}
