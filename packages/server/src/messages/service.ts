import {
  type CallRecord,
  cleanText,
  isAvatarUrl,
  LIMITS,
  type Message,
  ParlorError,
  type RecordingNote,
} from "@parlor/protocol";
import { isOwnPicture } from "../base-address.js";
import type { Bus } from "../bus/bus.js";
import type { Database, TransactionSql } from "../db/database.js";
import type { LoadMeter } from "../load-meter.js";
import type { Logger } from "../log.js";
import type { Metrics } from "../metrics/metrics.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import type { UserRow } from "../users/user.js";
import { createChangeWaiters } from "./change-waiters.js";
import { type Committed, createCommitter, type Decided } from "./committer.js";
import { applyEdit, clearVersions, type EditInput } from "./edits.js";
import { type ExtraInput, extraOf, hasAttachments, type MessageExtra } from "./extra.js";
import { replaceMentions } from "./mentions.js";
import { toMessages } from "./message.js";
import { newMessageId } from "./message-id.js";
import { applyPin, type PinInput } from "./pins.js";
import { createPublisher } from "./publisher.js";
import { createReading, type HistoryPage, PAGE_BYTES } from "./reading.js";
import { createRecentChanges } from "./recent-changes.js";
import type { MessageRow } from "./store.js";
import * as store from "./store.js";

/** A message as its author sends it. */
export interface MessageInput {
  readonly content: string;
  readonly clientId?: string | null | undefined;
  readonly kind?: string | null | undefined;
  /** The message's own picture; it shows only while the author has no other. */
  readonly avatarUrl?: string | null | undefined;
  /** What few messages have. What does not hold in the room is left out, and the message is sent. */
  readonly extras?: ExtraInput | undefined;
  /** The id that it gets; a new one otherwise. */
  readonly id?: string | undefined;
  /** The call that it tells of. No client can say so. */
  readonly call?: CallRecord | undefined;
  /** The recording that it tells of, and brings. No client can say so. */
  readonly recording?: RecordingNote | undefined;
}

/** A message that is stored: `repeat` when it was already. */
export interface Posted {
  readonly message: Message;
  readonly repeat: boolean;
}

/** A part of what changed in a room, by `updated_seq`. */
export interface ChangesPage {
  readonly messages: readonly Message[];
  /** Whether nothing followed when it was read. */
  readonly isLast: boolean;
}

export type MessagesService = ReturnType<typeof createMessages>;

