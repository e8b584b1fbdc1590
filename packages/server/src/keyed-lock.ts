/** Lets one job at a time run for each key; the others of the key wait in their order. */
export interface KeyedLock {
  run<T>(key: string, job: () => Promise<T>): Promise<T>;
}

/** Makes the lock. Keys that nobody uses take no memory. */
export function createKeyedLock(): KeyedLock {
  const tails = new Map<string, Promise<unknown>>();
  return {
    async run(key, job) {
      const before = tails.get(key) ?? Promise.resolve();
      const own = before.then(job, job);
      const tail = own.catch(() => {});
      tails.set(key, tail);
      try {
        return await own;
      } finally {
        if (tails.get(key) === tail) tails.delete(key);
      }
    },
  };
}
