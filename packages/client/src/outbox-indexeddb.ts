import type { OutboxStore } from "./outbox.js";
import type { PendingMessage } from "./types.js";

const STORE = "messages";
const BY_KEY = "by_key";
const BY_NAME = "by_name";

interface Row extends PendingMessage {
  readonly key: string;
}

/**
 * The browser's outbox: survives a reload, and is shared by all tabs, of which one at a time sends. Where the browser
 * has no Web Locks (pages without https) every tab sends; the server drops the repeats.
 */
export function createIndexedDbOutbox(options: { readonly name?: string } = {}): OutboxStore {
  const name = options.name ?? "parlor-outbox";
  let opened: Promise<IDBDatabase> | null = null;

  function database(): Promise<IDBDatabase> {
    opened ??= open(name).then((db) => {
      // The browser closed it (storage cleared, a newer version of the page): the next call opens it again.
      db.onclose = db.onversionchange = () => {
        db.close();
        opened = null;
      };
      return db;
    });
    opened.catch(() => {
      opened = null;
    });
    return opened;
  }

  async function transact<T>(
    mode: IDBTransactionMode,
    run: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T> {
    const transaction = (await database()).transaction(STORE, mode);
    const finished = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error);
    });
    const [result] = await Promise.all([run(transaction.objectStore(STORE)), finished]);
    return result;
  }

  function tell(key: string): void {
    if (typeof BroadcastChannel === "undefined") return;
    const channel = new BroadcastChannel(name);
    channel.postMessage(key);
    channel.close();
  }

  return {
    async list(key) {
      const rows = await transact("readonly", (store) => done<Row[]>(store.index(BY_KEY).getAll(key)));
      return rows.map(({ key: _, ...message }) => message);
    },
    async put(key, message) {
      const row: Row = { ...message, key };
      await transact("readwrite", async (store) => {
        // Rows are kept by a number that the database counts up: the order of sending, whatever the clock says.
        const place = await done(store.index(BY_NAME).getKey([key, message.client_id]));
        await done(place === undefined ? store.add(row) : store.put(row, place));
      });
      tell(key);
    },
    async delete(key, clientId) {
      await transact("readwrite", async (store) => {
        const place = await done(store.index(BY_NAME).getKey([key, clientId]));
        if (place !== undefined) await done(store.delete(place));
      });
      tell(key);
    },
    watch(key, listener) {
      if (typeof BroadcastChannel === "undefined") return () => {};
      const channel = new BroadcastChannel(name);
      channel.onmessage = (event: MessageEvent<unknown>) => {
        if (event.data === key) listener();
      };
      return () => channel.close();
    },
    async exclusively(key, signal, work) {
      const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
      if (locks) await locks.request(`${name}|${key}`, { signal }, work);
      else await work();
    },
  };
}

function open(name: string): Promise<IDBDatabase> {
  if (typeof indexedDB === "undefined") return Promise.reject(new Error("This browser keeps no IndexedDB."));
  const request = indexedDB.open(name, 1);
  request.onupgradeneeded = () => {
    const store = request.result.createObjectStore(STORE, { autoIncrement: true });
    store.createIndex(BY_KEY, "key");
    store.createIndex(BY_NAME, ["key", "client_id"], { unique: true });
  };
  return done(request);
}

function done<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
