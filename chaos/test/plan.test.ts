import { describe, expect, it } from "vitest";
import { makePlan } from "../schedule/plan.js";

describe("[REL9] the schedule", () => {
  it("is the same for the same seed, moment by moment", () => {
    expect(makePlan(7, 60_000)).toEqual(makePlan(7, 60_000));
  });

  it("is another for another seed", () => {
    expect(makePlan(7, 60_000).digest).not.toBe(makePlan(8, 60_000).digest);
  });

  it("has every kind of fault of a process within half a minute, in the order of time", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { moments } = makePlan(seed, 30_000);
      const kinds = new Set(
        moments.flatMap((moment) => (moment.type === "process" ? [moment.fault.kind] : [])),
      );
      expect(kinds.size).toBe(5);
      expect(moments.map(({ at }) => at)).toEqual(moments.map(({ at }) => at).sort((a, b) => a - b));
    }
  });
});
