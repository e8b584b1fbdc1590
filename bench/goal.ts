import type { Medians } from "./statistics.js";

/** The server that the goals are about. */
export const OURS = "parlor";

/** What the issue wants of a figure of ours: against another server's, or as a bound. */
export type Goal =
  | { readonly kind: "ratio"; readonly figure: string; readonly to: string; readonly atMost: number }
  | {
      readonly kind: "bound";
      readonly figure: string;
      /** What the figure is, for people. */
      readonly label: string;
      readonly unit: string;
      readonly atMost?: number;
      readonly atLeast?: number;
    };

/** A goal beside what was measured. */
export interface Judged {
  readonly goal: string;
  readonly measured: string;
  readonly verdict: "met" | "missed" | "not measured";
}

/** Compares a goal with the medians of its scenario. */
export function judge(goal: Goal, medians: Medians): Judged {
  const ours = medians(OURS, goal.figure);
  if (goal.kind === "ratio") {
    const theirs = medians(goal.to, goal.figure);
    const wanted = `CPU ≤ ${formatRatio(goal.atMost)} ${goal.to}`;
    if (ours === undefined || theirs === undefined) return notMeasured(wanted);
    const ratio = ours / theirs;
    return {
      goal: wanted,
      measured: `${formatRatio(ratio)} (${formatNumber(ours)} / ${formatNumber(theirs)} µs)`,
      verdict: ratio <= goal.atMost ? "met" : "missed",
    };
  }
  const { label, unit, atMost, atLeast } = goal;
  const bounds = [
    ...(atLeast === undefined ? [] : [`≥ ${formatNumber(atLeast)}`]),
    ...(atMost === undefined ? [] : [`≤ ${formatNumber(atMost)}`]),
  ];
  const wanted = `${label} ${bounds.join(" and ")} ${unit}`.trim();
  if (ours === undefined) return notMeasured(wanted);
  const met = ours >= (atLeast ?? Number.NEGATIVE_INFINITY) && ours <= (atMost ?? Number.POSITIVE_INFINITY);
  return {
    goal: wanted,
    measured: `${formatNumber(ours)} ${unit}`.trim(),
    verdict: met ? "met" : "missed",
  };
}

function notMeasured(goal: string): Judged {
  return { goal, measured: "–", verdict: "not measured" };
}

/** `1.25 ×`, or `1/30 of` below one half. */
function formatRatio(ratio: number): string {
  return ratio <= 0.5 ? `1/${formatNumber(1 / ratio)} of` : `${ratio.toFixed(2)} ×`;
}

/** A number with three digits that count, and separators between thousands. */
export function formatNumber(value: number | undefined): string {
  if (value === undefined || !Number.isFinite(value)) return "–";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 1000) return Math.round(value).toLocaleString("en-US");
  const digits = Math.max(0, Math.min(3, 2 - Math.floor(Math.log10(size))));
  return String(Number(value.toFixed(digits)));
}
