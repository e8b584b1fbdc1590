import { errorEntry, type ParlorError } from "@parlor/protocol";
import { type Clock, startWait } from "./clock.js";
import { asParlorError } from "./errors.js";
import { type OutboxStore, type Turn, upsert } from "./outbox.js";
import { retryDelay } from "./retry.js";
import type { PendingMessage } from "./types.js";

/** A message that is neither acknowledged nor refused within this time is sent again, under its old name. */
const ACKNOWLEDGE_TIMEOUT = 15_000;
/** An error of the server's own that comes back so often is about this message: it must not block the others. */
const INTERNAL_TRIES = 6;
/** Names of acknowledged messages that are remembered; one that is forgotten is at worst sent again, and dropped. */
const REMEMBERED = 5_000;

/** How a try ended; `settled`: the message left the outbox, or the try was called off. */
type Verdict = "settled" | "silence" | ParlorError;

/** Sends a room's outbox in order: the next message goes when the one before it is acknowledged or has failed. */
export interface Sender {
  /** What is unsent, in the order of sending. */
  readonly list: readonly PendingMessage[];
  /** Whether all of it is in a store that outlives the program. */
  readonly isKept: boolean;
  add(message: PendingMessage): void;
  /** Makes a failed message pending again. */
  retry(clientId: string): void;
  /** Takes a message out; `null` for one that is unknown. */
  discard(clientId: string): PendingMessage | null;
  /** The server has stored a message of this user under this name. */
  acknowledge(clientId: string): void;
  /** The server refused a message. */
  refuse(clientId: string, error: ParlorError): void;
  /** Nothing of this list can ever be accepted: all of it fails. */
  refuseAll(error: ParlorError): void;
  /** Whether there is a way to the server at the moment, and the history is known up to it. */
  setReady(isReady: boolean): void;
  close(): void;
}

