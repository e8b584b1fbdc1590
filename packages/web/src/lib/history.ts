import { type BrowserHistory, createIndexedDbHistory, historyOwner } from "@parlor/client";
import { api } from "./api.js";

let store: BrowserHistory | undefined;

/** What this browser keeps of the rooms of the one who uses it. */
export function history(): BrowserHistory {
  store ??= createIndexedDbHistory();
  return store;
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
