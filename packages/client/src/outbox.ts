import type { PendingMessage } from "./types.js";

/**
 * Where a room's unsent messages are kept, in the order of sending. `key` names server, room and user. A store that
 * several tabs share also tells of their changes and lets only one of them send.
 */
export interface OutboxStore {
  /** All unsent messages, the oldest first. */
  list(key: string): Promise<readonly PendingMessage[]>;
  /** Adds a message at the end, or replaces the one with its `client_id` in its place. */
  put(key: string, message: PendingMessage): Promise<void>;
  /** Forgets a message; one that is unknown is no error. */
  delete(key: string, clientId: string): Promise<void>;
  /** Calls back when somebody else may have changed the list. */
  watch(key: string, listener: () => void): () => void;
  /** Runs `work` while nobody else runs theirs for this key; `signal` ends the wait. */
  exclusively(key: string, signal: AbortSignal, work: () => Promise<void>): Promise<void>;
}

/** An outbox that lives as long as the program. Clients that share one behave as tabs that share a browser's. */
export function createMemoryOutbox(): OutboxStore {
  const lists = new Map<string, PendingMessage[]>();
  const listeners = new Map<string, Set<() => void>>();
  const turns = new Map<string, Promise<void>>();

  function change(key: string, next: (list: PendingMessage[]) => PendingMessage[]): void {
    lists.set(key, next(lists.get(key) ?? []));
    for (const listener of listeners.get(key) ?? []) queueMicrotask(listener);
  }

  return {
    async list(key) {
      return lists.get(key) ?? [];
    },
    async put(key, message) {
      change(key, (list) => upsert(list, message));
    },
    async delete(key, clientId) {
      change(key, (list) => list.filter(({ client_id }) => client_id !== clientId));
    },
    watch(key, listener) {
      const known = listeners.get(key) ?? new Set();
      listeners.set(key, known.add(listener));
      return () => known.delete(listener);
    },
    async exclusively(key, signal, work) {
      const before = turns.get(key) ?? Promise.resolve();
      const turn = before.then(() => (signal.aborted ? undefined : work()));
      turns.set(
        key,
        turn.catch(() => {}),
      );
      await turn;
    },
  };
}

/** The list with a message in its old place, or at the end. */
export function upsert(list: readonly PendingMessage[], message: PendingMessage): PendingMessage[] {
  const isKnown = list.some(({ client_id }) => client_id === message.client_id);
  if (!isKnown) return [...list, message];
  return list.map((known) => (known.client_id === message.client_id ? message : known));
}
