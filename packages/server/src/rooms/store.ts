import type { Privacy, RoomHost } from "@parlor/protocol";
import type { Query } from "../db/database.js";

/** A row of `rooms`. */
export interface RoomRow {
  readonly id: string;
  readonly kind: "room" | "direct";
  readonly name: string;
  readonly thumbnail_url: string | null;
  readonly category: string | null;
  readonly description: string | null;
  readonly tags: string[];
  readonly privacy: Privacy;
  readonly max_members: number | null;
  readonly password_hash: string | null;
  readonly created_by: string | null;
  readonly host: RoomHost | null;
  readonly epoch: string;
  readonly head_seq: number;
  readonly member_count: number;
  readonly created_at: Date;
}

/** A room in a list, with the ids of its newest members. */
export interface ListedRoom extends RoomRow {
  readonly users: string[];
}

/** The fields of a new room. */
export type NewRoom = Pick<
  RoomRow,
  | "id"
  | "kind"
  | "name"
  | "thumbnail_url"
  | "category"
  | "description"
  | "tags"
  | "privacy"
  | "max_members"
  | "password_hash"
  | "created_by"
  | "host"
>;

/** A room by id. */
export async function findRoom(sql: Query, id: string): Promise<RoomRow | null> {
  const [row] = await sql<RoomRow[]>`select * from rooms where id = ${id}`;
  return row ?? null;
}

/** A room with the ids of its newest members. */
export async function findListed(sql: Query, id: string, members: number): Promise<ListedRoom | null> {
  const [row] = await sql<
    ListedRoom[]
  >`select r.*, ${newestMembers(sql, members)} from rooms r where r.id = ${id}`;
  return row ?? null;
}

function newestMembers(sql: Query, members: number) {
  return sql`coalesce((select array_agg(m.user_id) from (
      select user_id from room_members where room_id = r.id order by joined_at desc limit ${members}) m), '{}') as users`;
}

/** Makes a room; `false` when the id is taken. */
export async function insertRoom(sql: Query, room: NewRoom): Promise<boolean> {
  const rows =
    await sql`insert into rooms ${sql({ ...room, tags: sql.json(room.tags) as never, host: jsonOf(sql, room.host) as never })} on conflict (id) do nothing returning id`;
  return rows.length > 0;
}

function jsonOf(sql: Query, host: RoomHost | null) {
  return host === null ? null : sql.json(host as never);
}

/** The newest rooms, public and password ones, and private ones of `viewerIds`. */
export async function listRooms(
  sql: Query,
  options: {
    category?: string | undefined;
    before?: string | undefined;
    limit: number;
    members: number;
    viewerIds: readonly string[];
  },
): Promise<ListedRoom[]> {
  const { category, before, limit, members, viewerIds } = options;
  return await sql<ListedRoom[]>`
    select r.*, ${newestMembers(sql, members)} from rooms r
    where r.kind = 'room'
      and (r.privacy <> 'private' or r.created_by = any (${viewerIds as string[]}) or exists (
        select 1 from room_members m where m.room_id = r.id and m.user_id = any (${viewerIds as string[]})))
      ${category === undefined ? sql`` : sql`and r.category = ${category}`}
      ${before === undefined ? sql`` : sql`and (r.created_at, r.id) < (select created_at, id from rooms where id = ${before})`}
    order by r.created_at desc, r.id desc limit ${limit}`;
}

/** How a user stands in a room. */
export interface Membership {
  readonly member: boolean;
  readonly banned: boolean;
}

/** Whether a user is in a room, or was put out of it. */
export async function findMembership(sql: Query, roomId: string, userId: string): Promise<Membership> {
  const [row] = await sql<{ banned: boolean }[]>`
    select banned_at is not null as banned from room_members where room_id = ${roomId} and user_id = ${userId}`;
  return { member: row !== undefined, banned: row?.banned ?? false };
}

