import type { PendingMessage } from "./types.js";

/** Unsent messages of one room and user at most, in number and in UTF-16 units; beyond them a send is refused. */
export const OUTBOX_LIMIT = { messages: 1_000, units: 4 * 1024 * 1024 } as const;

/** The right to send the messages of one key, until `signal` aborts. */
export interface Turn {
  /** Ends when it was called off or somebody else has taken it over. */
  readonly signal: AbortSignal;
  /** Whether it is still ours; to be asked before each send, since a tab may have been frozen since the last one. */
  holds(): Promise<boolean>;
}

/**
 * Where unsent messages are kept, in the order of sending. A key names server, room and user (see {@link outboxKey}). A
 * store that several tabs share also tells of their changes and lets only one of them send.
 */
export interface OutboxStore {
  /** Whether what it keeps outlives the program. */
  readonly durable: boolean;
  /** All unsent messages, the oldest first. */
  list(key: string): Promise<readonly PendingMessage[]>;
  /** Adds a message at the end, or replaces the one with its `client_id` in its place. */
  put(key: string, message: PendingMessage): Promise<void>;
  /** Replaces a message in its place; one that is gone stays gone. */
  replace(key: string, message: PendingMessage): Promise<void>;
  /** Forgets a message; one that is unknown is no error. */
  delete(key: string, clientId: string): Promise<void>;
  /** The keys under which anything is unsent. */
  keys(): Promise<readonly string[]>;
  /** Calls back when somebody may have changed the list of a key, or of any key (`null`). */
  watch(key: string | null, listener: () => void): () => void;
  /** Runs `work` while nobody else runs theirs for this key; `signal` ends the wait. */
  exclusively(key: string, signal: AbortSignal, work: (turn: Turn) => Promise<void>): Promise<void>;
}

/** Names the list of one user in one room of one server. None of the three holds a `|`. */
export function outboxKey(url: string, roomId: string, userId: string): string {
  return `${url}|${roomId}|${userId}`;
}

/** What a key names; `null` for one that {@link outboxKey} did not make. */
export function readOutboxKey(key: string): { url: string; roomId: string; userId: string } | null {
  const [url, roomId, userId, ...rest] = key.split("|");
  if (url === undefined || !roomId || !userId || rest.length > 0) return null;
  return { url, roomId, userId };
}

/** What of an unsent message goes to the server. */
export function sendable(message: PendingMessage) {
  const { client_id, content, reply_to, mentions, mentions_room, attachments } = message;
  const lists = { mentions: mentions && [...mentions], attachments: attachments && [...attachments] };
  return { client_id, content, reply_to, mentions_room, ...lists };
}

/** An outbox that lives as long as the program. Clients that share one behave as tabs that share a browser's. */
export function createMemoryOutbox(): OutboxStore {
  const lists = new Map<string, readonly PendingMessage[]>();
  const watchers = createWatchers();
  const turns = new Map<string, Promise<void>>();

  function change(key: string, next: (list: readonly PendingMessage[]) => readonly PendingMessage[]): void {
    const list = next(lists.get(key) ?? []);
    if (list.length > 0) lists.set(key, list);
    else lists.delete(key);
    queueMicrotask(() => watchers.tell(key));
  }

  return {
    durable: false,
    async list(key) {
      return lists.get(key) ?? [];
    },
    async put(key, message) {
      change(key, (list) => upsert(list, message));
    },
    async replace(key, message) {
      const isThere = lists.get(key)?.some(({ client_id }) => client_id === message.client_id);
      change(key, (list) => (isThere ? upsert(list, message) : list));
    },
    async delete(key, clientId) {
      change(key, (list) => list.filter(({ client_id }) => client_id !== clientId));
    },
    async keys() {
      return [...lists.keys()];
    },
    watch: watchers.add,
    async exclusively(key, signal, work) {
      const before = turns.get(key) ?? Promise.resolve();
      const turn = { signal, holds: async () => !signal.aborted };
      const run = before.then(() => (signal.aborted ? undefined : work(turn)));
      turns.set(
        key,
        run.catch(() => {}),
      );
      await run;
    },
  };
}

/** Listeners for the changes of keys. */
export function createWatchers() {
  const listeners = new Map<() => void, string | null>();
  return {
    /** Calls back when the list of a key changes, or any (`null`). */
    add(key: string | null, listener: () => void): () => void {
      const own = () => listener();
      listeners.set(own, key);
      return () => listeners.delete(own);
    },
    tell(key: string): void {
      for (const [listener, wanted] of [...listeners]) if (wanted === null || wanted === key) listener();
    },
  };
}

/** The list with a message in its old place, or at the end. */
export function upsert(list: readonly PendingMessage[], message: PendingMessage): PendingMessage[] {
  const isKnown = list.some(({ client_id }) => client_id === message.client_id);
  if (!isKnown) return [...list, message];
  return list.map((known) => (known.client_id === message.client_id ? message : known));
}

/** Whether a list takes no further message with so many UTF-16 units. */
export function isOutboxFull(list: readonly PendingMessage[], units: number): boolean {
  if (list.length >= OUTBOX_LIMIT.messages) return true;
  return list.reduce((sum, { content }) => sum + content.length, units) > OUTBOX_LIMIT.units;
}
