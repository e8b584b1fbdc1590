import { createIndexedDatabase, type DatabaseSteps, done } from "./indexed-database.js";
import { createWatchers, type OutboxStore } from "./outbox.js";
import { createTurns, TURNS } from "./outbox-turn.js";
import type { PendingMessage } from "./types.js";

/** How often a change of another tab is looked for where the browser cannot tell of it. */
const LOOK_EVERY = 5_000;

/** Unsent messages, by a number that counts up. */
const MESSAGES = "messages";
const BY_KEY = "by_key";
const BY_NAME = "by_name";

const STEPS: DatabaseSteps = [
  (database) => {
    const store = database.createObjectStore(MESSAGES, { autoIncrement: true });
    store.createIndex(BY_KEY, "key");
    store.createIndex(BY_NAME, ["key", "client_id"], { unique: true });
  },
  (database) => {
    database.createObjectStore(TURNS);
  },
];

interface Row extends PendingMessage {
  readonly key: string;
}

/**
 * The browser's outbox: survives a reload, a closed tab and a crash, and is shared by all tabs, of which one at a time
 * sends. Where the browser refuses to keep anything (a private window, a full disk) every call fails, and the client
 * goes on in memory.
 */
export function createIndexedDbOutbox(options: { readonly name?: string } = {}): OutboxStore {
  const name = options.name ?? "parlor-outbox";
  const transact = createIndexedDatabase(name, STEPS);
  const watchers = createWatchers();
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(name);
  if (channel) {
    channel.onmessage = (event: MessageEvent<unknown>) => {
      if (typeof event.data === "string") watchers.tell(event.data);
    };
  }

  function tell(key: string): void {
    // A channel does not call back in the page that speaks.
    watchers.tell(key);
    channel?.postMessage(key);
  }

  function watch(key: string | null, listener: () => void): () => void {
    const stop = watchers.add(key, listener);
    const timer = channel === null ? setInterval(listener, LOOK_EVERY) : undefined;
    return () => {
      stop();
      clearInterval(timer);
    };
  }

  async function write(
    key: string,
    clientId: string,
    change: (store: IDBObjectStore, place: IDBValidKey | undefined) => IDBRequest | null,
  ): Promise<void> {
    await transact(MESSAGES, "readwrite", async (store) => {
      const place = await done(store.index(BY_NAME).getKey([key, clientId]));
      const request = change(store, place);
      if (request !== null) await done(request);
    });
    tell(key);
  }

  return {
    durable: true,
    async list(key) {
      const rows = await transact(MESSAGES, "readonly", (store) =>
        done<Row[]>(store.index(BY_KEY).getAll(key)),
      );
      return rows.map(({ key: _, ...message }) => message);
    },
    put: (key, message) =>
      // Rows are kept by a number that the database counts up: the order of sending, whatever the clock says.
      write(key, message.client_id, (store, place) => {
        const row: Row = { ...message, key };
        return place === undefined ? store.add(row) : store.put(row, place);
      }),
    replace: (key, message) =>
      write(key, message.client_id, (store, place) =>
        place === undefined ? null : store.put({ ...message, key } satisfies Row, place),
      ),
    delete: (key, clientId) =>
      write(key, clientId, (store, place) => (place === undefined ? null : store.delete(place))),
    keys: () =>
      transact(MESSAGES, "readonly", async (store) => {
        const keys: string[] = [];
        const request = store.index(BY_KEY).openKeyCursor(null, "nextunique");
        for (let cursor = await done(request); cursor !== null; cursor = await done(request)) {
          keys.push(String(cursor.key));
          cursor.continue();
        }
        return keys;
      }),
    watch,
    exclusively: createTurns(name, transact, watch, tell),
  };
}