/** Adds a member, or brings the copy of its name and picture up to date. */
export async function addMember(
  sql: Query,
  member: { roomId: string; userId: string; username: string; avatarUrl: string | null },
): Promise<void> {
  const { roomId, userId, username, avatarUrl } = member;
  await sql`
    with added as (
      insert into room_members (room_id, user_id, username, avatar_url)
      values (${roomId}, ${userId}, ${username}, ${avatarUrl})
      on conflict (room_id, user_id) do update set username = excluded.username,
        avatar_url = coalesce(excluded.avatar_url, room_members.avatar_url)
      returning (xmax = 0) as inserted)
    update rooms set member_count = member_count + 1
    where id = ${roomId} and exists (select 1 from added where inserted)`;
}

/** Rooms that a user is or was a member of, by id. */
export async function roomIdsOf(sql: Query, userId: string): Promise<string[]> {
  const rows = await sql<{ room_id: string }[]>`select room_id from room_members where user_id = ${userId}`;
  return rows.map((row) => row.room_id);
}

/** Ids of members whose profile changed after `after`, by `profile_rev`. */
export async function memberIdsChangedAfter(
  sql: Query,
  roomId: string,
  after: number,
  limit: number,
): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select u.id from room_members m join users u on u.id = m.user_id
    where m.room_id = ${roomId} and u.profile_rev > ${after}
    order by u.profile_rev, u.id limit ${limit}`;
  return rows.map((row) => row.id);
}

/** Keeps a grant of a password room with a device. */
export async function grantDevice(sql: Query, roomId: string, deviceId: string): Promise<void> {
  await sql`insert into device_grants (device_id, room_id) values (${deviceId}, ${roomId}) on conflict do nothing`;
}

/** Keeps a grant of a password room with an account. */
export async function grantUser(sql: Query, roomId: string, userId: string): Promise<void> {
  await sql`insert into user_grants (user_id, room_id) values (${userId}, ${roomId}) on conflict do nothing`;
}

/** Whether one of the devices or accounts has a grant. */
export async function hasGrant(
  sql: Query,
  roomId: string,
  deviceIds: readonly string[],
  userIds: readonly string[],
): Promise<boolean> {
  const rows = await sql`
    select 1 from device_grants where room_id = ${roomId} and device_id = any (${deviceIds as string[]})
    union all
    select 1 from user_grants where room_id = ${roomId} and user_id = any (${userIds as string[]}) limit 1`;
  return rows.length > 0;
}

/** Live counts for `/health`; private conversations are no rooms. */
export async function countRooms(sql: Query): Promise<{ rooms: number; messages: number }> {
  const [row] = await sql<{ rooms: number; messages: number }[]>`
    select count(*) filter (where kind = 'room') as rooms, coalesce(sum(message_count), 0)::bigint as messages from rooms`;
  return { rooms: row?.rooms ?? 0, messages: row?.messages ?? 0 };
}

/** What a page of history depends on: when neither changed, the page did not. */
export async function historyVersion(
  sql: Query,
  roomId: string,
): Promise<{ epoch: string; head_seq: number; profile_rev: number } | null> {
  const [row] = await sql<{ epoch: string; head_seq: number; profile_rev: number }[]>`
    select r.epoch, r.head_seq, c.value as profile_rev from rooms r, counters c
    where r.id = ${roomId} and c.name = 'profile_rev'`;
  return row ?? null;
}

/** Ids of all members; for private rooms, which have two. */
export async function memberIds(sql: Query, roomId: string): Promise<string[]> {
  const rows = await sql<{ user_id: string }[]>`select user_id from room_members where room_id = ${roomId}`;
  return rows.map((row) => row.user_id);
}

/** The heads of several rooms. */
export async function findHeads(sql: Query, ids: readonly string[]): Promise<[string, number][]> {
  const rows = await sql<{ id: string; head_seq: number }[]>`
    select id, head_seq from rooms where id = any (${ids as string[]})`;
  return rows.map((row) => [row.id, row.head_seq]);
}
