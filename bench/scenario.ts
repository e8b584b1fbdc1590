import type { Goal } from "./goal.js";
import type { Figures, LoadSpec } from "./load/spec.js";

/** What a scenario of our own server has: a folder that lasts for all repeats of it. */
export interface OwnContext {
  readonly folder: string;
  readonly repeat: number;
}

/** A column of the table of a scenario. */
export interface Column {
  readonly figure: string;
  readonly title: string;
}

/** What is measured, of whom, and what is wanted. */
export interface Scenario {
  readonly name: string;
  readonly title: string;
  /** The load; or what is done with our own server alone. */
  readonly measure: LoadSpec | ((context: OwnContext) => Promise<Figures>);
  readonly peers: readonly string[];
  readonly repeats: number;
  readonly columns: readonly Column[];
  readonly goals: readonly Goal[];
  /** The figure that the short mode compares as a ratio to the floor. */
  readonly cpuFigure?: string;
}
