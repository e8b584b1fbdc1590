import type { FaultKind } from "../schedule/plan.js";

/** Disturbances of one participant that are measured at the same time at most; further ones fall together anyway. */
const OPEN_LIMIT = 50;

interface Open {
  readonly kind: FaultKind;
  readonly since: number;
  readonly head: number;
}

/**
 * Measures how long a disturbance lasts for a participant: until it holds itself for contiguous and shows a message
 * that was sent after the disturbance.
 */
export class Recoveries {
  readonly #open = new Map<string, Open[]>();
  readonly #times = new Map<FaultKind, number[]>();

  /** A participant was disturbed while its room stood at `head`. */
  disturbed(name: string, kind: FaultKind, head: number): void {
    const open = this.#open.get(name) ?? [];
    if (open.length < OPEN_LIMIT) this.#open.set(name, [...open, { kind, since: performance.now(), head }]);
  }

  /** A participant shows everything up to `newest`. */
  contiguous(name: string, newest: number): void {
    const open = this.#open.get(name);
    if (!open || open.length === 0) return;
    const left: Open[] = [];
    for (const disturbance of open) {
      if (newest <= disturbance.head) left.push(disturbance);
      else this.#note(disturbance);
    }
    this.#open.set(name, left);
  }

  /** Milliseconds by kind, in the order of their end. */
  get times(): Readonly<Partial<Record<FaultKind, readonly number[]>>> {
    return Object.fromEntries(this.#times);
  }

  #note({ kind, since }: Open): void {
    const times = this.#times.get(kind) ?? [];
    times.push(Math.round(performance.now() - since));
    this.#times.set(kind, times);
  }
}
