import type { Reaction } from "@parlor/protocol";
import type { Fragment, Query, TransactionSql } from "../db/database.js";
import type { MessageExtra } from "./extra.js";

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
  /** `null` for most messages. */
  readonly extra: MessageExtra | null;
}

/** A message that waits for its number. */
export type NewMessage = Pick<
  MessageRow,
  | "id"
  | "room_id"
  | "client_id"
  | "user_id"
  | "username"
  | "avatar_url"
  | "content"
  | "kind"
  | "created_at"
  | "extra"
>;

/** What became of a message of a batch. */
export interface Appended {
  /** `null`: the room is not there. */
  readonly message_id: string | null;
  readonly seq: number;
  /** The client had sent it before: the stored message is an older one. */
  readonly repeated: boolean;
  /** What of the message's extra holds in its room. */
  readonly extra: MessageExtra | null;
}

/** Stores a batch in one round trip and one commit; answers in the batch's order (see the migrations). */
export async function appendMessages(sql: Query, batch: readonly NewMessage[]): Promise<Appended[]> {
  const rooms = [...new Set(batch.map(({ room_id }) => room_id))];
  const extras = batch.filter(({ extra }) => extra !== null).map(({ id }) => id);
  const rows = await sql<(Appended & { readonly ord: number })[]>`
    select ord, message_id, seq, repeated, extra from append_messages(
      ${rooms}::text[], ${extras.length > 0 ? extras : null}::text[], ${JSON.stringify(batch)}::text::json)`;
  const told = new Map(rows.map((row) => [row.ord, row]));
  const heads = new Map<string, number>();
  return batch.map(({ id, room_id }, index) => {
    const seq = (heads.get(room_id) ?? 0) + 1;
    const appended = told.get(index + 1) ?? { message_id: id, seq, repeated: false, extra: null };
    if (appended.message_id !== null && !appended.repeated) heads.set(room_id, appended.seq);
    return appended;
  });
}

/** Messages by id, in no order. */
export async function findMessages(sql: Query, ids: readonly string[]): Promise<MessageRow[]> {
  return await sql<MessageRow[]>`select * from messages where id = any (${ids as string[]})`;
}

/** Locks a room against other writers until the transaction ends; its head, or `null`. */
export async function lockRoom(tx: TransactionSql, roomId: string): Promise<number | null> {
  const [row] = await tx<{ head_seq: number }[]>`
    select head_seq from rooms where id = ${roomId} and kind <> 'gone' for no key update`;
  return row?.head_seq ?? null;
}

/** A message of a room. */
export async function findMessage(sql: Query, roomId: string, id: string): Promise<MessageRow | null> {
  const [row] = await sql<MessageRow[]>`select * from messages where room_id = ${roomId} and id = ${id}`;
  return row ?? null;
}

/** The fields that a change of a message sets. */
export type MessageChange = Partial<
  Pick<MessageRow, "content" | "edited_at" | "deleted_at" | "reactions" | "extra">
>;

