import { createBoundedMap } from "../bounded-map.js";
import type { MessageRow } from "./store.js";

/** Rooms of which changes are kept; beyond them those of the room that was used longest ago go. */
const ROOMS = 1_000;
/** Changes kept of a room, and UTF-16 units of all that they hold. */
const CHANGES = 32;
const UNITS = 16 * 1024;

/** What is in each row beside its texts: ids, times, numbers. */
const ROW = 200;

interface Kept {
  /** Ascending by number, without a gap. */
  readonly rows: MessageRow[];
  units: number;
}

export type RecentChanges = ReturnType<typeof createRecentChanges>;

/**
 * The last changes of each room that were published here. Who was away for a moment gets what it missed from them, without
 * a question to the database.
 */
export function createRecentChanges() {
  const rooms = createBoundedMap<string, Kept>(ROOMS);

  return {
    /** Keeps a change. One that does not follow on from the last makes the older ones worthless. */
    add(row: MessageRow): void {
      let kept = rooms.get(row.room_id);
      if (kept?.rows.at(-1)?.updated_seq !== row.updated_seq - 1) {
        kept = { rows: [], units: 0 };
        rooms.set(row.room_id, kept);
      }
      kept.rows.push(row);
      kept.units += sizeOf(row);
      while (kept.rows.length > CHANGES || kept.units > UNITS) {
        const gone = kept.rows.shift();
        kept.units -= gone ? sizeOf(gone) : 0;
      }
    },

    /**
     * What changed after a number, each message once and in its newest state, by `updated_seq`; `null` unless everything
     * up to `head` is kept.
     */
    after(roomId: string, after: number, head: number): readonly MessageRow[] | null {
      const rows = rooms.get(roomId)?.rows ?? [];
      const [first, last] = [rows[0], rows.at(-1)];
      if (!first || !last || first.updated_seq > after + 1 || last.updated_seq < head) return null;
      const newest = new Map<string, MessageRow>();
      for (const row of rows) {
        if (row.updated_seq <= after) continue;
        newest.delete(row.id);
        newest.set(row.id, row);
      }
      return [...newest.values()];
    },

    /** Forgets a room that is there no more. */
    forget: (roomId: string) => rooms.delete(roomId),
  };
}

/** A message with all its reactions is a hundred times one without, and each change of it is kept whole. */
function sizeOf({ content, avatar_url, reactions, extra }: MessageRow): number {
  const reacted = reactions?.reduce((sum, { user_ids }) => sum + user_ids.join().length, 0) ?? 0;
  const more = extra === null ? 0 : JSON.stringify(extra).length;
  return ROW + content.length + (avatar_url?.length ?? 0) + reacted + more;
}
