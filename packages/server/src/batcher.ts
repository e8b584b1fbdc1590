import { ParlorError } from "@parlor/protocol";

/** Does many small jobs as few large ones. */
export interface Batcher<Job, Result> {
  /** The job's result; throws its error, `overloaded` when too many wait already or when it has waited too long. */
  add(job: Job): Promise<Result>;
}

/**
 * Makes a batcher. One batch runs at a time, and what arrives meanwhile makes the next one. `run` answers how each job
 * ended; when it throws, its batch and all that wait have failed.
 */
export function createBatcher<Job, Result>(options: {
  /** Jobs of one batch, at most. */
  readonly size: number;
  /** Jobs that wait, at most. */
  readonly waiting: number;
  /** Milliseconds after which one that still waits is given up. */
  readonly patienceMs: number;
  run(jobs: readonly Job[]): Promise<readonly PromiseSettledResult<Result>[]>;
}): Batcher<Job, Result> {
  interface Entry {
    readonly job: Job;
    readonly since: number;
    resolve(result: Result): void;
    reject(error: unknown): void;
  }
  const waiting: Entry[] = [];
  let isRunning = false;

  async function runBatch(): Promise<void> {
    const late = performance.now() - options.patienceMs;
    const kept = waiting.findIndex(({ since }) => since > late);
    for (const { reject } of waiting.splice(0, kept < 0 ? waiting.length : kept))
      reject(new ParlorError("overloaded"));
    const batch = waiting.splice(0, options.size);
    if (batch.length === 0) return;
    try {
      const results = await options.run(batch.map(({ job }) => job));
      for (const [index, entry] of batch.entries()) {
        const result = results[index];
        if (result?.status === "fulfilled") entry.resolve(result.value);
        else entry.reject(result?.reason);
      }
    } catch (error) {
      for (const { reject } of [...batch, ...waiting.splice(0)]) reject(error);
    }
  }

  async function runAll(): Promise<void> {
    while (waiting.length > 0) await runBatch();
    isRunning = false;
  }

  return {
    add(job) {
      if (waiting.length >= options.waiting) return Promise.reject(new ParlorError("overloaded"));
      return new Promise((resolve, reject) => {
        waiting.push({ job, since: performance.now(), resolve, reject });
        if (isRunning) return;
        isRunning = true;
        // What arrives in the same turn of the loop goes together.
        setImmediate(() => void runAll());
      });
    },
  };
}

/** Keys of one look-up, and keys that wait for the next one, at most; and for how long. */
const KEYS_AT_ONCE = 200;
const KEYS_WAITING = 4_000;
const KEY_PATIENCE_MS = 5_000;

/**
 * Makes a look-up that reads many keys at one time: after a restart everybody comes back at once, and each asks the same
 * question. What it answers was read after it was asked. The answer of a key that `read` leaves out is `null`.
 */
export function createLookup<Key, Row>(
  read: (keys: readonly Key[]) => Promise<ReadonlyMap<Key, Row>>,
): (key: Key) => Promise<Row | null> {
  const batcher = createBatcher<Key, Row | null>({
    size: KEYS_AT_ONCE,
    waiting: KEYS_WAITING,
    patienceMs: KEY_PATIENCE_MS,
    async run(keys) {
      const rows = await read([...new Set(keys)]);
      return keys.map((key) => ({ status: "fulfilled", value: rows.get(key) ?? null }));
    },
  });
  return (key) => batcher.add(key);
}
