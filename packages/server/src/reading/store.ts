import {
  type AttachmentKind,
  LIMITS,
  type MessagePreview,
  type NotificationLevel,
  type Privacy,
  type RoomHost,
} from "@parlor/protocol";
import type { Query } from "../db/database.js";
import type { UserRow } from "../users/user.js";

/** Messages after a read cursor that are looked at, so that no list of rooms reads a whole history. */
const LOOKED_AT = 5_000;

/** A room in its user's list. */
export interface SummaryRow {
  readonly id: string;
  readonly kind: "room" | "direct";
  readonly name: string;
  readonly thumbnail_url: string | null;
  readonly privacy: Privacy;
  readonly created_by: string | null;
  readonly host: RoomHost | null;
  readonly host_proven: boolean;
  readonly epoch: string;
  readonly head_seq: number;
  readonly member_count: number;
  readonly joined_at: Date;
  readonly read_seq: number;
  readonly level: NotificationLevel;
  readonly unread: number;
  readonly mentions: number;
  /** Whether the caller may see into it: always, but for password rooms. */
  readonly is_open: boolean;
  readonly other_id: string | null;
  readonly last_id: string | null;
  readonly last_seq: number | null;
  readonly last_user_id: string | null;
  readonly last_username: string | null;
  readonly last_content: string | null;
  readonly last_at: Date | null;
  readonly last_attachment: AttachmentKind | null;
  readonly last_about: MessagePreview["about"];
}

/** By whose right a list is read: grants of password rooms stay with devices and accounts. */
export interface GrantHolders {
  readonly deviceIds: readonly string[];
  readonly accountIds: readonly string[];
}

/** The rooms of a user, or one of them, what moved last first. Every lateral part is a scan of an index with a bound. */
export async function summaries(
  sql: Query,
  userId: string,
  options: { roomId?: string | undefined; limit: number; count: number; holders: GrantHolders },
): Promise<SummaryRow[]> {
  const { roomId, limit, count, holders } = options;
  return await sql<SummaryRow[]>`
    select r.id, r.kind, r.name, r.privacy,
      case when sum(coalesce(octet_length(r.thumbnail_url), 0)) over (
        order by coalesce(last.created_at, m.joined_at) desc, r.id) <= ${LIMITS.listedPictures} then r.thumbnail_url end as thumbnail_url, r.created_by, r.host, r.host_proven, r.epoch, r.head_seq, r.member_count,
      m.joined_at, m.read_seq, m.level, coalesce(unread.n, 0) as unread, coalesce(named.n, 0) as mentions,
      r.privacy <> 'password' or r.kind = 'direct'
        or exists (select 1 from device_grants g
          where g.room_id = r.id and g.device_id = any (${holders.deviceIds as string[]}))
        or exists (select 1 from user_grants g
          where g.room_id = r.id and g.user_id = any (${holders.accountIds as string[]})) as is_open,
      other.user_id as other_id, last.id as last_id, last.seq as last_seq, last.user_id as last_user_id,
      coalesce(author.shown_name, last.username) as last_username, last.content as last_content,
      last.created_at as last_at, last.attachment as last_attachment, last.about as last_about
    from room_members m join rooms r on r.id = m.room_id
    left join lateral (
      select count(*)::int as n from (
        select 1 from (
          select x.user_id, x.deleted_at from messages x where x.room_id = r.id and x.seq > m.read_seq
          order by x.seq desc limit ${LOOKED_AT}) after
        where after.user_id <> m.user_id and after.deleted_at is null limit ${count}) counted
    ) unread on r.head_seq > m.read_seq
    left join lateral (
      select count(*)::int as n from (
        select 1 from mentions x where x.room_id = r.id and x.user_id in (m.user_id, '') and x.seq > m.read_seq
          and (x.user_id <> '' or not exists (
            select 1 from messages own where own.id = x.message_id and own.user_id = m.user_id))
        group by x.seq limit ${count}) counted
    ) named on r.head_seq > m.read_seq
    left join lateral (
      select x.id, x.seq, x.user_id, x.username, left(x.content, 200) as content, x.created_at,
        x.extra -> 'attachments' -> 0 ->> 'kind' as attachment,
        case when x.extra ? 'recording' then 'recording'
          when jsonb_array_length(x.extra -> 'call' -> 'missed') > 0
            and jsonb_array_length(x.extra -> 'call' -> 'people') < 2 then 'missed_call'
          when x.extra ? 'call' then 'call' end as about
      from messages x where x.room_id = r.id and x.deleted_at is null order by x.seq desc limit 1
    ) last on true
    left join users author on author.id = last.user_id
    left join lateral (
      select p.user_id from room_members p where p.room_id = r.id and p.user_id <> m.user_id limit 1
    ) other on r.kind = 'direct'
    where m.user_id = ${userId} and m.banned_at is null
      and case when r.kind = 'direct' then r.head_seq > coalesce(m.left_seq, 0) else m.left_seq is null end
      ${roomId === undefined ? sql`` : sql`and m.room_id = ${roomId}`}
    order by coalesce(last.created_at, m.joined_at) desc, r.id limit ${limit}`;
}

