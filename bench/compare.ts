import { OURS } from "./goal.js";
import type { RunRecord } from "./record.js";
import { smallestOf } from "./statistics.js";

/** The server that makes runs on different days comparable. */
export const FLOOR = "floor-gather";
/** From here on a change is worth a word: below it lies the noise of a shared machine. */
const NOTEWORTHY = 0.15;

/** A scenario then and now, as a ratio to the floor. */
export interface Comparison {
  readonly scenario: string;
  readonly before: number | undefined;
  readonly after: number | undefined;
  /** 0.2 is a fifth more CPU; `undefined` when one side was not measured. */
  readonly change: number | undefined;
  readonly verdict: "slower" | "faster" | "same" | "not measured";
}

/**
 * Compares our CPU time as a ratio to the floor's, which cancels what the machine does meanwhile. Of several repeats the
 * cheapest counts on both sides: whatever else runs only adds, and two repeats have no middle.
 */
export function compare(
  scenarios: readonly { readonly name: string; readonly cpuFigure: string }[],
  last: readonly RunRecord[],
  now: readonly RunRecord[],
): Comparison[] {
  return scenarios.map(({ name, cpuFigure }) => {
    const before = ratioToFloor(last, name, cpuFigure);
    const after = ratioToFloor(now, name, cpuFigure);
    const change = before === undefined || after === undefined ? undefined : after / before - 1;
    return { scenario: name, before, after, change, verdict: verdictOf(change) };
  });
}

function verdictOf(change: number | undefined): Comparison["verdict"] {
  if (change === undefined) return "not measured";
  if (change > NOTEWORTHY) return "slower";
  return change < -NOTEWORTHY ? "faster" : "same";
}

function ratioToFloor(records: readonly RunRecord[], scenario: string, figure: string): number | undefined {
  const ours = smallestOf(records, scenario, OURS, figure);
  const floor = smallestOf(records, scenario, FLOOR, figure);
  return ours === undefined || floor === undefined || floor === 0 ? undefined : ours / floor;
}

/** The comparison in words, a line for each scenario. */
export function describeComparison(comparisons: readonly Comparison[]): string {
  const lines = comparisons.map(({ scenario, before, after, change, verdict }) => {
    const ratios = `${before?.toFixed(2) ?? "–"} then, ${after?.toFixed(2) ?? "–"} now`;
    const percent = change === undefined ? "" : ` (${change >= 0 ? "+" : ""}${(change * 100).toFixed(0)} %)`;
    return `${scenario.padEnd(12)} ${ratios}${percent}: ${verdict}`;
  });
  const slower = comparisons.filter(({ verdict }) => verdict === "slower").map(({ scenario }) => scenario);
  const sum =
    slower.length > 0
      ? `Slower by more than 15 %: ${slower.join(", ")}.`
      : "Nothing got slower by more than 15 %.";
  return ["CPU as a multiple of the gathered C floor, the cheapest repeat of each:", ...lines, sum].join(
    "\n",
  );
}
