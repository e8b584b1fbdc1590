import type { Message } from "@parlor/protocol";

/** The last loaded message at or before a number; -1 when all are newer. */
function indexUpTo(messages: readonly Message[], seq: number): number {
  let [low, high] = [0, messages.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((messages[middle]?.seq ?? 0) <= seq) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/**
 * Who has read up to which message, by its `seq`. Nobody stands at a message of their own: that they know it says
 * nothing. What is not loaded has no readers here. A list that is as it was before is the same list, so that its line is
 * not drawn anew.
 */
export function readersOf(
  messages: readonly Message[],
  receipts: ReadonlyMap<string, number>,
  before: ReadonlyMap<number, readonly string[]> = new Map(),
): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, readonly string[]>();
  for (const [userId, seq] of receipts) {
    const message = messages[indexUpTo(messages, seq)];
    if (!message || message.user_id === userId) continue;
    const readers = found.get(message.seq);
    found.set(message.seq, readers ? [...readers, userId] : [userId]);
  }
  for (const [seq, readers] of found) {
    const old = before.get(seq);
    if (old?.length === readers.length && old.every((id, index) => id === readers[index]))
      found.set(seq, old);
  }
  return found;
}
