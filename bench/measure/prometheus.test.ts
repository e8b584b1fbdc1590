import { expect, test } from "vitest";
import { countedBetween, histogramOf, quantile } from "./prometheus.js";

const text = `# TYPE other_seconds histogram
other_seconds_bucket{le="1"} 5
# TYPE wait_seconds histogram
wait_seconds_bucket{le="0.001"} 50
wait_seconds_bucket{le="0.01"} 90
wait_seconds_bucket{le="+Inf"} 100
wait_seconds_sum 1.5
wait_seconds_count 100
`;

test("[BENCH2] a histogram is read out of a text of Prometheus", () => {
  expect(histogramOf(text, "wait_seconds")).toEqual([
    { upTo: 0.001, count: 50 },
    { upTo: 0.01, count: 90 },
    { upTo: Number.POSITIVE_INFINITY, count: 100 },
  ]);
  expect(histogramOf(text, "unknown_seconds")).toEqual([]);
});

test("[BENCH2] a quantile lies in proportion between the bounds of its bucket", () => {
  const buckets = histogramOf(text, "wait_seconds");
  expect(quantile(buckets, 0.25)).toBeCloseTo(0.0005);
  expect(quantile(buckets, 0.7)).toBeCloseTo(0.0055);
  expect(quantile(buckets, 0.99)).toBe(0.01);
  expect(quantile([], 0.5)).toBeNaN();
});

test("[BENCH2] what came before the measured time does not count", () => {
  const before = histogramOf(text, "wait_seconds");
  const after = before.map(({ upTo, count }) => ({ upTo, count: count + (upTo >= 0.01 ? 10 : 0) }));
  expect(countedBetween(before, after).map(({ count }) => count)).toEqual([0, 10, 10]);
  expect(countedBetween([], before)).toEqual(before);
});
