import { describe, expect, it } from "vitest";
import { createPace } from "./pace.js";

/** Lets a room live for some seconds; answers the waits that it was given and how often it was written to. */
function live(options: { everyMs: number; costMs: number; seconds: number; isLoaded?: boolean }) {
  const { everyMs, costMs, seconds, isLoaded = false } = options;
  const pace = createPace();
  const waits: number[] = [];
  let flushes = 0;
  let flushAt: number | null = null;
  for (let now = 0; now < seconds * 1_000; now += everyMs) {
    if (flushAt !== null && flushAt <= now) {
      pace.flushed(flushAt - costMs, flushAt);
      flushes += 1;
      flushAt = null;
    }
    pace.came(now);
    const wait = pace.wait(now, isLoaded);
    waits.push(wait);
    flushAt ??= now + wait;
  }
  return { waits: waits.slice(waits.length / 2), flushes };
}

describe("the pace of a room", () => {
  it("[WS12] nothing waits in a quiet room, however many are in it", () => {
    expect(live({ everyMs: 50, costMs: 0.5, seconds: 10 }).waits.every((wait) => wait === 0)).toBe(true);
    expect(live({ everyMs: 500, costMs: 5, seconds: 10 }).waits.every((wait) => wait === 0)).toBe(true);
  });

  it("[WS12] frames of a busy room wait for one another, for at most 30 ms", () => {
    const busy = live({ everyMs: 5, costMs: 0.5, seconds: 10 });
    expect(Math.max(...busy.waits)).toBeGreaterThan(10);
    expect(busy.flushes).toBeLessThan(2_000 / 3);
    const large = live({ everyMs: 5, costMs: 20, seconds: 10 });
    expect(Math.max(...large.waits)).toBeLessThanOrEqual(30);
  });

  it("[WS12] while the process has much to do, a quiet room's frames wait for what its own writes cost", () => {
    const { waits } = live({ everyMs: 3, costMs: 0.1, seconds: 10, isLoaded: true });
    expect(Math.max(...waits)).toBeGreaterThan(0);
    expect(Math.max(...waits)).toBeLessThanOrEqual(0.1 * 49);
  });
});
