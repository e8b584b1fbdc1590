/** A small state machine. States are values: a step makes a new one. */
export interface Machine<S> {
  readonly start: S;
  /** Every step that can happen in a state, by the name of what happens (the function that it stands for). */
  steps(state: S): Iterable<readonly [name: string, next: S]>;
  /** What is wrong with a state; `null` when nothing is. */
  wrong(state: S): string | null;
  /** Equal for equal states. */
  keyOf(state: S): string;
}

/** What a search found. */
export interface Finding {
  readonly states: number;
  readonly steps: number;
  /** The shortest way to a wrong state; `null` when no state that can be reached is wrong. */
  readonly violation: { readonly what: string; readonly trace: readonly string[] } | null;
}

/** States at most; a machine with more of them is no check but an estimate, so it is an error. */
const LIMIT = 2_000_000;

/** Goes through all states that can be reached, the nearest first, until one is wrong. */
export function explore<S>(machine: Machine<S>): Finding {
  const { start, steps, wrong, keyOf } = machine;
  const states: S[] = [start];
  const cameFrom: { readonly from: number; readonly name: string }[] = [{ from: -1, name: "start" }];
  const seen = new Set([keyOf(start)]);
  let count = 0;

  function traceTo(index: number): string[] {
    const trace: string[] = [];
    for (let at = index; at > 0; at = cameFrom[at]?.from ?? 0) trace.unshift(cameFrom[at]?.name ?? "");
    return trace;
  }

  for (let index = 0; index < states.length; index += 1) {
    const state = states[index] as S;
    const what = wrong(state);
    if (what !== null)
      return { states: states.length, steps: count, violation: { what, trace: traceTo(index) } };
    for (const [name, next] of steps(state)) {
      count += 1;
      const key = keyOf(next);
      if (seen.has(key)) continue;
      seen.add(key);
      states.push(next);
      cameFrom.push({ from: index, name });
      if (states.length > LIMIT) throw new Error(`More than ${LIMIT} states.`);
    }
  }
  return { states: states.length, steps: count, violation: null };
}