/**
 * Moves a read cursor forward, never beyond the head; `null` for somebody who is no member. What was there when somebody
 * came counts as read; that they saw it is news the first time.
 */
export async function moveCursor(
  sql: Query,
  roomId: string,
  userId: string,
  seq: number,
): Promise<{ is_news: boolean; read_seq: number; head_seq: number } | null> {
  const [row] = await sql<{ is_news: boolean; read_seq: number; head_seq: number }[]>`
    with target as (
      select m.read_seq as was, m.read_at, least(${seq}, r.head_seq) as wanted, r.head_seq
      from room_members m join rooms r on r.id = m.room_id
      where m.room_id = ${roomId} and m.user_id = ${userId} and m.banned_at is null
        and (m.left_seq is null or r.kind = 'direct')
      for update of m
    ), moved as (
      update room_members m set read_seq = t.wanted, read_at = now() from target t
      where m.room_id = ${roomId} and m.user_id = ${userId} and (t.wanted > t.was or (t.wanted = t.was and t.wanted > 0 and t.read_at is null))
      returning m.read_seq)
    select exists (select 1 from moved) as is_news, t.head_seq, coalesce((select read_seq from moved), t.was) as read_seq
    from target t`;
  return row ?? null;
}

/** Keeps a member's choice; `false` for somebody who is no member. */
export async function setLevel(
  sql: Query,
  roomId: string,
  userId: string,
  level: NotificationLevel,
): Promise<boolean> {
  const rows = await sql`
    update room_members set level = ${level}
    where room_id = ${roomId} and user_id = ${userId} and banned_at is null returning 1`;
  return rows.length > 0;
}

/** The newest readers of a room who tell how far they have read. */
export async function receipts(
  sql: Query,
  roomId: string,
  limit: number,
): Promise<{ user_id: string; seq: number }[]> {
  return await sql<{ user_id: string; seq: number }[]>`
    select m.user_id, m.read_seq as seq from room_members m join users u on u.id = m.user_id
    where m.room_id = ${roomId} and m.read_at is not null and u.read_receipts and m.banned_at is null
      and (m.left_seq is null or m.room_id like 'dm:%')
    order by m.read_at desc, m.user_id limit ${limit}`;
}

/** The rooms of which a user is a member, the newest first; hidden conversations too. */
export async function memberships(
  sql: Query,
  userId: string,
  limit: number,
): Promise<{ id: string; privacy: Privacy }[]> {
  return await sql<{ id: string; privacy: Privacy }[]>`
    select r.id, r.privacy from room_members m join rooms r on r.id = m.room_id
    where m.user_id = ${userId} and m.banned_at is null and (m.left_seq is null or r.kind = 'direct')
    order by m.joined_at desc limit ${limit}`;
}

/**
 * People with a part of their name, of those who share a room with a user; names that begin so come first, the shortest
 * of them. Users are read in the order of an index only for what is found: each one costs two look-ups.
 */
export async function findPeople(sql: Query, userId: string, key: string, limit: number): Promise<UserRow[]> {
  return await sql<UserRow[]>`
    select u.* from users u
    where position(${key} in u.shown_key) > 0 and u.id <> ${userId}
      and exists (
        select 1 from room_members theirs join room_members mine using (room_id)
        where theirs.user_id = u.id and mine.user_id = ${userId}
          and theirs.banned_at is null and mine.banned_at is null
          and (theirs.left_seq is null or theirs.room_id like 'dm:%')
          and (mine.left_seq is null or mine.room_id like 'dm:%')
      )
    order by position(${key} in u.shown_key) > 1, length(u.shown_key), u.shown_key, u.id
    limit ${limit}`;
}