/** Makes the sender of one room and loads what an earlier life left unsent. */
export function createSender(options: {
  readonly store: OutboxStore;
  readonly key: string;
  readonly clock: Clock;
  readonly random: () => number;
  /**
   * Hands a message to the server; its error refuses it. The acknowledgement comes by `acknowledge`. `tries` says how
   * often that was in vain before.
   */
  readonly transmit: (message: PendingMessage, signal: AbortSignal, tries: number) => Promise<void>;
  /** A message was sent more than once and nothing is heard of it. */
  readonly onSilence?: () => void;
  readonly onChange: () => void;
}): Sender {
  const { store, key, clock, random, transmit, onSilence, onChange } = options;
  let list: readonly PendingMessage[] = [];
  /** Local changes that the store has not got yet. */
  const unsaved = new Map<string, PendingMessage>();
  /** Those of them that the store has never had. */
  const unborn = new Set<string>();
  /** What left the store while nothing could be heard: sent or dropped elsewhere, which the history tells. */
  let elsewhere: readonly PendingMessage[] = [];
  /** Names that are done with: a list that was read earlier must not bring them back. */
  const done = new Set<string>();
  let inFlight: { id: string; settle: (verdict: Verdict) => void } | null = null;
  let head = { id: "", tries: 0, internals: 0 };
  let wakePause: (() => void) | null = null;
  let storing: Promise<unknown> = Promise.resolve();
  let isFailing = false;
  let isReady = false;
  let running: AbortController | null = null;

  function set(next: readonly PendingMessage[]): void {
    list = next;
    const isPending = (id: string) => list.some((own) => own.client_id === id && own.status === "pending");
    if (inFlight && !isPending(inFlight.id)) inFlight.settle("settled");
    if (!isPending(head.id)) wakePause?.();
    onChange();
    drive();
  }

  const isDue = (message: PendingMessage) => message.status === "pending" && !elsewhere.includes(message);

  function setFailing(value: boolean): void {
    if (isFailing === value) return;
    isFailing = value;
    onChange();
  }

  /** One after the other. A store that fails (a private window, a full disk) costs only what it is for. */
  function enqueue(work: () => Promise<unknown>): Promise<unknown> {
    storing = storing.then(work).catch(() => {});
    return storing;
  }

  /** The oldest first: one that finds no room must not be overtaken by the one after it. */
  async function keepAll(): Promise<void> {
    for (const message of [...unsaved.values()]) {
      const { client_id } = message;
      try {
        await (unborn.has(client_id) ? store.put(key, message) : store.replace(key, message));
      } catch {
        setFailing(true);
        return;
      }
      unborn.delete(client_id);
      if (unsaved.get(client_id) === message) unsaved.delete(client_id);
    }
    if (unsaved.size === 0) setFailing(false);
  }

  function save(message: PendingMessage): void {
    unsaved.set(message.client_id, message);
    void enqueue(keepAll);
    set(upsert(list, message));
  }

  function drop(clientId: string): void {
    done.add(clientId);
    for (const oldest of done) {
      if (done.size <= REMEMBERED) break;
      done.delete(oldest);
    }
    if (!list.some(({ client_id }) => client_id === clientId)) return;
    unsaved.delete(clientId);
    unborn.delete(clientId);
    void enqueue(() => store.delete(key, clientId));
    set(list.filter(({ client_id }) => client_id !== clientId));
  }

  function load(): Promise<unknown> {
    return enqueue(async () => {
      // What the store refused before: it may have room again.
      await keepAll();
      const stored = await store.list(key);
      const left = stored.filter(({ client_id }) => !done.has(client_id));
      const known = [...unsaved.values()].reduce<readonly PendingMessage[]>(upsert, left);
      const isKnown = (own: PendingMessage) => known.some(({ client_id }) => client_id === own.client_id);
      // Shown until the history can be: it must not vanish because another page has sent it.
      elsewhere = list.filter((own) => !isReady && own.status === "pending" && !isKnown(own));
      set([...elsewhere, ...known]);
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
        if (inFlight === flight) inFlight = null;
        resolve(verdict);
      };
      const abort = () => settle("settled");
      const cancel = clock.after(ACKNOWLEDGE_TIMEOUT, () => settle("silence"));
      signal.addEventListener("abort", abort, { once: true });
      const flight = { id: message.client_id, settle };
      inFlight = flight;
      transmit(message, signal, head.tries).catch((cause: unknown) => {
        if (inFlight === flight) settle(asParlorError(cause));
      });
    });
  }

  /** Waits for some time, or until the message that it waits for is gone or the work is called off. */
  async function pause(signal: AbortSignal, milliseconds: number): Promise<void> {
    const wait = startWait(clock, milliseconds, signal);
    wakePause = wait.end;
    await wait.over;
    wakePause = null;
  }

  /** Sends until nothing is pending. The list is read anew each time: another tab may have changed it. */
  async function work({ signal, holds }: Turn): Promise<void> {
    while (!signal.aborted) {
      await load();
      if (!(await holds())) return;
      const next = list.find(isDue);
      if (!next || signal.aborted) return;
      if (head.id !== next.client_id) head = { id: next.client_id, tries: 0, internals: 0 };
      const verdict = await deliver(next, signal);
      head.tries += 1;
      if (verdict === "settled") continue;
      if (verdict !== "silence" && isFinal(verdict)) {
        save(failed(next, verdict));
        continue;
      }
      if (verdict === "silence" && head.tries > 1) onSilence?.();
      const retryAfter = verdict === "silence" ? undefined : verdict.retryAfter;
      await pause(signal, retryDelay({ tries: head.tries - 1, retryAfter, random: random() }) ?? 0);
    }
  }

  function isFinal(error: ParlorError): boolean {
    if (error.code === "internal") head.internals += 1;
    return !errorEntry(error.code).retry || head.internals >= INTERNAL_TRIES;
  }

  /** Asks for the turn, while there is something to send and a way to the server. */
  function drive(): void {
    if (!isReady || running || !list.some(isDue)) return;
    const own = new AbortController();
    running = own;
    void takeTurn(own.signal).finally(() => {
      if (running !== own) return;
      running = null;
      drive();
    });
  }

  async function takeTurn(signal: AbortSignal): Promise<void> {
    let hasBegun = false;
    const begin = (turn: Turn) => {
      hasBegun = true;
      return work(turn);
    };
    try {
      await store.exclusively(key, signal, begin);
    } catch {
      // A turn that was called off ends with an error. A store that cannot give one must not keep this tab from
      // sending what it has.
      if (!hasBegun && !signal.aborted) await work({ signal, holds: async () => !signal.aborted });
    }
  }

  function stop(): void {
    running?.abort();
    running = null;
  }

  const unwatch = store.watch(key, () => void load());
  void load();

  return {
    get list() {
      return list;
    },
    get isKept() {
      return store.durable && !isFailing;
    },
    add(message) {
      unborn.add(message.client_id);
      save(message);
    },
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
    refuseAll(error) {
      stop();
      void load().then(() => {
        for (const message of list) if (isDue(message)) save(failed(message, error));
      });
    },
    setReady(value) {
      isReady = value;
      if (!isReady) stop();
      else if (elsewhere[0]) void load();
      else drive();
    },
    close() {
      isReady = false;
      stop();
      unwatch();
    },
  };
}

function failed(message: PendingMessage, { code, message: detail }: ParlorError): PendingMessage {
  return { ...message, status: "failed", failure: { code, detail } };
}
