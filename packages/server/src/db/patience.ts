import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../log.js";
import { errorText } from "../startup-error.js";
import { isConnectionLost } from "./connection-lost.js";
import { NotSent, troubleOf } from "./trouble.js";

/** A database that dies in the middle of a start is started again, or waited for, within so many milliseconds. */
export const START_PATIENCE = 60_000;
const RETRY_EVERY = 200;

/**
 * Does again what the start asks of the database for as long as that is away, a minute at most; then the last error is
 * thrown. `work` must come out the same when it is done twice.
 */
export async function throughTrouble<T>(log: Logger, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + START_PATIENCE;
  let told = false;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isAway(error) || performance.now() > deadline) throw error;
      if (!told)
        log.warn({ reason: errorText(error) }, "the database went away during the start; waiting for it");
      told = true;
      await pause(RETRY_EVERY);
    }
  }
}

function isAway(error: unknown): boolean {
  // While the database is known to be away, a query is refused before it is sent.
  if (error instanceof NotSent || isConnectionLost(error)) return true;
  const kind = troubleOf(error);
  return kind === "unreachable" || kind === "starting";
}
