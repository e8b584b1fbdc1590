import type { Figures } from "./load/spec.js";

/** One invocation of the benchmark. */
export interface Invocation {
  /** When it began, in ISO 8601. */
  readonly at: string;
  readonly commit: string;
  readonly command: string;
  readonly machine: string;
}

/** What one server did in one repeat of a scenario. */
export interface RunRecord {
  readonly scenario: string;
  readonly peer: string;
  readonly repeat: number;
  readonly figures: Figures;
  /** Why there are no figures. */
  readonly error?: string;
  readonly run: Invocation;
}

/** The newer records replace the older ones of the same scenario and server, all repeats of them. */
export function mergeRecords(older: readonly RunRecord[], newer: readonly RunRecord[]): RunRecord[] {
  const keyOf = ({ scenario, peer }: RunRecord) => `${scenario} ${peer}`;
  const replaced = new Set(newer.map(keyOf));
  return [...older.filter((record) => !replaced.has(keyOf(record))), ...newer];
}

/** Reads JSON lines; lines that are none are left out. */
export function parseRecords(text: string): RunRecord[] {
  return text.split("\n").flatMap((line) => {
    try {
      return line.trim() === "" ? [] : [JSON.parse(line) as RunRecord];
    } catch {
      return [];
    }
  });
}

/** Writes JSON lines, with as many digits as a figure is worth. */
export function formatRecords(records: readonly RunRecord[]): string {
  const rounded = (_key: string, value: unknown) =>
    typeof value === "number" && Number.isFinite(value) ? Number(value.toPrecision(6)) : value;
  return records.map((record) => `${JSON.stringify(record, rounded)}\n`).join("");
}
