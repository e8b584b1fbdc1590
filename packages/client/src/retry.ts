import { FATAL_CLOSE_CODES } from "@parlor/protocol";

/** What a delay depends on. */
export interface RetryContext {
  /** How many tries have failed in a row; 0 after a connection that held. */
  readonly tries: number;
  /** Close code of the socket that ended, where there was one. */
  readonly code?: number | undefined;
  /** What the server asked for, in milliseconds. */
  readonly retryAfter?: number | undefined;
  /** From 0 up to 1. */
  readonly random: number;
}

const FIRST = 500;
/**
 * A server that restarts is away for seconds, and everybody wants to be back right after: so many tries, about twenty
 * seconds of them, come at most so long after each other. A connection that is refused costs nobody anything.
 */
const QUICK_TRIES = 20;
const QUICK = 1_500;
/** One that stays away is asked ever less often. */
const LONGEST = 30_000;
/** After "too many frames": long enough for the server's bucket to fill. */
const AFTER_TOO_MANY = 10_000;
/** All clients of a server that goes away come back within this time, not at once. */
const SPREAD = 1_500;

/**
 * Milliseconds until the next try: doubling from half a second to one and a half for the quick tries, then on to half a
 * minute; half of it is jitter. `null` means never: the close code says that trying again cannot help.
 */
export function retryDelay({ tries, code, retryAfter = 0, random }: RetryContext): number | null {
  if (code !== undefined && FATAL_CLOSE_CODES.has(code)) return null;
  const slow = Math.min(Math.max(0, tries - QUICK_TRIES + 1), 10);
  const ceiling = Math.min(LONGEST, Math.min(QUICK, FIRST * 2 ** Math.min(tries, 10)) * 2 ** slow);
  const jittered = ceiling * (0.5 + random / 2);
  if (code === 4429) return Math.max(AFTER_TOO_MANY * (1 + random / 2), jittered, retryAfter);
  if ((code === 1012 || code === 1001) && tries === 0) return Math.max(SPREAD * random, retryAfter);
  // The jitter comes on top of what the server asked for: never sooner, and not all at the same moment.
  return Math.max(jittered, retryAfter > 0 ? retryAfter + FIRST * random : 0);
}
