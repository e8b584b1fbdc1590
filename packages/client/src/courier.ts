import { type ErrorCode, errorEntry, FATAL_CLOSE_CODES } from "@parlor/protocol";
import type { Api } from "./api.js";
import { type Clock, systemClock } from "./clock.js";
import { asParlorError } from "./errors.js";
import { createListeners } from "./listeners.js";
import { browserOnline, type OnlineSource } from "./online.js";
import { type OutboxStore, outboxKey, readOutboxKey, sendable } from "./outbox.js";

import { createSender, type Sender } from "./sender.js";
import { withTimeout } from "./timeout.js";
import type { PendingMessage } from "./types.js";

/** A room that is open somewhere sends for itself; only what is still unsent after so long is the courier's. */
const GRACE = 3_000;
/** Rooms for which it sends at one time; the others follow. */
const ROOMS_AT_ONCE = 4;
/** How often it looks, beside the changes that it hears of. */
const LOOK_EVERY = 15_000;
const REQUEST_TIMEOUT = 15_000;
/** The person must do something first: sign in, or enter the room's password. The messages wait for that. */
const WAITS_FOR_PERSON: ReadonlySet<ErrorCode> = new Set([
  "session_required",
  "session_ended",
  "not_your_identity",
  "origin_not_allowed",
  "password_required",
]);

/** What is unsent in a room. */
export interface Unsent {
  readonly waiting: number;
  readonly failed: number;
}

/** Sends what a user wrote in rooms that are not open anywhere now. */
export interface Courier {
  /** What is unsent, by room. A new map on every change. */
  readonly unsent: ReadonlyMap<string, Unsent>;
  /** Calls back after changes; answers how to stop. */
  subscribe(listener: () => void): () => void;
  /** Tries again where it had given up, after a sign-in or a room's password. */
  wake(): void;
  /** Ends it. What is unsent stays in the store. */
  close(): void;
}

/** What a courier needs. */
export interface CourierOptions {
  readonly api: Api;
  /** The user for whom it sends. What others left in the same store is not touched. */
  readonly userId: string;
  readonly outbox: OutboxStore;
  /** Called when the server says that this client may not act for the user any more; the courier has stopped. */
  readonly onRefused?: ((code: ErrorCode) => void) | undefined;
  readonly online?: OnlineSource | undefined;
  readonly clock?: Clock | undefined;
  readonly random?: (() => number) | undefined;
}

/** Starts a courier: it looks at once, when the store changes, when the network comes back, and from time to time. */
export function createCourier(options: CourierOptions): Courier {
  const {
    api,
    userId,
    outbox,
    online = browserOnline(),
    clock = systemClock,
    random = Math.random,
  } = options;
  const listeners = createListeners();
  const closing = new AbortController();
  const senders = new Map<string, Sender>();
  /** When pending messages of a room were first seen. */
  const seenAt = new Map<string, number>();
  const shut = new Set<string>();
  let unsent: ReadonlyMap<string, Unsent> = new Map();
  let looking: Promise<void> | null = null;
  let mustLookAgain = false;
  let stopTimer: () => void = () => {};
  let isRefused = false;

  async function post(roomId: string, message: PendingMessage, signal: AbortSignal): Promise<void> {
    const params = { room_id: roomId };
    const body = { user_id: userId, ...sendable(message) };
    try {
      await withTimeout(clock, REQUEST_TIMEOUT, signal, (own) =>
        api.call("postMessage", { params, body, signal: own }),
      );
      senders.get(roomId)?.acknowledge(message.client_id);
    } catch (cause) {
      const error = asParlorError(cause);
      if (WAITS_FOR_PERSON.has(error.code)) giveUp(roomId, error.code);
      else if (FATAL_CLOSE_CODES.has(errorEntry(error.code).close ?? 0))
        senders.get(roomId)?.refuseAll(error);
      throw error;
    }
  }

  function giveUp(roomId: string, code: ErrorCode): void {
    end(roomId);
    shut.add(roomId);
    if (code === "password_required") return;
    isRefused = true;
    for (const other of [...senders.keys()]) end(other);
    options.onRefused?.(code);
  }

  function end(roomId: string): void {
    senders.get(roomId)?.close();
    senders.delete(roomId);
  }

  function begin(roomId: string): void {
    const sender = createSender({
      store: outbox,
      key: outboxKey(api.url, roomId, userId),
      clock,
      random,
      transmit: (message, signal) => post(roomId, message, signal),
      onChange: look,
    });
    senders.set(roomId, sender);
    sender.setReady(online.isOnline());
  }

  /** Looks once more after what is under way, however often it is asked. */
  function look(): void {
    if (closing.signal.aborted) return;
    if (looking) {
      mustLookAgain = true;
      return;
    }
    looking = lookOnce()
      // A store that fails has nothing to tell; the next look may find it well.
      .catch(() => {})
      .finally(() => {
        looking = null;
        if (!mustLookAgain) return;
        mustLookAgain = false;
        look();
      });
  }

  async function lookOnce(): Promise<void> {
    const found = new Map<string, Unsent>();
    for (const key of await outbox.keys()) {
      const named = readOutboxKey(key);
      if (named?.url !== api.url || named.userId !== userId) continue;
      const list = await outbox.list(key);
      const failed = list.filter(({ status }) => status === "failed").length;
      if (list.length > 0) found.set(named.roomId, { waiting: list.length - failed, failed });
    }
    if (closing.signal.aborted) return;
    for (const roomId of [...seenAt.keys()]) if (!found.get(roomId)?.waiting) seenAt.delete(roomId);
    for (const roomId of [...senders.keys()]) if (!found.get(roomId)?.waiting) end(roomId);
    const next = startDue(found);
    stopTimer();
    stopTimer = clock.after(next, look);
    if (isSame(found, unsent)) return;
    unsent = found;
    listeners.notify();
  }

  /** Starts what has waited long enough; answers the milliseconds until the next look. */
  function startDue(found: ReadonlyMap<string, Unsent>): number {
    let next = LOOK_EVERY;
    for (const [roomId, { waiting }] of found) {
      if (waiting === 0 || senders.has(roomId) || shut.has(roomId) || isRefused) continue;
      // A clock that was set back must not keep a message waiting.
      const since = Math.min(seenAt.get(roomId) ?? clock.now(), clock.now());
      seenAt.set(roomId, since);
      const left = since + GRACE - clock.now();
      if (left > 0) next = Math.min(next, left);
      else if (senders.size < ROOMS_AT_ONCE) begin(roomId);
    }
    return next;
  }

  const unwatch = outbox.watch(null, look);
  const unsubscribe = online.subscribe(() => {
    for (const sender of senders.values()) {
      // Whatever pauses after a failure begins anew.
      sender.setReady(false);
      sender.setReady(online.isOnline());
    }
    look();
  });
  look();

  return {
    get unsent() {
      return unsent;
    },
    subscribe: listeners.subscribe,
    wake() {
      shut.clear();
      isRefused = false;
      look();
    },
    close() {
      closing.abort();
      stopTimer();
      unwatch();
      unsubscribe();
      for (const roomId of [...senders.keys()]) end(roomId);
    },
  };
}

function isSame(one: ReadonlyMap<string, Unsent>, other: ReadonlyMap<string, Unsent>): boolean {
  if (one.size !== other.size) return false;
  return [...one].every(([roomId, { waiting, failed }]) => {
    const known = other.get(roomId);
    return known?.waiting === waiting && known.failed === failed;
  });
}
