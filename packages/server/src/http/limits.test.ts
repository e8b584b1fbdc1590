import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createRateLimits } from "./limits.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("[HTTP5] an address has 1,500 requests at once and 25 a second again, and is told how many are left", () => {
  const limits = createRateLimits(true);
  const ask = (count: number, ip = "192.0.2.1") =>
    Array.from({ length: count }, () => limits.request(ip)).filter(({ refused }) => refused === null).length;
  expect(limits.request("192.0.2.1").headers).toEqual({
    "x-ratelimit-limit": "1500",
    "x-ratelimit-remaining": "1499",
    "x-ratelimit-reset": "1",
  });
  expect(ask(2_000)).toBe(1_499);
  const { refused } = limits.request("192.0.2.1");
  expect(refused).toMatchObject({ code: "rate_limited", retryAfter: 40 });
  expect(ask(1, "192.0.2.2")).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(ask(100)).toBe(25);
  vi.advanceTimersByTime(10_000);
  expect(ask(1_000)).toBe(250);
  vi.advanceTimersByTime(3_600_000);
  expect(ask(2_000)).toBe(1_500);
});
