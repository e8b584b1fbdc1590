import type { ServerFrame } from "@parlor/protocol";
import type { Api, MessagePage } from "./api.js";
import type { Clock } from "./clock.js";
import { CHANGES_LIMIT, withTimeout } from "./polling.js";
import { numberOf } from "./state.js";

/** So many frames wait for a repair at most; more of them, and a resume is cheaper. */
const HELD_LIMIT = 2_000;
const REPAIR_TIMEOUT = 15_000;

/** Applies a socket's frames in order: a jump in the numbers is filled from the log before what follows it. */
export interface Inbox {
  receive(frame: ServerFrame): void;
  /** Forgets what waits: the socket has ended, and the next one resumes from the cursor. */
  reset(): void;
}

/** Makes the inbox of a room. */
export function createInbox(options: {
  readonly api: Api;
  readonly roomId: string;
  readonly clock: Clock;
  /** Where the state stands. */
  readonly position: () => { cursor: number; epoch: string | null };
  /** Whether the replay is complete, so that each number must be exactly one frame. */
  readonly isLive: () => boolean;
  readonly apply: (frame: ServerFrame) => void;
  readonly applyPage: (page: MessagePage) => void;
  /** The gap could not be filled. */
  readonly onLost: () => void;
}): Inbox {
  const { api, roomId, clock, position, isLive, apply, applyPage, onLost } = options;
  let held: ServerFrame[] = [];
  let repair: AbortController | null = null;

  function receive(frame: ServerFrame): void {
    const number = numberOf(frame);
    if (frame.type === "heartbeat") {
      if (isLive() && frame.head_seq > position().cursor) startRepair(frame.head_seq);
    } else if (number === null || !(repair || (isLive() && number > position().cursor + 1))) {
      apply(frame);
    } else if (held.length >= HELD_LIMIT) {
      onLost();
    } else {
      held.push(frame);
      startRepair(number - 1);
    }
  }

  function startRepair(target: number): void {
    if (repair) return;
    repair = new AbortController();
    const { signal } = repair;
    fill(target, signal).then(
      () => {
        if (!signal.aborted) release();
      },
      () => {
        if (!signal.aborted) onLost();
      },
    );
  }

  /** Reads the log until the state stands at `target`. */
  async function fill(target: number, signal: AbortSignal): Promise<void> {
    while (!signal.aborted && position().cursor < target) {
      const { cursor, epoch } = position();
      const query = { after: cursor, limit: CHANGES_LIMIT, ...(epoch === null ? {} : { epoch }) };
      const page = await withTimeout(clock, REPAIR_TIMEOUT, signal, (own) =>
        api.fetchMessages(roomId, query, own),
      );
      if (signal.aborted) return;
      applyPage(page);
      if (position().cursor <= cursor) throw new Error("The log does not reach as far as the live frames.");
    }
  }

  function release(): void {
    repair = null;
    const waiting = held;
    held = [];
    for (const frame of waiting) receive(frame);
  }

  return {
    receive,
    reset() {
      repair?.abort();
      repair = null;
      held = [];
    },
  };
}
