import { sql as initial } from "./0001-initial.js";

/** One step of the schema. A step that was released never changes; the next change is a new step. */
export interface Migration {
  readonly id: number;
  readonly name: string;
  readonly sql: string;
}

/** All steps, in their order. */
export const migrations: readonly Migration[] = [{ id: 1, name: "initial", sql: initial }];