/** Gives a change of a message the room's next number; the room is locked. */
export async function changeMessage(
  tx: TransactionSql,
  row: MessageRow,
  change: MessageChange,
): Promise<MessageRow | null> {
  const { reactions, extra, ...columns } = change;
  const json = (value: unknown) => (value === null ? null : (tx.json(value as never) as never));
  const values = {
    ...columns,
    ...(reactions === undefined ? {} : { reactions: json(reactions) }),
    ...(extra === undefined ? {} : { extra: json(extra) }),
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

/**
 * The first messages of a list while their sizes make no more than `bytes`, at least one: what does not fit is never
 * fetched. `found` are ids with a `place` in the list.
 */
export async function messagesWithin(
  sql: Query,
  found: Fragment,
  { bytes }: Pick<PageLimits, "bytes">,
): Promise<MessageRow[]> {
  const rows = await sql<(MessageRow & { place: number })[]>`
    select m.*, page.place from (
      select sized.*, sum(size) over (order by place) - size as above from (
        select f.id, f.place, octet_length(m.content) + 4 * coalesce(pg_column_size(m.reactions), 0) as size
        from (${found}) f join messages m on m.id = f.id
      ) sized
    ) page join messages m on m.id = page.id
    where page.above < ${bytes} order by page.place`;
  return rows.map(({ place: _place, ...row }) => row);
}

/** The newest messages by `seq`, ascending; deleted ones are left out. */
export async function newestMessages(sql: Query, roomId: string, limits: PageLimits): Promise<MessageRow[]> {
  const found = sql`
    select id, -seq as place from messages
    where room_id = ${roomId} and deleted_at is null order by seq desc limit ${limits.rows}`;
  return (await messagesWithin(sql, found, limits)).reverse();
}

/** The newest messages with `seq` below `before`, ascending, tombstones too. */
export async function messagesBefore(
  sql: Query,
  roomId: string,
  before: number,
  limits: PageLimits,
): Promise<MessageRow[]> {
  const found = sql`
    select id, -seq as place from messages
    where room_id = ${roomId} and seq < ${before} order by seq desc limit ${limits.rows}`;
  return (await messagesWithin(sql, found, limits)).reverse();
}

/** The first messages with `seq` from `from` on, ascending, tombstones too. */
export async function messagesFrom(
  sql: Query,
  roomId: string,
  from: number,
  limits: PageLimits,
): Promise<MessageRow[]> {
  const found = sql`
    select id, seq as place from messages
    where room_id = ${roomId} and seq >= ${from} order by seq limit ${limits.rows}`;
  return await messagesWithin(sql, found, limits);
}

/**
 * The number from which a room's messages are not older than a moment: by halving, since the clock goes with the
 * numbers and an index of its own would cost every message something.
 */
export async function numberAt(sql: Query, roomId: string, at: Date): Promise<number> {
  const [row] = await sql<{ low: number }[]>`
    with recursive halves (low, high) as (
      select 1::bigint, head_seq + 1 from rooms where id = ${roomId}
      union all
      select case when probe.created_at < ${at} then probe.seq + 1 else h.low end,
        case when probe.created_at < ${at} then h.high else (h.low + h.high) / 2 end
      from halves h left join lateral (
        select m.seq, m.created_at from messages m
        where m.room_id = ${roomId} and m.seq >= (h.low + h.high) / 2 and m.seq < h.high order by m.seq limit 1
      ) probe on true
      where h.low < h.high
    ) select low from halves where low >= high`;
  return row?.low ?? 1;
}

/** How much of the log is read at one time. A page holds at least one message. */
export interface PageLimits {
  readonly rows: number;
  /** Bytes of text and reactions. */
  readonly bytes: number;
}

/** A part of the log. */
export interface LogPage {
  readonly rows: MessageRow[];
  /** Whether nothing was left out. */
  readonly isLast: boolean;
}

/**
 * What changed after a number: each message once, in its newest state, by `updated_seq`. Sizes are known without
 * reading what is stored apart, so that rows which do not fit are never fetched. Reactions are stored compressed.
 */
export async function messagesChangedAfter(
  sql: Query,
  roomId: string,
  after: number,
  limits: PageLimits,
): Promise<LogPage> {
  const found = await sql<(MessageRow & { found: number; size: number; above: number })[]>`
    select * from (
      select next.*, count(*) over () as found, sum(size) over (order by updated_seq) - size as above from (
        select *, octet_length(content) + 4 * coalesce(pg_column_size(reactions), 0) as size
        from messages where room_id = ${roomId} and updated_seq > ${after} order by updated_seq limit ${limits.rows}
      ) next
    ) page where above < ${limits.bytes} order by updated_seq`;
  const rows = found.map(({ found: _found, size: _size, above: _above, ...row }) => row);
  const available = found[0]?.found ?? 0;
  return { rows, isLast: available < limits.rows && rows.length === available };
}

/**
 * The message of each of a room's numbers from `from` to `to`, in its newest state. A change that a later one of the same
 * message replaced is stood for by a message that changed later; the states that frames of it leave behind are right.
 */
export async function messagesByNumber(
  sql: Query,
  roomId: string,
  from: number,
  to: number,
): Promise<(MessageRow & { number: number })[]> {
  return await sql<(MessageRow & { number: number })[]>`
    select n.number, m.* from generate_series(${from}::bigint, ${to}::bigint) as n (number)
    cross join lateral (
      select * from (
        (select * from messages where room_id = ${roomId} and seq = n.number)
        union all
        (select * from messages where room_id = ${roomId} and updated_seq >= n.number and seq < n.number
         order by updated_seq limit 1)) both_ways
      order by (seq = n.number) desc limit 1) m
    order by n.number`;
}

/** A message of a private room that one of its people has not read. */
export interface UnreadMessage {
  readonly id: string;
  readonly room_id: string;
  readonly seq: number;
  /** Bytes of its text. */
  readonly size: number;
}

/**
 * Messages of private rooms that their other person sent and `userId` has not read, the newest `limit`, ascending. Those
 * of one room go by `seq`, whatever the clock did.
 */
export async function unreadMessages(sql: Query, userId: string, limit: number): Promise<UnreadMessage[]> {
  const newestFirst = await sql<UnreadMessage[]>`
    select id, room_id, seq, size from (
      select m.id, m.room_id, m.seq, octet_length(m.content) as size,
        max(m.created_at) over (partition by m.room_id order by m.seq) as moment
      from room_members p
      join rooms r on r.id = p.room_id and r.kind = 'direct'
      join messages m on m.room_id = p.room_id and m.seq > p.read_seq and m.user_id <> p.user_id and m.deleted_at is null
      where p.user_id = ${userId}) m
    order by moment desc, room_id desc, seq desc limit ${limit}`;
  return newestFirst.reverse();
}
