import type { Clock } from "../../src/clock.js";

/** A clock whose time passes only when the test says so. */
export function createFakeClock() {
  let now = 0;
  let timers: { at: number; run: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after(milliseconds, run) {
      const timer = { at: now + milliseconds, run };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
  };

  /** Goes to the next timer, if there is one before `limit`, and runs it. */
  async function next(limit = Number.POSITIVE_INFINITY): Promise<boolean> {
    await settle();
    timers.sort((a, b) => a.at - b.at);
    const timer = timers[0];
    if (!timer || timer.at > limit) return false;
    timers.shift();
    now = Math.max(now, timer.at);
    timer.run();
    await settle();
    return true;
  }

  return {
    clock,
    next,
    /** Lets so much time pass. */
    async pass(milliseconds: number): Promise<void> {
      const end = now + milliseconds;
      while (await next(end));
      now = end;
    },
    /** Lets time pass until something holds, for at most ten minutes of it. */
    async until(holds: () => boolean): Promise<void> {
      const end = now + 600_000;
      await settle();
      while (!holds()) {
        if (!(await next(end))) throw new Error("What the test waits for never happens.");
      }
    },
  };
}

/** Lets everything run that waits for no timer. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