/** The rooms' histories. */
export function createMessages(parts: {
  database: Database;
  bus: Bus;
  users: UsersService;
  rooms: RoomsService;
  metrics: Metrics;
  load: Pick<LoadMeter, "utilization">;
  log: Logger;
}) {
  const { database, bus, users, rooms, metrics, load, log } = parts;
  const { sql } = database;
  const waiters = createChangeWaiters(bus);
  const recent = createRecentChanges();
  const publisher = createPublisher({ sql, bus, users, recent, log });
  const committer = createCommitter({ database, publisher, metrics, load, log });

  rooms.onGone((roomId) => {
    publisher.forget(roomId);
    recent.forget(roomId);
    waiters.wake(roomId);
  });

  // Who was put out is not to wait for the room's next change to hear of it.
  rooms.onMembership(({ room, isPutOut }) => {
    if (isPutOut) waiters.wake(room.id);
  });

  const shown = (rows: readonly MessageRow[]) => toMessages({ sql, users }, rows);

  async function toPosted({ row, fresh, message: published }: Committed): Promise<Posted> {
    const [message] = published ? [published] : await shown([row]);
    if (!message) throw new ParlorError("internal");
    return { message, repeat: !fresh };
  }

  async function changeMessage(
    roomId: string,
    messageId: string,
    decide: (row: MessageRow, commit: (change: store.MessageChange) => Promise<Decided>) => Promise<Decided>,
    within?: (
      tx: Parameters<typeof store.changeMessage>[0],
      row: MessageRow,
    ) => Promise<store.MessageChange | null>,
  ): Promise<Message> {
    const done = await committer.change(roomId, async (tx) => {
      const head = await store.lockRoom(tx, roomId);
      if (head === null) throw new ParlorError("room_not_found");
      publisher.begin(roomId, head);
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
      const refused = contentError(input.content, input.extras);
      if (refused) return Promise.reject(refused);
      const committed = committer.append({
        id: input.id ?? newMessageId(),
        room_id: roomId,
        client_id: input.clientId ?? null,
        user_id: author.id,
        username: author.shown_name,
        avatar_url: ownAvatar(input.avatarUrl),
        content: input.content,
        kind: input.kind && input.kind !== "message" ? input.kind : null,
        created_at: new Date(),
        extra: extraFor(input),
      });
      return committed.then(toPosted);
    },

    /** Changes the text, and the mentions where they are given; only the author does. The same again changes nothing. */
    async edit(
      roomId: string,
      messageId: string,
      actors: ReadonlySet<string>,
      edit: EditInput,
    ): Promise<Message> {
      const refused = contentError(edit.content);
      if (refused) throw refused;
      return await changeMessage(
        roomId,
        messageId,
        async (row, commit) => {
          if (row.deleted_at) throw new ParlorError("message_not_found");
          if (!actors.has(row.user_id))
            throw new ParlorError("forbidden", "Only its author edits a message.");
          if (row.extra?.call ?? row.extra?.recording)
            throw new ParlorError("rule_broken", "What a room tells of its call is not edited.");
          return await commit({});
        },
        (tx, row) => applyEdit(tx, row, edit),
      );
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
            : await commit({ content: "", deleted_at: new Date(), reactions: null, extra: null });
        },
        async (tx, row) => {
          await store.clearReactions(tx, row.id);
          await replaceMentions(tx, row, null);
          await clearVersions(tx, row.id);
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

    /** Pins a message or takes its pin away; the same again changes nothing. */
    async pin(roomId: string, messageId: string, pin: PinInput): Promise<Message> {
      return await changeMessage(
        roomId,
        messageId,
        async (row, commit) => {
          if (row.deleted_at) throw new ParlorError("message_not_found");
          return await commit({});
        },
        (tx, row) => applyPin(tx, row, pin),
      );
    },

    /** A message of a room as it is stored; `null` when there is none. */
    find: (roomId: string, messageId: string) => store.findMessage(sql, roomId, messageId),

    /** Changes what a message tells of a call. One that was deleted, or tells of none, stays as it is. */
    async changeCall(
      roomId: string,
      messageId: string,
      { content, call }: { content: string; call: CallRecord },
    ): Promise<void> {
      await changeMessage(roomId, messageId, async (row, commit) =>
        row.deleted_at || !row.extra?.call
          ? { row, fresh: false }
          : await commit({ content, extra: { ...row.extra, call } }),
      );
    },

    ...createReading({ sql, users, rooms }),

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
      const limits = { rows: limit, bytes: PAGE_BYTES };
      const page = await store.messagesChangedAfter(sql, roomId, cursor.after, limits);
      const last = page.rows.at(-1)?.updated_seq ?? 0;
      // The head was read before the rows, and changes commit in the order of their numbers: up to the larger of the
      // two nothing is missing, unless something was left out.
      const nextAfter = page.isLast ? Math.max(last, version.head_seq) : last;
      return { messages: await shown(page.rows), nextAfter, epoch: version.epoch };
    },

    /** A part of what changed after a number, for a reader who knows that there is as much as `head`. */
    async changesAfter(
      roomId: string,
      { after, head }: { after: number; head: number },
      limits: store.PageLimits,
    ): Promise<ChangesPage> {
      const kept = recent.after(roomId, after, head);
      if (kept) return { messages: await shown(kept), isLast: true };
      const { rows, isLast } = await store.messagesChangedAfter(sql, roomId, after, limits);
      return { messages: await shown(rows), isLast };
    },

    /** Resolves at the room's next change, at the end of the time, or when `signal` aborts. */
    waiters,

    /** Which private messages a user has not read, ascending, at most 200. */
    unread: (userId: string) => store.unreadMessages(sql, userId, LIMITS.unreadDirect),

    /** These messages, in their order, in parts of about 1 MiB of text; what was deleted meanwhile is left out. */
    async *inParts(found: readonly store.UnreadMessage[]): AsyncGenerator<Message[]> {
      for (let next = 0; next < found.length; ) {
        const from = next;
        for (let bytes = 0; next < found.length && bytes < PAGE_BYTES; next += 1)
          bytes += found[next]?.size ?? 0;
        const part = found.slice(from, next).map(({ id }) => id);
        const rows = new Map((await store.findMessages(sql, part)).map((row) => [row.id, row]));
        yield await shown(
          part.flatMap((id) => {
            const row = rows.get(id);
            return row && !row.deleted_at ? [row] : [];
          }),
        );
      }
    },

    /** A socket comes into a room whose head was just read: what changes from here on is published. */
    begin: (roomId: string, head: number) => publisher.begin(roomId, head),

    /** The number up to which a room's changes were published here; `undefined` when that is not known. */
    publishedHead: (roomId: string): number | undefined => publisher.head(roomId),

    /** Publishes what another process stored up to a head that was read, unless that is on its way. */
    async catchUp(roomId: string, head: number): Promise<void> {
      publisher.begin(roomId, head);
      if (publisher.isBehind(roomId, head)) await committer.catchUp(roomId, head);
    },

    /** Does something with a room in a transaction at its place in the room's order. */
    inTurn: (roomId: string, work: (tx: TransactionSql) => Promise<void>) => committer.turn(roomId, work),

    drain: () => committer.drain(),
  };
}

function extraFor({ call, recording, extras }: MessageInput): MessageExtra | null {
  if (call) return { call };
  const extra = extras ? extraOf(extras) : null;
  return recording ? { ...extra, recording } : extra;
}

/** A picture that a message brings, when other people's browsers may load it; else it has none. */
function ownAvatar(url: string | null | undefined): string | null {
  return url && (isOwnPicture(url) || isAvatarUrl(url)) ? cleanText(url) : null;
}

function contentError(content: string, extras: ExtraInput = {}): ParlorError | null {
  if (content.length > LIMITS.contentLength) return new ParlorError("content_too_long");
  return content.trim() === "" && !hasAttachments(extras) ? new ParlorError("blank_content") : null;
}
