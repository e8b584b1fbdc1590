import { expect, test } from "vitest";
import { compare, describeComparison } from "./compare.js";
import type { RunRecord } from "./record.js";

const run = { at: "", commit: "", command: "", machine: "" };

function records(scenario: string, ours: number, floor: number): RunRecord[] {
  const record = (peer: string, cpuPerDelivery: number) => ({ peer, figures: { cpuPerDelivery } });
  return [record("parlor", ours), record("floor-gather", floor)].map((part) => ({
    scenario,
    repeat: 1,
    run,
    ...part,
  }));
}

const scenarios = ["a", "b", "c", "d"].map((name) => ({ name, cpuFigure: "cpuPerDelivery" }));
const last = [...records("a", 1, 1), ...records("b", 1, 1), ...records("c", 2, 1)];

test("[BENCH5] runs are compared by the ratio to the floor, whatever the machine did meanwhile", () => {
  // Everything takes three times as long, and "b" a fifth more than that.
  const now = [...records("a", 3, 3), ...records("b", 3.6, 3), ...records("c", 3, 3)];
  const verdicts = compare(scenarios, last, now).map(({ verdict }) => verdict);
  expect(verdicts).toEqual(["same", "slower", "faster", "not measured"]);
});

test("[BENCH5] 15 % are noise, more is said", () => {
  const [noise] = compare(scenarios, last, records("a", 1.14, 1));
  const [slower] = compare(scenarios, last, records("a", 1.16, 1));
  expect([noise?.verdict, slower?.verdict]).toEqual(["same", "slower"]);
});

test("[BENCH5] of several repeats the cheapest counts, on both sides", () => {
  const now = [...records("a", 3, 1.5), ...records("a", 1.1, 4), ...records("a", 2, 1)];
  const [comparison] = compare(scenarios, [...last, ...records("a", 9, 9)], now);
  expect(comparison).toMatchObject({ before: 1, after: 1.1, verdict: "same" });
});

test("[BENCH5] the words name what got slower", () => {
  const text = describeComparison(compare(scenarios, last, [...records("a", 1, 1), ...records("b", 1.5, 1)]));
  expect(text).toContain("b            1.00 then, 1.50 now (+50 %): slower");
  expect(text).toContain("d            – then, – now: not measured");
  expect(text).toContain("Slower by more than 15 %: b.");
  expect(describeComparison([])).toContain("Nothing got slower by more than 15 %.");
});
