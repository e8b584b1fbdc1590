import type { RunRecord } from "./record.js";

/** The middle of some numbers; `undefined` of none. */
export function median(values: readonly number[]): number | undefined {
  const sorted = values.filter(Number.isFinite).sort((a, b) => a - b);
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  const upper = sorted[Math.floor(sorted.length / 2)];
  return lower === undefined || upper === undefined ? undefined : (lower + upper) / 2;
}

/** The value below which a share (0 to 1) of some numbers lies; not a number for none. */
export function quantileOf(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length))] ?? Number.NaN;
}

/** Looks up the median over the repeats of a server's figure in one scenario. */
export type Medians = (peer: string, figure: string) => number | undefined;

/** The medians of a scenario; repeats that failed do not count. */
export function mediansOf(records: readonly RunRecord[], scenario: string): Medians {
  const here = records.filter((record) => record.scenario === scenario && record.error === undefined);
  return (peer, figure) =>
    median(
      here.flatMap((record) => {
        const value = record.peer === peer ? record.figures[figure] : undefined;
        return value === undefined ? [] : [value];
      }),
    );
}

/** The smallest of the repeats. */
export function smallestOf(
  records: readonly RunRecord[],
  scenario: string,
  peer: string,
  figure: string,
): number | undefined {
  const values = records.flatMap((record) =>
    record.scenario === scenario && record.peer === peer && record.error === undefined
      ? (record.figures[figure] ?? [])
      : [],
  );
  return values.length === 0 ? undefined : Math.min(...values);
}
