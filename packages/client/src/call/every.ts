import type { Clock } from "../clock.js";

/** Runs something again and again; answers how to stop. */
export function every(clock: Clock, milliseconds: number, run: () => void): () => void {
  let stop = clock.after(milliseconds, function again() {
    run();
    stop = clock.after(milliseconds, again);
  });
  return () => stop();
}
