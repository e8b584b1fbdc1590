import { errorCode } from "../startup-error.js";

/**
 * Whether an error means that the session with the database has ended, so that nobody knows what became of a commit:
 * codes of postgres.js and the system, class 08 (connection), and 57P01 to 57P03 (the session was ended).
 */
export function isConnectionLost(error: unknown): boolean {
  return /^(CONNECTION_|CONNECT_|ECONN|EPIPE|ETIMEDOUT|08|57P0[123])/.test(errorCode(error) ?? "");
}
