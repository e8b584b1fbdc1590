import type { Clock } from "./clock.js";

/** Runs a request that is given up after some milliseconds, or when `signal` says so. */
export async function withTimeout<T>(
  clock: Clock,
  milliseconds: number,
  signal: AbortSignal,
  run: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const own = new AbortController();
  const abort = () => own.abort();
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  const cancel = clock.after(milliseconds, abort);
  try {
    return await run(own.signal);
  } finally {
    cancel();
    signal.removeEventListener("abort", abort);
  }
}
