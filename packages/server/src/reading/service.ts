import {
  LIMITS,
  type MessagePreview,
  type NotificationLevel,
  ParlorError,
  type Profile,
  type ReadState,
  type Receipt,
  type RoomSummary,
} from "@parlor/protocol";
import type { Database } from "../db/database.js";
import type { Presence } from "../rooms/service.js";
import { accountOf, type Caller } from "../users/caller.js";
import { nameKey } from "../users/name.js";
import type { UsersService } from "../users/service.js";
import { toProfile } from "../users/user.js";
import type { SummaryRow } from "./store.js";
import * as store from "./store.js";

/** A cursor moved, or a choice changed: the user's other devices want to know. Told after the commit. */
export interface ReadingEvents {
  read(change: { roomId: string; userId: string; readSeq: number }): void;
  level(change: { roomId: string; userId: string; level: NotificationLevel }): void;
}

export type ReadingService = ReturnType<typeof createReading>;

/** What each user has read, counted anew from two numbers each time, so that no count can stick. */
export function createReading(parts: { database: Database; users: UsersService; presence: Presence }) {
  const { users, presence } = parts;
  const { sql } = parts.database;
  const listeners: ReadingEvents[] = [];
  const nobody = { deviceIds: [], accountIds: [] };

  async function toSummaries(rows: readonly SummaryRow[]): Promise<RoomSummary[]> {
    const others = await users.rows(rows.flatMap((row) => row.other_id ?? []));
    return rows.map((row) => {
      const known = row.other_id === null ? undefined : others.get(row.other_id);
      const other = known ? toProfile(known) : null;
      return {
        id: row.id,
        kind: row.kind,
        name: other?.username ?? row.name,
        thumbnail_url: row.thumbnail_url ?? other?.avatar_url ?? null,
        privacy: row.privacy,
        created_by: row.created_by,
        host: row.host,
        host_proven: row.host_proven,
        other,
        memberCount: row.member_count,
        onlineCount: presence.onlineCount(row.id),
        joined_at: row.joined_at.toISOString(),
        epoch: row.epoch,
        head_seq: row.head_seq,
        read_seq: row.read_seq,
        unread: row.unread,
        mentions: row.mentions,
        last_message: row.is_open ? previewOf(row) : null,
        level: row.level,
      };
    });
  }

  return {
    /** Tells of what changes. */
    listen(listener: ReadingEvents): void {
      listeners.push(listener);
    },

    /** The rooms of a user, or one of them; previews of password rooms only where the caller has a grant. */
    async list(
      userId: string,
      caller: Caller,
      options: { roomId?: string | undefined; limit: number },
    ): Promise<RoomSummary[]> {
      const account = accountOf(caller);
      const holders = {
        deviceIds: [caller.device?.id, caller.bearer?.deviceId].filter((id) => id !== undefined),
        accountIds: account === null ? [] : [account],
      };
      const bounds = { ...options, count: LIMITS.unreadCount, holders };
      return await toSummaries(await store.summaries(sql, userId, bounds));
    },

    /** Notes up to where a user has read; it never goes back. Throws `forbidden` for somebody who is no member. */
    async read(roomId: string, userId: string, seq: number): Promise<ReadState> {
      const moved = await store.moveCursor(sql, roomId, userId, seq);
      if (!moved) throw new ParlorError("forbidden", "Join the room first.");
      const { read_seq, head_seq, is_news } = moved;
      if (is_news) for (const listener of listeners) listener.read({ roomId, userId, readSeq: read_seq });
      const count = LIMITS.unreadCount;
      const [row] =
        read_seq >= head_seq
          ? []
          : await store.summaries(sql, userId, { roomId, limit: 1, count, holders: nobody });
      return {
        room_id: roomId,
        head_seq: row?.head_seq ?? head_seq,
        read_seq,
        unread: row?.unread ?? 0,
        mentions: row?.mentions ?? 0,
      };
    },

    /** Keeps what of a room reaches its member's attention. */
    async setLevel(roomId: string, userId: string, level: NotificationLevel): Promise<void> {
      if (!(await store.setLevel(sql, roomId, userId, level)))
        throw new ParlorError("forbidden", "Join the room first.");
      for (const listener of listeners) listener.level({ roomId, userId, level });
    },

    /** How far others have read, for somebody who tells it too; nothing for all others. */
    async receipts(roomId: string, reader: { readonly read_receipts: boolean }): Promise<Receipt[]> {
      return reader.read_receipts ? await store.receipts(sql, roomId, LIMITS.receipts) : [];
    },

    /** People of the user's rooms with a part of their name, as a reader sees names: without case and accents. */
    async findPeople(userId: string, name: string, limit: number): Promise<Profile[]> {
      const key = nameKey(name);
      return key === "" ? [] : (await store.findPeople(sql, userId, key, limit)).map(toProfile);
    },

    /** The rooms whose activity reaches a user's inbox. */
    memberships: (userId: string) => store.memberships(sql, userId, LIMITS.userRooms * 2),
  };
}

function previewOf(row: SummaryRow): MessagePreview | null {
  if (row.last_id === null) return null;
  return {
    id: row.last_id,
    seq: row.last_seq ?? 0,
    user_id: row.last_user_id ?? "",
    username: row.last_username ?? "",
    content: row.last_content ?? "",
    timestamp: row.last_at?.toISOString() ?? "",
    attachment: row.last_attachment,
    about: row.last_about,
  };
}
