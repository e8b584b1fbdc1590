import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createLog } from "../log.js";
import { createDatabaseWatch, type Probes } from "./watch.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const log = createLog("silent", false);
const gone = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED" });

/** A watch over a database that is away until the test says so, and how often it was asked. */
function watchOne() {
  let isAway = true;
  let asked = 0;
  const read: Probes["read"] = async () => {
    asked += 1;
    if (isAway) throw gone;
    return { readOnly: false };
  };
  const nothing = async () => {};
  const watch = createDatabaseWatch(
    { read, write: nothing, takeRoom: nothing, renew: nothing },
    log,
    () => {},
  );
  return {
    watch,
    asked: () => asked,
    comeBack(): void {
      isAway = false;
    },
  };
}

test.each([1, 60, 6 * 60])(
  "[OPS14] a database that was away for %i minutes is looked for twice a second, and found with the next look",
  async (minutes) => {
    const { watch, asked, comeBack } = watchOne();
    watch.note(gone);
    await vi.advanceTimersByTimeAsync(minutes * 60_000);
    expect(watch.current()?.kind).toBe("unreachable");
    expect(watch.blocked()).not.toBeNull();
    // The very first look asks twice.
    expect(asked()).toBe(minutes * 120 + 2);
    comeBack();
    await vi.advanceTimersByTimeAsync(500);
    expect(watch.current()).toBeNull();
    expect(watch.blocked()).toBeNull();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked()).toBe(minutes * 120 + 3);
    watch.stop();
  },
);

test("[OPS14] jumps of the clock while it is away change nothing of that", async () => {
  const { watch, asked, comeBack } = watchOne();
  watch.note(gone);
  await vi.advanceTimersByTimeAsync(60_000);
  for (const days of [1, -2]) {
    vi.setSystemTime(Date.now() + days * 24 * 3_600_000);
    const before = asked();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(asked() - before).toBe(120);
  }
  comeBack();
  await vi.advanceTimersByTimeAsync(500);
  expect(watch.current()).toBeNull();
  watch.stop();
});
