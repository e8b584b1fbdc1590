/** How many tries at one secret are under way, and who waits for one to end. */
interface Gate {
  running: number;
  readonly waiting: (() => void)[];
}

/**
 * Counts tries under way by key. A try takes its share of a quota before it begins, so that many at once gain nothing,
 * and gives it back when it was right, so that many who know the secret all pass.
 */
export function createGuessGates() {
  const gates = new Map<string, Gate>();

  function gateOf(key: string): Gate {
    const known = gates.get(key);
    if (known) return known;
    const made: Gate = { running: 0, waiting: [] };
    gates.set(key, made);
    return made;
  }

  return {
    /** Waits while `left()` is used up by tries under way; `false` when it is used up without them. */
    async enter(key: string, left: () => number): Promise<boolean> {
      for (;;) {
        const gate = gateOf(key);
        if (left() > gate.running) {
          gate.running += 1;
          return true;
        }
        if (gate.running === 0) {
          gates.delete(key);
          return false;
        }
        await new Promise<void>((resolve) => gate.waiting.push(resolve));
      }
    },

    /** Ends a try that entered. */
    leave(key: string): void {
      const gate = gateOf(key);
      gate.running -= 1;
      for (const wake of gate.waiting.splice(0)) wake();
      if (gate.running === 0) gates.delete(key);
    },
  };
}
