import { expect, test } from "vitest";
import { createHistogram } from "./histogram.js";

test("[BENCH2] quantiles are within 3 % of the truth", () => {
  const histogram = createHistogram();
  for (let value = 1; value <= 10_000; value += 1) histogram.add(value / 100);
  expect(histogram.count).toBe(10_000);
  expect(histogram.max).toBe(100);
  for (const [share, truth] of [
    [0.5, 50],
    [0.99, 99],
    [0.01, 1],
  ] as const) {
    expect(Math.abs(histogram.quantile(share) / truth - 1)).toBeLessThan(0.03);
  }
});

test("[BENCH2] no quantile exceeds the largest value, and an empty histogram has none", () => {
  const histogram = createHistogram();
  expect(histogram.quantile(0.5)).toBe(0);
  histogram.add(7);
  expect(histogram.quantile(0.99)).toBeLessThanOrEqual(7);
});
