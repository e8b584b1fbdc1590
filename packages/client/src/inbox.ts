import { LIMITS, type ServerFrame } from "@parlor/protocol";
import type { Api, MessagePage } from "./api.js";
import type { Clock } from "./clock.js";
import { CHANGES_LIMIT } from "./polling.js";
import { numberOf } from "./state.js";
import { withTimeout } from "./timeout.js";

/** So many frames wait for a repair at most; more of them, and a resume is cheaper. */
const HELD_LIMIT = 2_000;
const REPAIR_TIMEOUT = 15_000;

/** Frames of a replay are applied together, so that a long one costs no copy of the list for each. */
const BATCH = 250;

/**
 * Applies a socket's frames in order. A replay is counted: where frames are missing in it, all of it since the cursor is
 * asked again. After it each number is one frame: a jump is filled from the log before what follows it.
 */
export interface Inbox {
  receive(frame: ServerFrame): void;
  /** The replay begins. */
  welcomed(): void;
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
  readonly apply: (frame: ServerFrame) => void;
  /** Takes frames of the log that a replay brought; the state stays where it stands. */
  readonly applyReplayed: (frames: readonly ServerFrame[]) => void;
  readonly applyPage: (page: MessagePage) => void;
  /** Something was lost on the way that this connection does not bring again. */
  readonly onLost: () => void;
}): Inbox {
  const { api, roomId, clock, position, apply, applyReplayed, applyPage, onLost } = options;
  let phase: "opening" | "replaying" | "live" = "opening";
  /** Frames of the log since `welcome`, and how many of them were confirmed. */
  let count = 0;
  let confirmed = 0;
  let batch: ServerFrame[] = [];
  let held: ServerFrame[] = [];
  let repair: AbortController | null = null;

  function receive(frame: ServerFrame): void {
    if (phase === "live") receiveLive(frame);
    else if (phase === "replaying") receiveReplayed(frame);
    else if (frame.type === "synced" || frame.type === "heartbeat" || numberOf(frame) !== null) onLost();
    else apply(frame);
  }

  function receiveReplayed(frame: ServerFrame): void {
    if (numberOf(frame) !== null) {
      count += 1;
      batch.push(frame);
      if (batch.length >= BATCH) applyBatch();
      // The end of the page, or of the replay, did not come.
      if (count - confirmed > LIMITS.replayPage) onLost();
    } else if (frame.type === "progress" || frame.type === "synced") {
      applyBatch();
      if (frame.count !== undefined && frame.count !== count) {
        onLost();
        return;
      }
      confirmed = count;
      if (frame.type === "synced") phase = "live";
      apply(frame);
    } else if (frame.type === "heartbeat") {
      onLost();
    } else {
      apply(frame);
    }
  }

  function applyBatch(): void {
    const frames = batch;
    batch = [];
    if (frames.length > 0) applyReplayed(frames);
  }

  function receiveLive(frame: ServerFrame): void {
    const number = numberOf(frame);
    if (frame.type === "heartbeat") {
      if (frame.head_seq > position().cursor) startRepair(frame.head_seq);
    } else if (number === null || !(repair || number > position().cursor + 1)) {
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
    welcomed() {
      phase = "replaying";
    },
    reset() {
      phase = "opening";
      count = 0;
      confirmed = 0;
      batch = [];
      repair?.abort();
      repair = null;
      held = [];
    },
  };
}
