import { performance } from "node:perf_hooks";

/** Time over which the load is taken, in milliseconds. */
const WINDOW = 100;

export type LoadMeter = ReturnType<typeof createLoadMeter>;

/** Tells how busy this process is: what costs time to save work is worth it only where work is plenty. */
export function createLoadMeter() {
  let last = performance.eventLoopUtilization();
  let utilization = 0;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    utilization = performance.eventLoopUtilization(now, last).utilization;
    last = now;
  }, WINDOW);
  timer.unref();
  return {
    /** The part of the last window in which the event loop was not idle, from 0 to 1. */
    utilization: (): number => utilization,
    stop: (): void => clearInterval(timer),
  };
}
