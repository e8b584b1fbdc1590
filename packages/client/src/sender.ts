import { errorEntry, type ParlorError } from "@parlor/protocol";
import type { Clock } from "./clock.js";
import { asParlorError } from "./errors.js";
import { type OutboxStore, upsert } from "./outbox.js";
import { retryDelay } from "./retry.js";
import type { PendingMessage } from "./types.js";

/** A message that is neither acknowledged nor refused within this time is sent again, under its old name. */
const ACKNOWLEDGE_TIMEOUT = 15_000;
/** An error of the server's own that comes back so often is about this message: it must not block the others. */
const INTERNAL_TRIES = 6;

/** How a try ended; `settled`: the message left the outbox, or the try was called off. */
type Verdict = "settled" | "silence" | ParlorError;

/** Sends a room's outbox in order: the next message goes when the one before it is acknowledged or has failed. */
export interface Sender {
  /** What is unsent, in the order of sending. */
  readonly list: readonly PendingMessage[];
  add(message: PendingMessage): void;
  /** Makes a failed message pending again. */
  retry(clientId: string): void;
  /** Takes a message out; `null` for one that is unknown. */
  discard(clientId: string): PendingMessage | null;
  /** The server has stored a message of this user under this name. */
  acknowledge(clientId: string): void;
  /** The server refused a message. */
  refuse(clientId: string, error: ParlorError): void;
  /** Whether there is a way to the server at the moment. */
  setReady(isReady: boolean): void;
  close(): void;
}

/** Makes the sender of one room and loads what an earlier life left unsent. */
export function createSender(options: {
  readonly store: OutboxStore;
  readonly key: string;
  readonly clock: Clock;
  readonly random: () => number;
  /** Hands a message to the server; its error refuses it. The acknowledgement comes by `acknowledge`. */
  readonly transmit: (message: PendingMessage, signal: AbortSignal) => Promise<void>;
  readonly onChange: () => void;
}): Sender {
  const { store, key, clock, random, transmit, onChange } = options;
  let list: readonly PendingMessage[] = [];
  /** Local changes that the store has not got yet. */
  const unsaved = new Map<string, PendingMessage>();
  /** Names that are done with: a list that was read earlier must not bring them back. */
  const done = new Set<string>();
  const waiters = new Set<() => void>();
  let inFlight: { id: string; settle: (verdict: Verdict) => void } | null = null;
  let storing: Promise<unknown> = Promise.resolve();
  let running: AbortController | null = null;

  function set(next: readonly PendingMessage[]): void {
    list = next;
    if (inFlight && !list.some(({ client_id }) => client_id === inFlight?.id)) inFlight.settle("settled");
    for (const wake of waiters) wake();
    onChange();
  }

  /** One after the other. A store that fails (a private window, a full disk) costs only what it is for. */
  function enqueue(work: () => Promise<unknown>): Promise<unknown> {
    storing = storing.then(work).catch(() => {});
    return storing;
  }

  function save(message: PendingMessage): void {
    unsaved.set(message.client_id, message);
    set(upsert(list, message));
    void enqueue(async () => {
      await store.put(key, message);
      if (unsaved.get(message.client_id) === message) unsaved.delete(message.client_id);
    });
  }

  function drop(clientId: string): void {
    done.add(clientId);
    if (!list.some(({ client_id }) => client_id === clientId)) return;
    unsaved.delete(clientId);
    void enqueue(() => store.delete(key, clientId));
    set(list.filter(({ client_id }) => client_id !== clientId));
  }

  function load(): Promise<unknown> {
    return enqueue(async () => {
      const stored = await store.list(key);
      const left = stored.filter(({ client_id }) => !done.has(client_id));
      set([...unsaved.values()].reduce<readonly PendingMessage[]>(upsert, left));
      // Acknowledged before this list was known.
      for (const { client_id } of stored) if (done.has(client_id)) await store.delete(key, client_id);
    });
  }

  /** Waits for the server's word about a message. */
  async function deliver(message: PendingMessage, signal: AbortSignal): Promise<Verdict> {
    return await new Promise<Verdict>((resolve) => {
      const settle = (verdict: Verdict) => {
        cancel();
        signal.removeEventListener("abort", abort);
        inFlight = null;
        resolve(verdict);
      };
      const abort = () => settle("settled");
      const cancel = clock.after(ACKNOWLEDGE_TIMEOUT, () => settle("silence"));
      signal.addEventListener("abort", abort, { once: true });
      const flight = { id: message.client_id, settle };
      inFlight = flight;
      transmit(message, signal).catch((cause: unknown) => {
        if (inFlight === flight) settle(asParlorError(cause));
      });
    });
  }

  /** Waits until the list changes, some time is over or the work is called off. */
  async function pause(signal: AbortSignal, milliseconds: number | null): Promise<void> {
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      const wake = () => {
        cancel();
        waiters.delete(wake);
        signal.removeEventListener("abort", wake);
        resolve();
      };
      const cancel = milliseconds === null ? () => {} : clock.after(milliseconds, wake);
      if (milliseconds === null) waiters.add(wake);
      signal.addEventListener("abort", wake, { once: true });
    });
  }

  async function work(signal: AbortSignal): Promise<void> {
    // Another tab may have had the turn before.
    await load();
    let tries = 0;
    while (!signal.aborted) {
      const next = list.find(({ status }) => status === "pending");
      if (!next) {
        await pause(signal, null);
        continue;
      }
      const verdict = await deliver(next, signal);
      if (verdict === "settled") {
        tries = 0;
      } else if (verdict !== "silence" && isFinal(verdict, tries)) {
        tries = 0;
        save({ ...next, status: "failed", failure: { code: verdict.code, detail: verdict.message } });
      } else {
        const retryAfter = verdict === "silence" ? undefined : verdict.retryAfter;
        await pause(signal, retryDelay({ tries, retryAfter, random: random() }));
        tries += 1;
      }
    }
  }

  const unwatch = store.watch(key, () => void load());
  void load();

  return {
    get list() {
      return list;
    },
    add: save,
    retry(clientId) {
      const message = list.find(({ client_id }) => client_id === clientId);
      if (message?.status !== "failed") return;
      const { failure: _, ...rest } = message;
      save({ ...rest, status: "pending" });
    },
    discard(clientId) {
      const message = list.find(({ client_id }) => client_id === clientId) ?? null;
      if (message) drop(clientId);
      return message;
    },
    acknowledge: drop,
    refuse(clientId, error) {
      if (inFlight?.id === clientId) inFlight.settle(error);
    },
    setReady(isReady) {
      if (isReady === (running !== null)) return;
      running?.abort();
      running = isReady ? new AbortController() : null;
      if (!running) return;
      const { signal } = running;
      // A turn that ends because it was called off ends with the browser's own error.
      store.exclusively(key, signal, () => work(signal)).catch(() => {});
    },
    close() {
      running?.abort();
      running = null;
      unwatch();
    },
  };
}

function isFinal(error: ParlorError, tries: number): boolean {
  return !errorEntry(error.code).retry || (error.code === "internal" && tries + 1 >= INTERNAL_TRIES);
}
