import { type Message, type MessageVersion, ParlorError } from "@parlor/protocol";
import type { Query } from "../db/database.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import { versionsOf } from "./edits.js";
import { type MentionsQuery, mentionsFor } from "./mentions.js";
import { toMessages } from "./message.js";
import { pinnedMessages } from "./pins.js";
import type { MessageRow } from "./store.js";
import * as store from "./store.js";

/** A page of the history. */
export interface HistoryPage {
  readonly messages: Message[];
  /** The cursor to ask with next. */
  readonly nextAfter: number;
  readonly epoch: string;
}

/** Bytes of text of one page, and of the newest one, which the seeds' clients read alone. */
export const PAGE_BYTES = 1024 * 1024;
const NEWEST_BYTES = 4 * 1024 * 1024;

/** The ways to look into a room's history that follow no cursor. */
export function createReading(parts: { sql: Query; users: UsersService; rooms: RoomsService }) {
  const { sql, rooms } = parts;
  const shown = (found: readonly MessageRow[]) => toMessages(parts, found);
  const within = (rows: number): store.PageLimits => ({ rows, bytes: PAGE_BYTES });

  async function pageOf(roomId: string, read: () => Promise<MessageRow[]>): Promise<HistoryPage | null> {
    // The head is read before the rows: up to it the page is complete.
    const version = await rooms.historyVersion(roomId);
    if (!version) return null;
    return { messages: await shown(await read()), nextAfter: version.head_seq, epoch: version.epoch };
  }

  return {
    /** The newest messages; deleted ones are left out. */
    newest: (roomId: string, limit: number) =>
      pageOf(roomId, () => store.newestMessages(sql, roomId, { ...within(limit), bytes: NEWEST_BYTES })),

    /** The newest messages below a number, tombstones too. */
    before: (roomId: string, before: number, limit: number) =>
      pageOf(roomId, () => store.messagesBefore(sql, roomId, before, within(limit))),

    /** The first messages from a number on, tombstones too. */
    from: (roomId: string, from: number, limit: number) =>
      pageOf(roomId, () => store.messagesFrom(sql, roomId, from, within(limit))),

    /** The first messages that are not older than a moment, tombstones too. */
    at: (roomId: string, at: Date, limit: number) =>
      pageOf(roomId, async () =>
        store.messagesFrom(sql, roomId, await store.numberAt(sql, roomId, at), within(limit)),
      ),

    /**
     * The messages on both sides of a number, ascending, tombstones too. The number's own counts to the later half;
     * where one side ends early, the other is not longer for it.
     */
    around: (roomId: string, number: number, limit: number) =>
      pageOf(roomId, async () => {
        const earlier = Math.floor(limit / 2);
        const [before, from] = await Promise.all([
          earlier > 0 ? store.messagesBefore(sql, roomId, number, within(earlier)) : [],
          store.messagesFrom(sql, roomId, number, within(limit - earlier)),
        ]);
        return [...before, ...from];
      }),

    /** A room's pinned messages from a place in their list on, the newest pin first. */
    pins: async (roomId: string, offset: number) =>
      shown(await pinnedMessages(sql, roomId, offset, PAGE_BYTES)),

    /** Messages that mention a user, the newest first. */
    mentions: async (userId: string, query: MentionsQuery) =>
      shown(await mentionsFor(sql, userId, query, PAGE_BYTES)),

    /** Former texts of a message, the newest first; for its author and the room's hosts. */
    async edits(
      roomId: string,
      messageId: string,
      actors: ReadonlySet<string>,
      hosts: readonly string[],
    ): Promise<MessageVersion[]> {
      const row = await store.findMessage(sql, roomId, messageId);
      if (!row || row.deleted_at) throw new ParlorError("message_not_found");
      if (![row.user_id, ...hosts].some((id) => actors.has(id))) {
        throw new ParlorError(
          "forbidden",
          "Only its author and the room's host see what a message said before.",
        );
      }
      return await versionsOf(sql, messageId);
    },
  };
}
