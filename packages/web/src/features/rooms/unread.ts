import type { RoomSummary } from "@parlor/protocol";

/** What a room asks of its reader's attention, after their own choice of it. */
export interface Asking {
  /** Messages that call the person: mentions, and everything in a conversation of two. */
  readonly calls: number;
  /** Other messages that were not read. */
  readonly others: number;
}

const NOTHING: Asking = { calls: 0, others: 0 };

/** The two numbers of a room that are shown, by its level. */
export function askingOf({ kind, level, unread, mentions }: RoomSummary): Asking {
  if (level === "none") return NOTHING;
  if (kind === "direct") return { calls: level === "all" ? unread : mentions, others: 0 };
  return { calls: mentions, others: level === "all" ? Math.max(0, unread - mentions) : 0 };
}

/** The same of all rooms together. */
export function askingOfAll(rooms: readonly RoomSummary[]): Asking {
  let [calls, others] = [0, 0];
  for (const room of rooms) {
    const asking = askingOf(room);
    calls += asking.calls;
    others += asking.others;
  }
  return calls + others === 0 ? NOTHING : { calls, others };
}

/** The next room from the current one, in the order of the list and around its end. */
export function neighbour(ids: readonly string[], current: string | null, step: 1 | -1): string | null {
  if (ids.length === 0) return null;
  const at = current === null ? -1 : ids.indexOf(current);
  if (at < 0) return (step > 0 ? ids[0] : ids.at(-1)) ?? null;
  return ids[(at + step + ids.length) % ids.length] ?? null;
}
