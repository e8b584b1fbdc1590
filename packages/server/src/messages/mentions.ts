import type { Query, TransactionSql } from "../db/database.js";
import type { MessageExtra } from "./extra.js";
import { type MessageRow, messagesWithin } from "./store.js";

/** Stands in `mentions` for everybody in the room; no user has this id. */
export const EVERYBODY = "";

/** What of an extra holds in a room, as at the message's creation; of a user's message. */
export async function settleExtra(
  tx: TransactionSql,
  row: MessageRow,
  extra: MessageExtra,
): Promise<MessageExtra | null> {
  const [settled] = await tx<{ extra: MessageExtra | null }[]>`
    select settle_extra(${row.room_id}, ${row.user_id}, ${JSON.stringify(extra)}::text::jsonb) as extra`;
  return settled?.extra ?? null;
}

/** Lets the people of `extra` find the message among their mentions, and those of before no more. */
export async function replaceMentions(
  tx: TransactionSql,
  row: MessageRow,
  extra: MessageExtra | null,
): Promise<void> {
  const [before, after] = [whoFinds(row.extra, row.user_id), whoFinds(extra, row.user_id)];
  if (before.length > 0) {
    await tx`
      delete from mentions where room_id = ${row.room_id} and seq = ${row.seq} and user_id = any (${before})`;
  }
  if (after.length === 0) return;
  await tx`
    insert into mentions (room_id, user_id, seq, message_id, created_at)
    select ${row.room_id}, id, ${row.seq}, ${row.id}, ${row.created_at} from unnest(${after}::text[]) as t (id)`;
}

function whoFinds(extra: MessageExtra | null, authorId: string): string[] {
  const people = (extra?.mentions ?? []).filter((id) => id !== authorId);
  return extra?.mentions_room ? [...people, EVERYBODY] : people;
}

/** Which of a user's mentions are asked for; all of them bounded to `rooms`. */
export interface MentionsQuery {
  readonly rooms: readonly string[];
  readonly limit: number;
  /** Only those older than this message. */
  readonly before?: string | undefined;
  /** Only of messages with a `seq` above this one; for one room. */
  readonly after?: number | undefined;
}

/** Messages that mention a user, or everybody since the user is in the room, the newest first; about `bytes` of text. */
export async function mentionsFor(
  sql: Query,
  userId: string,
  query: MentionsQuery,
  bytes: number,
): Promise<MessageRow[]> {
  const { limit, before, after = 0 } = query;
  const rooms = query.rooms as string[];
  const older =
    before === undefined
      ? sql``
      : sql`and (n.created_at, n.message_id) < (select created_at, id from messages where id = ${before})`;
  const newest = sql`order by n.created_at desc, n.message_id desc limit ${limit}`;
  const found = sql`
    select m.id, row_number() over (order by found.created_at desc, found.message_id desc) as place from (
      (select n.message_id, n.created_at from mentions n
        where n.user_id = ${userId} and n.user_id <> '' and n.room_id = any (${rooms}) and n.seq > ${after} ${older} ${newest})
      union
      (select e.message_id, e.created_at from room_members p cross join lateral (
        select n.message_id, n.created_at from mentions n
        where n.user_id = '' and n.room_id = p.room_id and n.seq > ${after} and n.created_at >= p.joined_at ${older} ${newest}) e
        where p.user_id = ${userId} and p.room_id = any (${rooms}))
    ) found join messages m on m.id = found.message_id and m.user_id <> ${userId}
    order by place limit ${limit}`;
  return await messagesWithin(sql, found, { bytes });
}
