import type { RoomSummary } from "@parlor/protocol";
import { HISTORY_LIMIT, type HistoryStore, type RoomSnapshot } from "./history.js";
import { createIndexedDatabase, type DatabaseSteps, done } from "./indexed-database.js";

const KEPT = "kept";
const BY_TIME = "by_time";
const OWNER = "owner";
const LIST = "list";

const STEPS: DatabaseSteps = [
  (database) => {
    database.createObjectStore(KEPT).createIndex(BY_TIME, "kept_at");
  },
];

interface KeptRoom {
  /** Milliseconds since 1970: the rooms that were kept longest ago go first. */
  readonly kept_at: number;
  readonly snapshot: RoomSnapshot;
}

/** The browser's history, and who owns it. */
export interface BrowserHistory extends HistoryStore {
  /** Makes somebody the owner; what another owner left is gone. */
  claim(owner: string): Promise<void>;
  /** Forgets everything, the owner too: from now on nobody's writes are taken until the next claim. */
  clear(): Promise<void>;
}

/**
 * Keeps history in IndexedDB, for all tabs. Reading, writing and changing the owner are transactions on one store, so
 * that nothing of one person is written after another one came.
 */
export function createIndexedDbHistory(options: { readonly name?: string } = {}): BrowserHistory {
  const transact = createIndexedDatabase(options.name ?? "parlor-history", STEPS);
  const roomKey = (roomId: string) => `room:${roomId}`;

  /** Runs a transaction of the owner's; `null` for anybody else. */
  function asOwner<T>(
    owner: string,
    mode: IDBTransactionMode,
    run: (store: IDBObjectStore) => Promise<T>,
  ): Promise<T | null> {
    return transact(KEPT, mode, async (store) =>
      (await done<unknown>(store.get(OWNER))) === owner ? await run(store) : null,
    );
  }

  async function dropOldest(store: IDBObjectStore): Promise<void> {
    let excess = (await done(store.index(BY_TIME).count())) - HISTORY_LIMIT.rooms;
    const request = store.index(BY_TIME).openKeyCursor();
    for (let cursor = await done(request); cursor !== null && excess > 0; cursor = await done(request)) {
      await done(store.delete(cursor.primaryKey));
      excess -= 1;
      cursor.continue();
    }
  }

  return {
    async room(owner, roomId) {
      const kept = await asOwner(owner, "readonly", (store) =>
        done<KeptRoom | undefined>(store.get(roomKey(roomId))),
      );
      return kept?.snapshot ?? null;
    },
    async keepRoom(owner, roomId, snapshot) {
      await asOwner(owner, "readwrite", async (store) => {
        await done(store.put({ kept_at: Date.now(), snapshot } satisfies KeptRoom, roomKey(roomId)));
        await dropOldest(store);
      });
    },
    async dropRoom(owner, roomId) {
      await asOwner(owner, "readwrite", (store) => done(store.delete(roomKey(roomId))));
    },
    async rooms(owner) {
      const list = await asOwner(owner, "readonly", (store) =>
        done<readonly RoomSummary[] | undefined>(store.get(LIST)),
      );
      return list ?? null;
    },
    async keepRooms(owner, rooms) {
      await asOwner(owner, "readwrite", (store) => done(store.put(rooms.slice(0, HISTORY_LIMIT.list), LIST)));
    },
    claim: (owner) =>
      transact(KEPT, "readwrite", async (store) => {
        if ((await done<unknown>(store.get(OWNER))) === owner) return;
        await done(store.clear());
        await done(store.put(owner, OWNER));
      }),
    clear: () =>
      transact(KEPT, "readwrite", async (store) => {
        await done(store.clear());
      }),
  };
}
