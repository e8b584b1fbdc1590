import { writeFileSync } from "node:fs";

/** Events that are kept; of a longer run the last ones. */
const LIMIT = 200_000;

/** The last events of a run, for whoever looks into a failure. */
export class EventLog {
  readonly #start = performance.now();
  #lines: string[] = [];

  note(what: string, details: object = {}): void {
    this.#lines.push(JSON.stringify({ at: Math.round(performance.now() - this.#start), what, ...details }));
    if (this.#lines.length > 2 * LIMIT) this.#lines = this.#lines.slice(-LIMIT);
  }

  /** The last events that tell of somebody, newest last. */
  last(count: number, about: string): string[] {
    return this.#lines.filter((line) => line.includes(about)).slice(-count);
  }

  write(file: string): void {
    writeFileSync(file, `${this.#lines.slice(-LIMIT).join("\n")}\n`);
  }
}
