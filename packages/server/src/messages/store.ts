import type { Reaction } from "@parlor/protocol";
import type { Query, TransactionSql } from "../db/database.js";

/** A row of `messages`. */
export interface MessageRow {
  readonly id: string;
  readonly room_id: string;
  readonly seq: number;
  readonly updated_seq: number;
  readonly client_id: string | null;
  readonly user_id: string;
  readonly username: string;
  readonly avatar_url: string | null;
  readonly content: string;
  readonly kind: string | null;
  readonly reactions: Reaction[] | null;
  readonly edited_at: Date | null;
  readonly deleted_at: Date | null;
  readonly created_at: Date;
}

/** A message that waits for its number. */
export type NewMessage = Pick<
  MessageRow,
  "id" | "room_id" | "client_id" | "user_id" | "username" | "avatar_url" | "content" | "kind" | "created_at"
>;

/** What became of a message of a batch. */
export interface Appended {
  /** `null`: the room is not there. */
  readonly message_id: string | null;
  readonly seq: number;
  /** The client had sent it before: the stored message is an older one. */
  readonly repeated: boolean;
}

/** Stores a batch in one round trip and one commit; answers in the batch's order (see the migration). */
export async function appendMessages(sql: Query, batch: readonly NewMessage[]): Promise<Appended[]> {
  return await sql<Appended[]>`
    select message_id, seq, repeated from append_messages(
      ${batch.map((m) => m.room_id)}::text[], ${batch.map((m) => m.id)}::text[],
      ${batch.map((m) => m.client_id)}::text[], ${batch.map((m) => m.user_id)}::text[],
      ${batch.map((m) => m.username)}::text[], ${batch.map((m) => m.avatar_url)}::text[],
      ${batch.map((m) => m.content)}::text[], ${batch.map((m) => m.kind)}::text[],
      ${batch.map((m) => m.created_at.toISOString())}::timestamptz[])`;
}

/** Messages by id, in no order. */
export async function findMessages(sql: Query, ids: readonly string[]): Promise<MessageRow[]> {
  return await sql<MessageRow[]>`select * from messages where id = any (${ids as string[]})`;
}

/** Locks a room against other writers until the transaction ends; its head, or `null`. */
export async function lockRoom(tx: TransactionSql, roomId: string): Promise<number | null> {
  const [row] = await tx<{ head_seq: number }[]>`
    select head_seq from rooms where id = ${roomId} for no key update`;
  return row?.head_seq ?? null;
}

/** A message of a room. */
export async function findMessage(sql: Query, roomId: string, id: string): Promise<MessageRow | null> {
  const [row] = await sql<MessageRow[]>`select * from messages where room_id = ${roomId} and id = ${id}`;
  return row ?? null;
}

/** The fields that a change of a message sets. */
export type MessageChange = Partial<Pick<MessageRow, "content" | "edited_at" | "deleted_at">> & {
  readonly reactions?: Reaction[] | null;
};

/** Gives a change of a message the room's next number; the room is locked. */
export async function changeMessage(
  tx: TransactionSql,
  row: MessageRow,
  change: MessageChange,
): Promise<MessageRow | null> {
  const { reactions, ...columns } = change;
  const values = {
    ...columns,
    ...(reactions === undefined
      ? {}
      : { reactions: reactions === null ? null : (tx.json(reactions) as never) }),
  };
  const [head] = await tx<{ head_seq: number }[]>`
    update rooms set head_seq = head_seq + 1 where id = ${row.room_id} returning head_seq`;
  if (!head) return null;
  const [changed] = await tx<MessageRow[]>`
    update messages set ${tx({ ...values, updated_seq: head.head_seq })} where id = ${row.id} returning *`;
  return changed ?? null;
}

/** Adds or takes a reaction; `false` when that changes nothing. */
export async function setReaction(
  tx: TransactionSql,
  reaction: { messageId: string; emoji: string; userId: string; present: boolean },
): Promise<boolean> {
  const { messageId, emoji, userId, present } = reaction;
  const rows = present
    ? await tx`
      insert into reactions (message_id, emoji, user_id) values (${messageId}, ${emoji}, ${userId})
      on conflict do nothing returning 1`
    : await tx`
      delete from reactions where message_id = ${messageId} and emoji = ${emoji} and user_id = ${userId} returning 1`;
  return rows.length > 0;
}

/** All reactions on a message, gathered by emoji, the first used first. */
export async function gatherReactions(
  tx: TransactionSql,
  messageId: string,
  userIds: number,
): Promise<Reaction[]> {
  return await tx<Reaction[]>`
    select emoji, count(*)::int as count, (array_agg(user_id order by created_at, user_id))[1:${userIds}::int] as user_ids
    from reactions where message_id = ${messageId} group by emoji order by min(created_at), emoji`;
}

/** Takes all reactions off a message. */
export async function clearReactions(tx: TransactionSql, messageId: string): Promise<void> {
  await tx`delete from reactions where message_id = ${messageId}`;
}

/** The newest messages by `seq`, ascending; deleted ones are left out. */
export async function newestMessages(sql: Query, roomId: string, limit: number): Promise<MessageRow[]> {
  const rows = await sql<MessageRow[]>`
    select * from messages where room_id = ${roomId} and deleted_at is null order by seq desc limit ${limit}`;
  return rows.reverse();
}

/** The newest messages with `seq` below `before`, ascending, tombstones too. */
export async function messagesBefore(
  sql: Query,
  roomId: string,
  before: number,
  limit: number,
): Promise<MessageRow[]> {
  const rows = await sql<MessageRow[]>`
    select * from messages where room_id = ${roomId} and seq < ${before} order by seq desc limit ${limit}`;
  return rows.reverse();
}

/** What changed after a number: each message once, in its newest state, by `updated_seq`. */
export async function messagesChangedAfter(
  sql: Query,
  roomId: string,
  after: number,
  limit: number,
): Promise<MessageRow[]> {
  return await sql<MessageRow[]>`
    select * from messages where room_id = ${roomId} and updated_seq > ${after} order by updated_seq limit ${limit}`;
}

/**
 * Messages of private rooms that their other person sent and `userId` has not read, the newest `limit`, ascending. Those
 * of one room go by `seq`, whatever the clock did.
 */
export async function unreadMessages(sql: Query, userId: string, limit: number): Promise<MessageRow[]> {
  const rows = await sql<MessageRow[]>`
    select m.* from (
      select m.*, max(m.created_at) over (partition by m.room_id order by m.seq) as moment from room_members p
      join rooms r on r.id = p.room_id and r.kind = 'direct'
      join messages m on m.room_id = p.room_id and m.seq > p.read_seq and m.user_id <> p.user_id and m.deleted_at is null
      where p.user_id = ${userId}) m
    order by m.moment desc, m.room_id desc, m.seq desc limit ${limit}`;
  return rows.reverse();
}

/** Remembers that a user has read a room up to its head. */
export async function markRead(sql: Query, roomId: string, userId: string): Promise<void> {
  await sql`
    update room_members m set read_seq = r.head_seq from rooms r
    where r.id = m.room_id and m.room_id = ${roomId} and m.user_id = ${userId}`;
}
