import { errorEntry, type ReadState } from "@parlor/protocol";
import type { Api } from "./api.js";
import type { Clock } from "./clock.js";
import { asParlorError } from "./errors.js";
import { retryDelay } from "./retry.js";
import { withTimeout } from "./timeout.js";

/** What is read within this time is told at once. */
const GATHER = 200;
const REQUEST_TIMEOUT = 15_000;
/** Rooms told at once when the page goes away; browsers bound what may go on then. */
const LAST_WORDS = 50;
/** Rooms whose cursors wait for the network at most; beyond them the oldest is forgotten, and stays unread. */
const WAITING_LIMIT = 500;

/** Tells the server how far its user has read: gathered, never backwards, and again until it is heard. */
export interface Cursors {
  /** How far the user has read a room, as far as the server has not confirmed it; 0 where it has. */
  wanted(roomId: string): number;
  /** Puts a room's cursor; answers whether that is news. */
  put(roomId: string, seq: number): boolean;
  /** Tries now what waits after a failure. */
  wake(): void;
  /** Tells at once what waits, the newest rooms, in requests that outlive the page: it is about to go. */
  flush(): void;
  stop(): void;
}

/** Makes the teller of read cursors. */
export function createCursors(options: {
  readonly api: Api;
  readonly userId: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onState: (state: ReadState) => void;
  /** This one is not told: the server does not take it, or too many wait. */
  readonly onRefused: (roomId: string) => void;
}): Cursors {
  const { api, userId, clock, random, onState, onRefused } = options;
  const waiting = new Map<string, number>();
  const controller = new AbortController();
  const { signal } = controller;
  let stopTimer: (() => void) | null = null;
  let isSending = false;
  let tries = 0;

  function schedule(delay: number): void {
    if (isSending || stopTimer || signal.aborted || waiting.size === 0) return;
    stopTimer = clock.after(delay, () => {
      stopTimer = null;
      void send();
    });
  }

  async function tell(roomId: string, seq: number): Promise<void> {
    const params = { room_id: roomId };
    const body = { seq, user_id: userId };
    const state = await withTimeout(clock, REQUEST_TIMEOUT, signal, (own) =>
      api.call("markRead", { params, body, signal: own, keepalive: true }),
    );
    if (signal.aborted) return;
    tries = 0;
    if (waiting.get(roomId) === seq) waiting.delete(roomId);
    onState(state);
  }

  async function send(): Promise<void> {
    isSending = true;
    let delay = GATHER;
    for (const [roomId, seq] of [...waiting]) {
      try {
        await tell(roomId, seq);
        if (signal.aborted) return;
      } catch (cause) {
        if (signal.aborted) return;
        const error = asParlorError(cause);
        if (errorEntry(error.code).retry) {
          delay = retryDelay({ tries, retryAfter: error.retryAfter, random: random() }) ?? 0;
          tries += 1;
          break;
        }
        waiting.delete(roomId);
        onRefused(roomId);
      }
    }
    isSending = false;
    schedule(delay);
  }

  return {
    wanted: (roomId) => waiting.get(roomId) ?? 0,
    put(roomId, seq) {
      if (seq <= (waiting.get(roomId) ?? 0)) return false;
      waiting.delete(roomId);
      waiting.set(roomId, seq);
      const oldest = waiting.keys().next();
      if (waiting.size > WAITING_LIMIT && !oldest.done) {
        waiting.delete(oldest.value);
        onRefused(oldest.value);
      }
      schedule(GATHER);
      return true;
    },
    wake() {
      stopTimer?.();
      stopTimer = null;
      schedule(0);
    },
    flush() {
      for (const [roomId, seq] of [...waiting].slice(-LAST_WORDS)) {
        // A page that stays after all tells again what was not heard.
        tell(roomId, seq).catch(() => {});
      }
    },
    stop() {
      controller.abort();
      stopTimer?.();
      waiting.clear();
    },
  };
}
