import { errorEntry, type ParlorError } from "@parlor/protocol";
import type { Api, MessagePage } from "./api.js";
import type { Clock } from "./clock.js";
import { asParlorError } from "./errors.js";
import { retryDelay } from "./retry.js";

/** Seconds that the server may hold a request; below the half minute after which proxies give up. */
const WAIT_SECONDS = 25;
/** A held request that is not answered at all is given up. */
const ANSWER_TIMEOUT = (WAIT_SECONDS + 10) * 1_000;
/** Rows asked at a time. A full page is more than a person would read: the room opens its newest page instead. */
export const CHANGES_LIMIT = 1_000;

/** Follows a room's history by requests that the server holds until something changes. */
export interface Poller {
  /** Whether it was started. */
  readonly running: boolean;
  /** Whether its newest request was answered: messages flow. */
  readonly flowing: boolean;
  start(): void;
  stop(): void;
  /** Asks again now instead of waiting after a failure. */
  wake(): void;
}

/** Makes a poller that is not running yet. */
export function createPoller(options: {
  readonly api: Api;
  readonly roomId: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** The cursor to ask with: read anew for every request, since others move it too. */
  readonly position: () => { cursor: number; epoch: string | null };
  readonly onPage: (page: MessagePage) => void;
  /** Called before each request: opens the newest page where the cursor leads nowhere any more. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  /** The cursor is one of another life of the history. */
  readonly onReset: () => void;
  /** `flowing` changed. */
  readonly onChange: () => void;
  /** An error that trying again cannot mend; it has stopped. */
  readonly onRefused: (error: ParlorError) => void;
}): Poller {
  const { api, roomId, clock, random, position, prepare, onPage, onReset, onChange, onRefused } = options;
  let controller: AbortController | null = null;
  let flowing = false;
  let wake: () => void = () => {};

  function setFlowing(value: boolean): void {
    if (flowing === value) return;
    flowing = value;
    onChange();
  }

  async function request(signal: AbortSignal): Promise<MessagePage> {
    const { cursor: after, epoch } = position();
    const query = { after, limit: CHANGES_LIMIT, ...(epoch === null ? {} : { epoch }) };
    // The first request is not held: its answer tells at once whether polling works.
    const held = flowing ? { ...query, wait: WAIT_SECONDS } : query;
    return await withTimeout(clock, ANSWER_TIMEOUT, signal, (own) => api.fetchMessages(roomId, held, own));
  }

  async function run(signal: AbortSignal): Promise<void> {
    let tries = 0;
    while (!signal.aborted) {
      try {
        await prepare(signal);
        const page = await request(signal);
        if (signal.aborted) return;
        tries = 0;
        onPage(page);
        if (!signal.aborted) setFlowing(true);
      } catch (cause) {
        if (signal.aborted) return;
        const error = asParlorError(cause);
        setFlowing(false);
        if (error.code === "cursor_reset") {
          onReset();
        } else if (!errorEntry(error.code).retry) {
          controller = null;
          onRefused(error);
          return;
        }
        const delay = retryDelay({ tries, retryAfter: error.retryAfter, random: random() }) ?? 0;
        tries += 1;
        await new Promise<void>((resolve) => {
          const cancel = clock.after(delay, resolve);
          wake = () => {
            cancel();
            resolve();
          };
        });
      }
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
      wake();
      setFlowing(false);
    },
    wake: () => wake(),
  };
}

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
