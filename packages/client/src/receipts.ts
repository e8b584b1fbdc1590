import type { Receipt } from "@parlor/protocol";

/** Readers of whom is known how far they are, at most; beyond them the one heard of longest ago goes. */
const READERS_LIMIT = 500;

/** How far others have read, with news of it; nobody goes back. The user's own cursor is no receipt. */
export function mergeReceipts(
  known: ReadonlyMap<string, number>,
  news: readonly Receipt[],
  userId: string,
): ReadonlyMap<string, number> {
  let merged: Map<string, number> | null = null;
  for (const { user_id, seq } of news) {
    if (user_id === userId || seq <= ((merged ?? known).get(user_id) ?? 0)) continue;
    merged ??= new Map(known);
    merged.delete(user_id);
    merged.set(user_id, seq);
    const oldest = merged.keys().next();
    if (merged.size > READERS_LIMIT && !oldest.done) merged.delete(oldest.value);
  }
  return merged ?? known;
}
