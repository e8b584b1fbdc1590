import { describe, expect, it } from "vitest";
import { createCommitPace } from "./commit-pace.js";

/** A pace that has seen 400 messages of many senders, each so many milliseconds after the one before. */
function setUp({ utilization, every }: { utilization: number; every: number }) {
  const pace = createCommitPace({ utilization: () => utilization });
  for (let n = 1; n <= 400; n++) pace.came(n * every, `s${n}`);
  return { pace, now: 400 * every };
}

describe("when the next commit begins", () => {
  it("at once in a process that has time, while messages come seldom", () => {
    const { pace, now } = setUp({ utilization: 0.2, every: 50 });
    pace.started(now, ["ann"]);
    pace.came(now, "bob");
    expect(pace.wait(now, 1)).toBe(0);
  });

  it.each([
    ["a busy process", 0.9, 50],
    ["one that has time, while messages come often", 0, 5],
  ])(
    "some milliseconds after the last one began in %s, and at once when many wait",
    (_, utilization, every) => {
      const { pace, now } = setUp({ utilization, every });
      expect(pace.wait(now, 1)).toBe(0);
      pace.started(now, ["ann", "bob"]);
      pace.came(now, "carl");
      expect(pace.wait(now + 1, 1)).toBe(9);
      expect(pace.wait(now + 1, 32)).toBe(0);
      expect(pace.wait(now + 10, 1)).toBe(0);
    },
  );

  it("at once when the senders of the last one have sent as much again: they wait for their answers", () => {
    const { pace, now } = setUp({ utilization: 0.9, every: 5 });
    pace.started(now, ["ann", "bob", "bob"]);
    for (const sender of ["ann", "carl", "bob"]) pace.came(now, sender);
    expect(pace.wait(now, 3)).toBe(10);
    pace.came(now, "bob");
    expect(pace.wait(now, 4)).toBe(0);
  });
});
