import type { ParlorError } from "@parlor/protocol";
import type { Clock } from "./clock.js";
import { createPollLoop, type Poller } from "./poll-loop.js";

/** Between two readings of the list, where no socket tells of changes. */
const EVERY = 15_000;

/** Makes a poller that reads something whole, every 15 seconds. */
export function createSummaryPoller(options: {
  readonly clock: Clock;
  readonly random: () => number;
  readonly read: (signal: AbortSignal) => Promise<void>;
  /** `flowing` changed. */
  readonly onChange: () => void;
  /** An error that trying again cannot mend; it has stopped. */
  readonly onRefused: (error: ParlorError) => void;
}): Poller {
  const { read, ...rest } = options;
  return createPollLoop({
    ...rest,
    async ask(signal) {
      await read(signal);
      return EVERY;
    },
  });
}
