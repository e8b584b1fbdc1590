/** Share of one core that the writes of a room may take before its frames wait for one another. */
const QUIET = 0.05;
/** Share of one core that the writes of a busy room are held to: what is between them gathers frames. */
const SHARE = 0.02;
/** Longest time that a frame waits for company, in milliseconds. */
const LONGEST_WAIT = 30;
/** Milliseconds over which the rate of frames is taken. */
const MEMORY = 1_000;

export type Pace = ReturnType<typeof createPace>;

/**
 * How long the frames of one room wait for company. A write costs nearly the same however much is in it, so gathering is
 * what saves CPU; but in a room whose writes cost little, or while there is nothing to save for, nothing waits.
 */
export function createPace() {
  /** Frames a second, and when that was true. */
  let rate = 0;
  let ratedAt = Number.NEGATIVE_INFINITY;
  let flushedAt = Number.NEGATIVE_INFINITY;
  let cost = 0;
  return {
    /** A frame came. Times are milliseconds of one clock. */
    came(now: number): void {
      rate = rate * Math.exp((ratedAt - now) / MEMORY) + 1_000 / MEMORY;
      ratedAt = now;
    },

    /** The room was written to, all members once. */
    flushed(start: number, end: number): void {
      flushedAt = end;
      cost = end - start;
    },

    /** Milliseconds until what waits is written; `isLoaded` when the process has much to do beside this room. */
    wait(now: number, isLoaded: boolean): number {
      const alone = (rate * cost) / 1_000;
      if (alone < QUIET && !isLoaded) return 0;
      return Math.max(0, flushedAt + Math.min(LONGEST_WAIT, cost * (1 / SHARE - 1)) - now);
    },
  };
}
