import { ParlorError } from "@parlor/protocol";

/** Runs jobs, a bounded number of them at a time. */
export interface Queue {
  /** Runs a job when its turn comes; throws `overloaded` when too many wait already. */
  run<T>(job: () => Promise<T>): Promise<T>;
  /** Whether a job would begin at once. */
  readonly hasSlot: boolean;
}

/** Makes a queue: `slots` jobs run, at most `waiting` wait, first come first served. */
export function createQueue({ slots, waiting }: { slots: number; waiting: number }): Queue {
  const line: (() => void)[] = [];
  let running = 0;
  return {
    get hasSlot() {
      return running < slots;
    },
    async run(job) {
      if (running < slots) running++;
      else if (line.length >= waiting) throw new ParlorError("overloaded");
      // Whoever ends hands its slot over, so that nobody slips in between.
      else await new Promise<void>((resolve) => line.push(resolve));
      try {
        return await job();
      } finally {
        const next = line.shift();
        if (next) next();
        else running--;
      }
    },
  };
}
