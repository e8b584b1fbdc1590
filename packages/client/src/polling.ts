import type { ParlorError } from "@parlor/protocol";
import type { Api, MessagePage } from "./api.js";
import type { Clock } from "./clock.js";
import { createPollLoop, type Poller } from "./poll-loop.js";
import { withTimeout } from "./timeout.js";

/** Seconds that the server may hold a request; below the half minute after which proxies give up. */
const WAIT_SECONDS = 25;
/** A held request that is not answered at all is given up. */
const ANSWER_TIMEOUT = (WAIT_SECONDS + 10) * 1_000;
/** Rows asked at a time. A full page is more than a person would read: the room opens its newest page instead. */
export const CHANGES_LIMIT = 1_000;

/** Makes a poller that follows a room's history by requests which the server holds until something changes. */
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
  const { api, roomId, clock, position, prepare, onPage, onReset } = options;

  async function request(signal: AbortSignal): Promise<MessagePage> {
    const { cursor: after, epoch } = position();
    const query = { after, limit: CHANGES_LIMIT, ...(epoch === null ? {} : { epoch }) };
    // The first request is not held: its answer tells at once whether polling works.
    const held = poller.flowing ? { ...query, wait: WAIT_SECONDS } : query;
    return await withTimeout(clock, ANSWER_TIMEOUT, signal, (own) => api.fetchMessages(roomId, held, own));
  }

  const poller = createPollLoop({
    ...options,
    async ask(signal) {
      await prepare(signal);
      const page = await request(signal);
      if (!signal.aborted) onPage(page);
      return 0;
    },
    mend({ code }) {
      if (code === "cursor_reset") onReset();
      return code === "cursor_reset";
    },
  });
  return poller;
}
