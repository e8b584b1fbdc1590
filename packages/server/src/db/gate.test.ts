import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createGate } from "./gate.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const PATIENCE = 3_000;

test.each([
  ["no jump", 0],
  ["a jump forward", 24 * 3_600_000],
  ["a jump back", -24 * 3_600_000],
])("[OPS14] each waits as long as it is to, whatever the clock shows: %s", (_, jump) => {
  const gate = createGate<object>({
    take: () => null,
    waiting: 10,
    patienceMs: PATIENCE,
    blocked: () => null,
    onImpatience: () => {},
  });
  const started = performance.now();
  const refused: number[] = [];
  const enter = () =>
    gate.enter({
      alone: false,
      start: () => {},
      refuse: () => void refused.push(performance.now() - started),
    });
  enter();
  vi.advanceTimersByTime(2_000);
  enter();
  vi.setSystemTime(Date.now() + jump);
  vi.advanceTimersByTime(PATIENCE - 2_001);
  expect(refused).toEqual([]);
  vi.advanceTimersByTime(10 * PATIENCE);
  expect(refused).toEqual([PATIENCE, PATIENCE + 2_000]);
});
