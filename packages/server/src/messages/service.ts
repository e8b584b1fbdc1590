import { cleanText, isAvatarUrl, LIMITS, type Message, ParlorError } from "@parlor/protocol";
import { isOwnPicture } from "../base-address.js";
import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import type { Database } from "../db/database.js";
import type { Logger } from "../log.js";
import { plain } from "../plain.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import type { UserRow } from "../users/user.js";
import { createChangeWaiters } from "./change-waiters.js";
import { type Committed, createCommitter } from "./committer.js";
import { toMessage } from "./message.js";
import { newMessageId } from "./message-id.js";
import type { MessageRow } from "./store.js";
import * as store from "./store.js";

/** A message as its author sends it. */
export interface MessageInput {
  readonly content: string;
  readonly clientId?: string | null | undefined;
  readonly kind?: string | null | undefined;
  /** The message's own picture; it shows only while the author has no other. */
  readonly avatarUrl?: string | null | undefined;
}

/** A message that is stored: `repeat` when it was already. */
export interface Posted {
  readonly message: Message;
  readonly repeat: boolean;
}

/** A page of the history. */
export interface HistoryPage {
  readonly messages: Message[];
  /** The cursor to ask with next. */
  readonly nextAfter: number;
  readonly epoch: string;
}

export type MessagesService = ReturnType<typeof createMessages>;

