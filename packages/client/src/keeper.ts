import type { Clock } from "./clock.js";

/** Changes of this long are kept together. */
const KEEP_AFTER = 2_000;
/** The server is asked by then, whether the store has answered or not. */
const RESTORE_WITHIN = 500;

/** Keeps something in a store as it changes, and brings it back; a store that fails loses it, and nothing else. */
export interface Keeper {
  /** It changed: kept within two seconds. */
  changed(): void;
  /** Keeps it now. */
  flush(): void;
  /** Ends the keeping, with a last flush. */
  close(): void;
  /** What was kept goes; the next change keeps it anew. */
  drop(): void;
}

/** Makes a keeper; `take` says what there is to keep, `null` for nothing. */
export function createKeeper<T>(options: {
  readonly clock: Clock;
  readonly take: () => T | null;
  readonly keep: (value: T) => Promise<void>;
  readonly forget: () => Promise<void>;
}): Keeper {
  const { clock, take, keep, forget } = options;
  let stopTimer: (() => void) | null = null;
  let isClosed = false;
  /** One write at a time, in their order. */
  let last: Promise<void> = Promise.resolve();

  function enqueue(work: () => Promise<void>): void {
    last = last.then(work).catch(() => {});
  }

  function flush(): void {
    if (!stopTimer) return;
    stopTimer();
    stopTimer = null;
    const value = take();
    if (value !== null) enqueue(() => keep(value));
  }

  return {
    changed() {
      if (!isClosed) stopTimer ??= clock.after(KEEP_AFTER, flush);
    },
    flush,
    close() {
      isClosed = true;
      flush();
    },
    drop() {
      stopTimer?.();
      stopTimer = null;
      enqueue(forget);
    },
  };
}

/** Waits until a store has answered, but not for long: what comes later is still taken, where it is of use then. */
export async function restoreWithin<T>(
  clock: Clock,
  read: Promise<T | null>,
  take: (kept: T) => void,
): Promise<void> {
  let cancel = () => {};
  const late = new Promise<void>((resolve) => {
    cancel = clock.after(RESTORE_WITHIN, resolve);
  });
  const restored = read.then(
    (kept) => {
      if (kept !== null) take(kept);
    },
    // A store that fails has nothing.
    () => {},
  );
  await Promise.race([restored, late]);
  cancel();
}
