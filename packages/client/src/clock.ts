/** Time as the SDK sees it; tests bring their own. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back once after some milliseconds; answers how to call it off. */
  after(milliseconds: number, run: () => void): () => void;
}

/** A wait that can be ended early. */
export interface Wait {
  /** Resolves when it is over, whichever way. */
  readonly over: Promise<void>;
  end(): void;
}

/** Waits some milliseconds, or until `signal` says so; the caller looks which it was. */
export function startWait(clock: Clock, milliseconds: number, signal?: AbortSignal): Wait {
  let end: () => void = () => {};
  const over = new Promise<void>((resolve) => {
    end = () => {
      cancel();
      signal?.removeEventListener("abort", end);
      resolve();
    };
    const cancel = clock.after(milliseconds, end);
    if (signal?.aborted) end();
    else signal?.addEventListener("abort", end, { once: true });
  });
  return { over, end };
}

/** The clock of the machine. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after(milliseconds, run) {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
