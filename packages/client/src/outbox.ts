import type { PendingMessage } from "./types.js";

/**
 * Where a room's unsent messages are kept, in the order of sending. `key` names server, room and user. A store that
 * several tabs share also tells of their changes and lets only one of them send.
 */
export interface OutboxStore {
  /** All unsent messages, the oldest first. */
  list(key: string): Promise<PendingMessage[]>;
  /** Adds a message at the end, or replaces the one with its `client_id` in its place. */
  put(key: string, message: PendingMessage): Promise<void>;
  /** Forgets a message; one that is unknown is no error. */
  delete(key: string, clientId: string): Promise<void>;
  /** Calls back when somebody else changed the list. */
  watch(key: string, listener: () => void): () => void;
  /** Runs `work` while nobody else runs theirs for this key; `signal` ends the wait. */
  exclusively(key: string, signal: AbortSignal, work: () => Promise<void>): Promise<void>;
}

/** An outbox that lives as long as the program. Clients that share one behave as tabs that share a browser's. */
export function createMemoryOutbox(): OutboxStore {
  throw new Error("not built yet");
}
