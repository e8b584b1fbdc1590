/** Above this use of the event loop commits wait for company. */
const LOADED = 0.25;
/** Above this number of messages a second they do so in a process that has time too. */
const OFTEN = 50;
/** Milliseconds over which that number is taken. */
const MEMORY = 1_000;
/** Time between the beginnings of two commits then, in milliseconds. */
const GAP = 10;
/** So many waiting messages are company enough. */
const COMPANY = 32;

/**
 * When the next commit begins. A commit costs its round trip however much is in it (waking the database is the most of
 * it), so where messages come often they gather for a moment. Where they do not, nothing waits; nor when the senders of
 * the last commit have all sent as much again: they wait for their answers, and nobody else is to be expected.
 */
export function createCommitPace(load: { utilization(): number }) {
  let startedAt = Number.NEGATIVE_INFINITY;
  /** Messages a second, and when that was true. */
  let rate = 0;
  let ratedAt = Number.NEGATIVE_INFINITY;
  let lastSenders: ReadonlySet<string> = new Set();
  let lastCount = 0;
  /** Messages of the last commit's senders since it began. */
  let returned = 0;

  return {
    /** A message came, or a change (which has no sender here). Times are milliseconds of one clock. */
    came(now: number, sender: string | null): void {
      rate = rate * Math.exp((ratedAt - now) / MEMORY) + 1_000 / MEMORY;
      ratedAt = now;
      if (sender !== null && lastSenders.has(sender)) returned += 1;
    },

    /** A commit begins, with messages of these senders. */
    started(now: number, senders: readonly string[]): void {
      startedAt = now;
      lastSenders = new Set(senders);
      lastCount = senders.length;
      returned = 0;
    },

    /** Milliseconds until what waits, so many writes, is committed. */
    wait(now: number, waiting: number): number {
      if (waiting >= COMPANY || returned >= lastCount) return 0;
      if (rate < OFTEN && load.utilization() <= LOADED) return 0;
      return Math.max(0, startedAt + GAP - now);
    },
  };
}
