import type { Violation } from "../checker/record.js";
import type { FaultKind } from "../schedule/plan.js";

/** What one run has shown; one line of a report file. */
export interface Summary {
  readonly seed: number;
  readonly minutes: number;
  readonly database: string;
  readonly schedule: string;
  readonly participants: number;
  /** Faults that hit something, by kind. */
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
  readonly skipped: readonly string[];
  readonly sent: number;
  readonly acknowledgements: number;
  readonly stored: number;
  readonly changes: number;
  readonly violations: readonly Violation[];
  /** Milliseconds until a participant with the SDK was contiguous again, by kind. */
  readonly recoveries: Readonly<Partial<Record<FaultKind, readonly number[]>>>;
}

const ORDER: readonly FaultKind[] = [
  "delay",
  "stall",
  "half-open",
  "cut",
  "truncate-up",
  "truncate-down",
  "duplicate",
  "swallow",
  "drop-frame",
  "block-sockets",
  "server-kill",
  "server-restart",
  "database-kill",
  "backend-kill",
  "clock-jump",
];

/** The table of one or many runs, in Markdown. */
export function tableOf(summaries: readonly Summary[]): string {
  const rows = ORDER.map((kind) => {
    const faults = sum(summaries, ({ faults }) => faults[kind] ?? 0);
    const times = summaries.flatMap(({ recoveries }) => recoveries[kind] ?? []).sort((a, b) => a - b);
    const cells = times.length === 0 ? ["", "", ""] : [0.5, 0.95, 0.99].map((share) => seconds(times, share));
    return `| ${kind} | ${faults} | ${times.length} | ${cells.join(" | ")} |`;
  });
  return [
    "| fault | hits | recoveries | p50 | p95 | p99 |",
    "|---|--:|--:|--:|--:|--:|",
    ...rows,
    `| **all** | **${sum(summaries, faultsOf)}** | | | | |`,
    "",
    totals(summaries),
  ].join("\n");
}

/** Faults of one run that hit something. */
export function faultsOf({ faults }: Summary): number {
  return Object.values(faults).reduce((all, count) => all + count, 0);
}

function totals(summaries: readonly Summary[]): string {
  const broken = (...rules: Violation["rule"][]) =>
    sum(summaries, ({ violations }) => violations.filter(({ rule }) => rules.includes(rule)).length);
  const cells = [
    summaries.length,
    sum(summaries, ({ sent }) => sent),
    sum(summaries, ({ stored }) => stored),
    sum(summaries, ({ changes }) => changes),
    sum(summaries, ({ acknowledgements }) => acknowledgements),
    broken("lost", "frame missing"),
    broken("duplicated"),
    broken("reordered", "frame out of order"),
    sum(summaries, ({ violations }) => violations.length),
  ];
  return [
    "| runs | messages sent | stored | changes asked | acknowledgements | lost | duplicated | reordered | all violations |",
    "|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    `| ${cells.join(" | ")} |`,
  ].join("\n");
}

function sum(summaries: readonly Summary[], of: (summary: Summary) => number): number {
  return summaries.reduce((all, summary) => all + of(summary), 0);
}

function seconds(sorted: readonly number[], share: number): string {
  const at = Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1);
  return `${((sorted[at] ?? 0) / 1_000).toFixed(2)} s`;
}