/** The rooms' histories. */
export function createMessages(parts: {
  database: Database;
  bus: Bus;
  users: UsersService;
  rooms: RoomsService;
  log: Logger;
}) {
  const { database, bus, users, rooms, log } = parts;
  const { sql } = database;
  const waiters = createChangeWaiters(bus);
  const noteStored = atMostOncePerSecond(
    (line) => log.info(line),
    (line) => log.debug(line),
  );

  async function publish(rows: readonly { row: MessageRow; created: boolean }[]): Promise<void> {
    const authors = await users.rows(rows.map(({ row }) => row.user_id));
    for (const { row, created } of rows) {
      const message = toMessage(row, authors.get(row.user_id));
      bus.publish(row.room_id, changeFrame(message, created));
      if (created) noteStored(`💬 Message stored: ${plain(message.username)} in ${plain(row.room_id)}`);
    }
  }

  const committer = createCommitter({ database, publish, log });

  async function toMessages(rows: readonly MessageRow[]): Promise<Message[]> {
    const authors = await users.rows(rows.map((row) => row.user_id));
    return rows.map((row) => toMessage(row, authors.get(row.user_id)));
  }

  async function toPosted({ row, fresh }: Committed): Promise<Posted> {
    const authors = await users.rows([row.user_id]);
    return { message: toMessage(row, authors.get(row.user_id)), repeat: !fresh };
  }

  async function changeMessage(
    roomId: string,
    messageId: string,
    decide: (
      row: MessageRow,
      commit: (change: store.MessageChange) => Promise<Committed>,
    ) => Promise<Committed>,
    within?: (
      tx: Parameters<typeof store.changeMessage>[0],
      row: MessageRow,
    ) => Promise<store.MessageChange | null>,
  ): Promise<Message> {
    const done = await committer.change(roomId, async (tx) => {
      if ((await store.lockRoom(tx, roomId)) === null) throw new ParlorError("room_not_found");
      const row = await store.findMessage(tx, roomId, messageId);
      if (!row) throw new ParlorError("message_not_found");
      return await decide(row, async (change) => {
        const more = within ? await within(tx, row) : {};
        if (more === null) return { row, fresh: false };
        const changed = await store.changeMessage(tx, row, { ...change, ...more });
        if (!changed) throw new ParlorError("room_not_found");
        return { row: changed, fresh: true };
      });
    });
    return (await toPosted(done)).message;
  }

  return {
    /**
     * Stores and publishes a message of a member. The place in the room's order is taken before this function first
     * waits, so that messages of one socket keep their order.
     */
    post(
      roomId: string,
      author: UserRow | { id: string; shown_name: string },
      input: MessageInput,
    ): Promise<Posted> {
      const refused = contentError(input.content);
      if (refused) return Promise.reject(refused);
      const committed = committer.append({
        id: newMessageId(),
        room_id: roomId,
        client_id: input.clientId ?? null,
        user_id: author.id,
        username: author.shown_name,
        avatar_url: ownAvatar(input.avatarUrl),
        content: input.content,
        kind: input.kind && input.kind !== "message" ? input.kind : null,
        created_at: new Date(),
      });
      return committed.then(toPosted);
    },

    /** Changes the text; only the author does. The same text changes nothing. */
    async edit(
      roomId: string,
      messageId: string,
      actors: ReadonlySet<string>,
      content: string,
    ): Promise<Message> {
      const refused = contentError(content);
      if (refused) throw refused;
      return await changeMessage(roomId, messageId, async (row, commit) => {
        if (row.deleted_at) throw new ParlorError("message_not_found");
        if (!actors.has(row.user_id)) throw new ParlorError("forbidden", "Only its author edits a message.");
        return row.content === content
          ? { row, fresh: false }
          : await commit({ content, edited_at: new Date() });
      });
    },

    /** Leaves a tombstone; the author and the room's host do. Deleting twice changes nothing. */
    async remove(
      roomId: string,
      messageId: string,
      actors: ReadonlySet<string>,
      hosts: readonly string[],
    ): Promise<Message> {
      return await changeMessage(
        roomId,
        messageId,
        async (row, commit) => {
          if (![row.user_id, ...hosts].some((id) => actors.has(id))) {
            throw new ParlorError("forbidden", "Only its author and the room's host delete a message.");
          }
          return row.deleted_at
            ? { row, fresh: false }
            : await commit({ content: "", deleted_at: new Date(), reactions: null });
        },
        async (tx, row) => {
          await store.clearReactions(tx, row.id);
          return {};
        },
      );
    },

    /** Adds or takes a reaction; the same again changes nothing. */
    async react(
      roomId: string,
      messageId: string,
      reaction: { userId: string; emoji: string; present: boolean },
    ): Promise<Message> {
      return await changeMessage(
        roomId,
        messageId,
        async (row, commit) => {
          if (row.deleted_at) throw new ParlorError("message_not_found");
          return await commit({});
        },
        async (tx, row) => {
          if (!(await store.setReaction(tx, { messageId: row.id, ...reaction }))) return null;
          const reactions = await store.gatherReactions(tx, row.id, LIMITS.reactionUserIds);
          if (reactions.length > LIMITS.reactionEmojis) throw new ParlorError("reaction_limit");
          return { reactions };
        },
      );
    },

    /** The newest messages; deleted ones are left out. */
    async newest(roomId: string, limit: number): Promise<HistoryPage | null> {
      const version = await rooms.historyVersion(roomId);
      if (!version) return null;
      const rows = await store.newestMessages(sql, roomId, limit);
      return { messages: await toMessages(rows), nextAfter: version.head_seq, epoch: version.epoch };
    },

    /** The newest messages below a number, tombstones too. */
    async before(roomId: string, before: number, limit: number): Promise<HistoryPage | null> {
      const version = await rooms.historyVersion(roomId);
      if (!version) return null;
      const rows = await store.messagesBefore(sql, roomId, before, limit);
      return { messages: await toMessages(rows), nextAfter: version.head_seq, epoch: version.epoch };
    },

    /** What changed after a number; throws `cursor_reset` for a cursor of another history. */
    async changedAfter(
      roomId: string,
      cursor: { after: number; epoch?: string | undefined },
      limit: number,
    ): Promise<HistoryPage | null> {
      const version = await rooms.historyVersion(roomId);
      if (!version) return null;
      const foreign = cursor.epoch !== undefined && cursor.epoch !== version.epoch;
      if (foreign || cursor.after > version.head_seq) throw new ParlorError("cursor_reset");
      const rows = await store.messagesChangedAfter(sql, roomId, cursor.after, limit);
      const last = rows.at(-1)?.updated_seq ?? 0;
      // The head was read before the rows, and changes commit in the order of their numbers: up to the larger of the
      // two nothing is missing, unless the page is full.
      const nextAfter = rows.length >= limit ? last : Math.max(last, version.head_seq);
      return { messages: await toMessages(rows), nextAfter, epoch: version.epoch };
    },

    /** Resolves at the room's next change, at the end of the time, or when `signal` aborts. */
    waiters,

    /** Unread private messages of a user, ascending. */
    async unread(userId: string): Promise<Message[]> {
      return await toMessages(await store.unreadMessages(sql, userId, LIMITS.unreadDirect));
    },

    markRead: (roomId: string, userId: string) => store.markRead(sql, roomId, userId),
    drain: () => committer.drain(),
  };
}

/** The live frame of a change. */
export function changeFrame(message: Message, created: boolean) {
  const seq = message.updated_seq;
  if (created) return roomFrame(message, { seq });
  const { room_id, id } = message;
  if (message.deleted_at !== null) {
    const frame = { type: "message_deleted", room_id, id, seq: message.seq, updated_seq: seq } as const;
    return roomFrame(frame, { resumeOnly: true, seq });
  }
  return roomFrame({ type: "message_updated", room_id, message }, { resumeOnly: true, seq });
}

/** A picture that a message brings, when other people's browsers may load it; else it has none. */
function ownAvatar(url: string | null | undefined): string | null {
  return url && (isOwnPicture(url) || isAvatarUrl(url)) ? cleanText(url) : null;
}

function contentError(content: string): ParlorError | null {
  if (content.length > LIMITS.contentLength) return new ParlorError("content_too_long");
  return content.trim() === "" ? new ParlorError("blank_content") : null;
}

function atMostOncePerSecond(often: (line: string) => void, otherwise: (line: string) => void) {
  let last = Number.NEGATIVE_INFINITY;
  return (line: string) => {
    const now = performance.now();
    if (now - last < 1_000) return otherwise(line);
    last = now;
    often(line);
  };
}
