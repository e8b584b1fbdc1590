import type { DatabaseKind } from "./run/world.js";

/** A schedule that once broke something. It runs with the tests from then on. */
export interface Regression {
  readonly seed: number;
  readonly minutes: number;
  readonly database: DatabaseKind;
  /** What it caught. */
  readonly caught: string;
}

/** Schedules with a name, the oldest first. */
export const REGRESSIONS: readonly Regression[] = [
  {
    seed: 1,
    minutes: 0.4,
    database: "embedded",
    caught:
      "a clock that jumps back in the middle of a start; a database that recovers and was stopped for it; " +
      "names that a polling client did not follow",
  },
];
