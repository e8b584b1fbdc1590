import { expect, test } from "vitest";
import { formatNumber, judge } from "./goal.js";
import { formatRecords, mergeRecords, parseRecords, type RunRecord } from "./record.js";
import type { Scenario } from "./scenario.js";
import { median, mediansOf } from "./statistics.js";
import { formatResults } from "./table.js";

const run = {
  at: "2026-01-02T03:04:05.000Z",
  commit: "abc1234",
  command: "npm run bench",
  machine: "a machine",
};

function record(peer: string, repeat: number, cpuPerDelivery: number, error?: string): RunRecord {
  return {
    scenario: "flat",
    peer,
    repeat,
    figures: error === undefined ? { cpuPerDelivery } : {},
    run,
    ...(error !== undefined && { error }),
  };
}

const scenario: Scenario = {
  name: "flat",
  title: "a room",
  measure: async () => ({}),
  peers: ["parlor", "floor-gather", "fastapi"],
  repeats: 3,
  columns: [{ figure: "cpuPerDelivery", title: "CPU µs/delivery" }],
  goals: [{ kind: "ratio", figure: "cpuPerDelivery", to: "floor-gather", atMost: 1.25 }],
};

const records = [
  record("parlor", 1, 9),
  record("parlor", 2, 3),
  record("parlor", 3, 4),
  record("parlor", 4, 100, "5 messages missing"),
  record("floor-gather", 1, 2),
  record("floor-gather", 2, 4),
  record("fastapi", 1, 0, "skipped: python3-fastapi not installed"),
];

test("[BENCH3] the median is the middle, or between the two middle ones", () => {
  expect(median([])).toBeUndefined();
  expect(median([3, 1, 2])).toBe(2);
  expect(median([4, 1, 2, 3])).toBe(2.5);
  expect(median([Number.NaN, 7])).toBe(7);
});

test("[BENCH3] a repeat that failed does not count", () => {
  const medians = mediansOf(records, "flat");
  expect(medians("parlor", "cpuPerDelivery")).toBe(4);
  expect(medians("fastapi", "cpuPerDelivery")).toBeUndefined();
  expect(mediansOf(records, "other")("parlor", "cpuPerDelivery")).toBeUndefined();
});

test("[BENCH3] a goal is judged by the ratio of the medians", () => {
  const [goal] = scenario.goals;
  if (!goal) throw new Error("no goal");
  expect(judge(goal, mediansOf(records, "flat"))).toEqual({
    goal: "CPU ≤ 1.25 × floor-gather",
    measured: "1.33 × (4 / 3 µs)",
    verdict: "missed",
  });
  expect(judge({ ...goal, atMost: 1.34 } as typeof goal, mediansOf(records, "flat")).verdict).toBe("met");
  expect(judge(goal, () => undefined).verdict).toBe("not measured");
});

test("[BENCH3] a bound is judged from below and from above", () => {
  const bound = { kind: "bound", figure: "x", label: "rate", unit: "/s" } as const;
  expect(judge({ ...bound, atLeast: 20_000 }, () => 20_000)).toEqual({
    goal: "rate ≥ 20,000 /s",
    measured: "20,000 /s",
    verdict: "met",
  });
  expect(judge({ ...bound, atLeast: 20_000 }, () => 19_999).verdict).toBe("missed");
  expect(judge({ ...bound, atMost: 10 }, () => 10.1).verdict).toBe("missed");
});

test.each([
  [undefined, "–"],
  [0, "0"],
  [0.12345, "0.123"],
  [1.2345, "1.23"],
  [123.45, "123"],
  [1234567.8, "1,234,568"],
])("[BENCH3] %s is written as %s", (value, text) => {
  expect(formatNumber(value)).toBe(text);
});

test("[BENCH3] the table shows goals side by side with figures, and names what was skipped", () => {
  const text = formatResults([scenario], [{ name: "parlor", title: "ours" }], records);
  expect(text).toContain("| `flat` | CPU ≤ 1.25 × floor-gather | 1.33 × (4 / 3 µs) | **missed** |");
  expect(text).toContain("| `parlor` | 4 (3) | 3 |");
  expect(text).toContain("- `fastapi`: skipped: python3-fastapi not installed");
  expect(text).toContain("- `parlor`: 5 messages missing");
  expect(text).toContain("2026-01-02 03:04 UTC, commit abc1234, `npm run bench`: a machine");
});

test("[BENCH4] a part of the table can be measured anew without the rest", () => {
  const newer = [record("parlor", 1, 1)];
  const merged = mergeRecords(records, newer);
  expect(merged.filter(({ peer }) => peer === "parlor")).toEqual(newer);
  expect(merged).toHaveLength(4);
});

test("[BENCH4] what is written is read again, and a broken line harms no other", () => {
  expect(parseRecords(`${formatRecords(records)}{"scenario":\n`)).toEqual(records);
});
