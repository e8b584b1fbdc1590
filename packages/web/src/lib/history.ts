import { type BrowserHistory, createIndexedDbHistory, historyOwner } from "@parlor/client";
import { api } from "./api.js";
import { KEYS, load, save } from "./storage.js";

let store: BrowserHistory | undefined;

/** What this browser keeps of the rooms of the one who uses it. */
export function history(): BrowserHistory {
  store ??= noting(createIndexedDbHistory());
  return store;
}

/** Notes which rooms are kept where boot.js can read it at once. A note may be wrong: it only says what is asked first. */
function noting(own: BrowserHistory): BrowserHistory {
  return {
    ...own,
    mayHave: (roomId) => load(KEYS.kept(roomId)) !== null,
    async keepRoom(owner, roomId, snapshot) {
      save(KEYS.kept(roomId), "1");
      await own.keepRoom(owner, roomId, snapshot);
    },
    async dropRoom(owner, roomId) {
      save(KEYS.kept(roomId), null);
      await own.dropRoom(owner, roomId);
    },
  };
}

/** This user has the browser from now on; what another one left is gone. A storage that fails keeps nothing. */
export async function claimHistory(userId: string): Promise<void> {
  await history()
    .claim(historyOwner(api.url, userId))
    .catch(() => {});
}

/** Forgets what was kept, for good. */
export async function clearHistory(): Promise<void> {
  await history()
    .clear()
    .catch(() => {});
}
