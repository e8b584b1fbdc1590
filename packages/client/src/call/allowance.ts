import type { Clock } from "../clock.js";

/** Allows something `burst` times at once, and once more after each `every` milliseconds. */
export function createAllowance(clock: Clock, burst: number, every: number): () => boolean {
  let left = burst;
  let at = clock.now();
  return () => {
    const now = clock.now();
    // A clock that was set back gives nothing, and takes nothing.
    left = Math.min(burst, left + Math.max(0, now - at) / every);
    at = now;
    if (left < 1) return false;
    left -= 1;
    return true;
  };
}
