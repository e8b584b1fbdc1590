import type { CallInfo } from "@parlor/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createMemoryBus } from "../bus/memory.js";
import { createAnnouncer } from "./announcer.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("[CALL1] a room hears of its call at once, of what changes then after 300 ms, and of nothing twice", () => {
  const bus = createMemoryBus();
  const told: number[] = [];
  bus.subscribe((_, { json }) => told.push(JSON.parse(json).call?.count ?? 0));
  let count = 1;
  let rev = 0;
  const announcer = createAnnouncer(bus, () => {
    rev += 1;
    return count === 0 ? null : ({ rev, count } as unknown as CallInfo);
  });
  const become = (next: number) => {
    count = next;
    announcer.changed("hall");
  };
  become(1);
  expect(told).toEqual([1]);
  become(2);
  become(3);
  vi.advanceTimersByTime(299);
  expect(told).toEqual([1]);
  vi.advanceTimersByTime(1);
  expect(told).toEqual([1, 3]);
  // Back before it was told.
  become(4);
  become(3);
  vi.advanceTimersByTime(300);
  expect(told).toEqual([1, 3]);
  vi.advanceTimersByTime(300);
  become(5);
  expect(told).toEqual([1, 3, 5]);
  // A crowd that comes one after the other for three seconds: at most one frame in 300 ms.
  for (let ms = 0; ms < 3_000; ms += 10) {
    become(count + 1);
    vi.advanceTimersByTime(10);
  }
  expect(told.slice(3)).toHaveLength(10);
  vi.advanceTimersByTime(300);
  expect(told.at(-1)).toBe(count);
  vi.advanceTimersByTime(300);
  become(0);
  expect(told.at(-1)).toBe(0);
  announcer.close();
});
