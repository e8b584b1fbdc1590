import { errorEntry, type ParlorError } from "@parlor/protocol";
import { type Clock, startWait } from "./clock.js";
import { asParlorError } from "./errors.js";
import { retryDelay } from "./retry.js";

/** Asks again and again, until it is stopped. */
export interface Poller {
  /** Whether it was started. */
  readonly running: boolean;
  /** Whether its newest request was answered: messages flow. */
  readonly flowing: boolean;
  start(): void;
  stop(): void;
  /** Asks again now instead of waiting. */
  wake(): void;
}

/** Makes a poller that is not running yet. */
export function createPollLoop(options: {
  readonly clock: Clock;
  readonly random: () => number;
  /** Asks once; answers the milliseconds until the next time. */
  readonly ask: (signal: AbortSignal) => Promise<number>;
  /** Does what an error asks for; `true` when another try can then succeed, whatever the catalogue says. */
  readonly mend?: (error: ParlorError) => boolean;
  /** `flowing` changed. */
  readonly onChange: () => void;
  /** An error that trying again cannot mend; it has stopped. */
  readonly onRefused: (error: ParlorError) => void;
}): Poller {
  const { clock, random, ask, mend, onChange, onRefused } = options;
  let controller: AbortController | null = null;
  let flowing = false;
  let wake: () => void = () => {};

  function setFlowing(value: boolean): void {
    if (flowing === value) return;
    flowing = value;
    onChange();
  }

  async function run(signal: AbortSignal): Promise<void> {
    let tries = 0;
    while (!signal.aborted) {
      let delay: number;
      try {
        delay = await ask(signal);
        if (signal.aborted) return;
        tries = 0;
        setFlowing(true);
      } catch (cause) {
        if (signal.aborted) return;
        const error = asParlorError(cause);
        setFlowing(false);
        if (!mend?.(error) && !errorEntry(error.code).retry) {
          controller = null;
          onRefused(error);
          return;
        }
        delay = retryDelay({ tries, retryAfter: error.retryAfter, random: random() }) ?? 0;
        tries += 1;
      }
      if (delay === 0) continue;
      const wait = startWait(clock, delay, signal);
      wake = wait.end;
      await wait.over;
    }
  }

  return {
    get running() {
      return controller !== null;
    },
    get flowing() {
      return flowing;
    },
    start() {
      if (controller) return;
      controller = new AbortController();
      void run(controller.signal);
    },
    stop() {
      controller?.abort();
      controller = null;
      setFlowing(false);
    },
    wake: () => wake(),
  };
}
