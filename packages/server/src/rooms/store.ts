import { LIMITS, type Privacy, type RoomHost, type RoomWords } from "@parlor/protocol";
import type { Query } from "../db/database.js";
import { type StoredUser, storedUser, type UserRow } from "../users/user.js";

/** A row of `rooms` that is there: of one that its host deleted (kind `gone`) nothing here knows any more. */
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
  /** Whether its hosts had a session when it was made: nobody else can have come into their place. */
  readonly host_proven: boolean;
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
  | "host_proven"
>;

/** A room by id. */
export async function findRoom(sql: Query, id: string): Promise<RoomRow | null> {
  const [row] = await sql<RoomRow[]>`select * from rooms where id = ${id} and kind <> 'gone'`;
  return row ?? null;
}

/** A room with the ids of its newest members. */
export async function findListed(sql: Query, id: string, members: number): Promise<ListedRoom | null> {
  const [row] = await sql<
    ListedRoom[]
  >`select r.*, ${newestMembers(sql, members)} from rooms r where r.id = ${id} and r.kind <> 'gone'`;
  return row ?? null;
}

function newestMembers(sql: Query, members: number) {
  return sql`coalesce((select array_agg(m.user_id) from (
      select user_id from room_members where room_id = r.id and left_seq is null order by joined_at desc limit ${members}) m), '{}') as users`;
}

/** Makes a room; `false` when the id is taken. */
export async function insertRoom(sql: Query, room: NewRoom): Promise<boolean> {
  const rows =
    await sql`insert into rooms ${sql({ ...room, tags: sql.json(room.tags) as never, host: jsonOf(sql, room.host) as never })} on conflict (id) do nothing returning id`;
  return rows.length > 0;
}

/** Changes what a room's host may; `false` where the room is gone. */
export async function updateRoom(sql: Query, id: string, change: Partial<RoomWords>): Promise<boolean> {
  const rows = await sql`update rooms set ${sql(change)} where id = ${id} and kind = 'room' returning id`;
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
    select r.id, r.kind, r.name, r.category, r.description, r.tags, r.privacy, r.max_members, r.password_hash, r.created_by,
      r.host, r.host_proven, r.epoch, r.head_seq, r.member_count, r.created_at, ${newestMembers(sql, members)},
      case when r.pictures <= ${LIMITS.listedPictures} then r.thumbnail_url end as thumbnail_url
    from (
      select *, sum(coalesce(octet_length(thumbnail_url), 0)) over (order by created_at desc, id desc) as pictures from (
        select r.* from rooms r
        where r.kind = 'room'
          and (r.privacy <> 'private' or r.created_by = any (${viewerIds as string[]}) or exists (
            select 1 from room_members m where m.room_id = r.id and m.user_id = any (${viewerIds as string[]}) and m.left_seq is null))
          ${category === undefined ? sql`` : sql`and r.category = ${category}`}
          ${before === undefined ? sql`` : sql`and (r.created_at, r.id) < (select created_at, id from rooms where id = ${before})`}
        order by r.created_at desc, r.id desc limit ${limit}
      ) listed
    ) r
    order by r.created_at desc, r.id desc`;
}

/** What decides on somebody who comes to a room. */
export interface Door {
  readonly room: RoomRow;
  /** The newest `profile_rev` of all profiles. */
  readonly profileRev: number;
  /** The user who comes; `null` when nobody knows it yet. */
  readonly user: UserRow | null;
  /** Whether the user is in. Nobody leaves a conversation: it is only hidden. */
  readonly member: boolean;
  /** Whether the user was put out. */
  readonly banned: boolean;
  /** Whether one of those whom the caller presents was put out, and none of them is still in. */
  readonly callerIsOut: boolean;
}

/** Who comes to a room's door. */
export interface Visit {
  readonly roomId: string;
  readonly userId: string;
  readonly presentedIds: readonly string[];
}

/**
 * Reads all of it at once, and for many visits: whoever comes back after a restart waits for this, with everybody else
 * who does. An unknown room has no door.
 */
export async function findDoors(sql: Query, visits: readonly Visit[]): Promise<Map<Visit, Door>> {
  const roomIds = visits.map(({ roomId }) => roomId);
  const userIds = visits.map(({ userId }) => userId);
  // An array can hold no arrays of several lengths; a comma is in no id.
  const presented = visits.map(({ presentedIds }) => presentedIds.join(","));
  const rows = await sql<
    (RoomRow & {
      place: number;
      profile_rev: number;
      visitor: StoredUser | null;
      member: boolean;
      banned: boolean;
      caller_is_out: boolean;
    })[]
  >`
    select r.*, v.place, c.value as profile_rev, to_jsonb(u) as visitor,
      m.user_id is not null and (m.left_seq is null or r.kind = 'direct') as member,
      m.banned_at is not null as banned,
      coalesce((select bool_and(o.banned_at is not null) from room_members o
        where o.room_id = r.id and o.user_id = any (string_to_array(v.presented, ','))), false) as caller_is_out
    from unnest(${roomIds}::text[], ${userIds}::text[], ${presented}::text[])
        with ordinality as v (room_id, user_id, presented, place)
      join rooms r on r.id = v.room_id and r.kind <> 'gone' join counters c on c.name = 'profile_rev'
      left join users u on u.id = v.user_id
      left join room_members m on m.room_id = r.id and m.user_id = u.id`;
  const doors = new Map<Visit, Door>();
  for (const row of rows) {
    const {
      place,
      profile_rev: profileRev,
      visitor,
      member,
      banned,
      caller_is_out: callerIsOut,
      ...room
    } = row;
    const visit = visits[place - 1];
    const user = visitor && storedUser(visitor);
    if (visit) doors.set(visit, { room, profileRev, user, member, banned, callerIsOut });
  }
  return doors;
}

/** How a user stands in a room. */
export interface Membership {
  readonly member: boolean;
  readonly banned: boolean;
}

/** Whether a user is in a room, or was put out of it. Nobody leaves a conversation: it is only hidden. */
export async function findMembership(sql: Query, roomId: string, userId: string): Promise<Membership> {
  const [row] = await sql<Membership[]>`
    select banned_at is not null as banned, left_seq is null or r.kind = 'direct' as member
    from room_members m join rooms r on r.id = m.room_id
    where m.room_id = ${roomId} and m.user_id = ${userId}`;
  return { member: row?.member ?? false, banned: row?.banned ?? false };
}

/** Whether one of these users was put out of a room, and none of them is still in it. */
export async function isPutOut(sql: Query, roomId: string, userIds: readonly string[]): Promise<boolean> {
  const [row] = await sql<{ out: boolean | null }[]>`
    select bool_and(banned_at is not null) as out from room_members
    where room_id = ${roomId} and user_id = any (${userIds as string[]})`;
  return row?.out ?? false;
}

/** Those of `ids` who are members of a room: who was put out of it or has left it is none. */
export async function membersAmong(sql: Query, roomId: string, ids: readonly string[]): Promise<string[]> {
  const rows = await sql<{ user_id: string }[]>`
    select m.user_id from room_members m join rooms r on r.id = m.room_id
    where m.room_id = ${roomId} and m.user_id = any (${ids as string[]}) and m.banned_at is null
      and (m.left_seq is null or r.kind = 'direct')`;
  return rows.map((row) => row.user_id);
}

/** Rooms of these users that they may read: not put out of, and with a grant where a password guards them. */
export async function readableRooms(
  sql: Query,
  who: {
    userIds: readonly string[];
    devices: readonly string[];
    accounts: readonly string[];
    limit: number;
  },
): Promise<string[]> {
  const rows = await sql<{ room_id: string }[]>`
    select m.room_id from room_members m join rooms r on r.id = m.room_id
    where m.user_id = any (${who.userIds as string[]}) and m.banned_at is null
      and (m.left_seq is null or r.kind = 'direct') and (r.privacy <> 'password'
      or exists (select 1 from device_grants g where g.room_id = r.id and g.device_id = any (${who.devices as string[]}))
      or exists (select 1 from user_grants g where g.room_id = r.id and g.user_id = any (${who.accounts as string[]})))
    group by m.room_id order by max(m.joined_at) desc limit ${who.limit}`;
  return rows.map((row) => row.room_id);
}

/**
 * Adds a member, or brings the copy of its name and picture up to date; `false` where the room is gone, or the user was put
 * out of it, since the door was looked at. What was written before somebody came, or came back, does not count as unread
 * for them. The room's row is locked before those of its members, everywhere: else two would wait for each other.
 */
export async function addMember(
  sql: Query,
  member: { roomId: string; userId: string; username: string; avatarUrl: string | null },
): Promise<boolean> {
  const { roomId, userId, username, avatarUrl } = member;
  const rows = await sql`
    with room as materialized (
      select id, head_seq from rooms where id = ${roomId} and kind <> 'gone' for no key update
    ), before as (
      select m.left_seq from room join room_members m on m.room_id = room.id and m.user_id = ${userId} for update of m
    ), added as (
      insert into room_members (room_id, user_id, username, avatar_url, read_seq)
      select room.id, ${userId}, ${username}, ${avatarUrl}, room.head_seq from room left join before on true
      on conflict (room_id, user_id) do update set username = excluded.username,
        avatar_url = coalesce(excluded.avatar_url, room_members.avatar_url), left_seq = null,
        read_seq = case when room_members.left_seq is null then room_members.read_seq
          else greatest(room_members.read_seq, excluded.read_seq) end
        where room_members.banned_at is null
      returning (xmax = 0) as inserted
    ), counted as (
      update rooms set member_count = member_count + 1
      where id = ${roomId} and exists (select 1 from added)
        and (exists (select 1 from added where inserted) or exists (select 1 from before where left_seq is not null)))
    select 1 from added`;
  return rows.length > 0;
}

/** Notes that a member leaves, or hides a conversation; `false` when there is nobody to leave. */
export async function leaveRoom(sql: Query, roomId: string, userId: string): Promise<boolean> {
  const rows = await sql`
    with r as materialized (
      select id, kind, head_seq from rooms where id = ${roomId} and kind <> 'gone' for no key update
    ), gone as (
      update room_members m set left_seq = r.head_seq from r
      where r.id = m.room_id and m.room_id = ${roomId} and m.user_id = ${userId}
        and m.banned_at is null and (m.left_seq is null or r.kind = 'direct')
      returning m.user_id, r.kind
    ), counted as (
      update rooms set member_count = member_count - 1
      where id = ${roomId} and exists (select 1 from gone where kind = 'room'))
    select 1 from gone`;
  return rows.length > 0;
}

/** Notes that somebody was put out of a room; `false` for somebody who never was in it. */
export async function putOut(sql: Query, roomId: string, userId: string): Promise<boolean> {
  const rows = await sql`
    with r as materialized (
      select id, head_seq from rooms where id = ${roomId} and kind = 'room' for no key update
    ), was as (
      select m.left_seq from r join room_members m on m.room_id = r.id and m.user_id = ${userId} for update of m
    ), out as (
      update room_members m set banned_at = coalesce(m.banned_at, now()), left_seq = coalesce(m.left_seq, r.head_seq)
      from r where m.room_id = r.id and m.user_id = ${userId} and exists (select 1 from was)
      returning 1
    ), counted as (
      update rooms set member_count = member_count - 1
      where id = ${roomId} and exists (select 1 from was where left_seq is null))
    select 1 from out`;
  return rows.length > 0;
}

/** Lets somebody come back who was put out of a room; they are no member before they do. */
export async function letIn(sql: Query, roomId: string, userId: string): Promise<void> {
  await sql`
    update room_members m set banned_at = null, left_seq = coalesce(m.left_seq, r.head_seq) from rooms r
    where r.id = m.room_id and m.room_id = ${roomId} and m.user_id = ${userId} and m.banned_at is not null`;
}

/** Who was put out of a room, the newest first. */
export async function thoseOut(
  sql: Query,
  roomId: string,
  limit: number,
): Promise<{ user_id: string; banned_at: Date }[]> {
  return await sql<{ user_id: string; banned_at: Date }[]>`
    select user_id, banned_at from room_members
    where room_id = ${roomId} and banned_at is not null order by banned_at desc limit ${limit}`;
}

/** Shows a conversation again that its owner has hidden. */
export async function unhide(sql: Query, roomId: string, userId: string): Promise<void> {
  await sql`
    update room_members set left_seq = null
    where room_id = ${roomId} and user_id = ${userId} and left_seq is not null`;
}

/** Rooms that a user is or was a member of, by id. */
export async function roomIdsOf(sql: Query, userId: string): Promise<string[]> {
  const rows = await sql<{ room_id: string }[]>`select room_id from room_members where user_id = ${userId}`;
  return rows.map((row) => row.room_id);
}

/** Which profiles of a room are looked for: the first that changed after a revision. */
export interface ChangedProfilesQuery {
  readonly roomId: string;
  readonly after: number;
  readonly limit: number;
  /** Whether those that are as they were made are left out. */
  readonly changedOnly: boolean;
}

/** A member whose profile changed, and its `profile_rev` when it was looked for. */
export interface ChangedMember {
  readonly id: string;
  readonly rev: number;
}

/** Members whose profile changed, by `profile_rev`, for each query in its order. */
export async function membersChangedAfter(
  sql: Query,
  queries: readonly ChangedProfilesQuery[],
): Promise<ChangedMember[][]> {
  const texts = (of: (query: ChangedProfilesQuery) => unknown) => queries.map((query) => String(of(query)));
  const rows = await sql<(ChangedMember & { place: number })[]>`
    select q.place, found.id, found.profile_rev as rev
    from unnest(
      ${texts((query) => query.roomId)}::text[], ${texts((query) => query.after)}::text[]::bigint[],
      ${texts((query) => query.limit)}::text[]::bigint[], ${texts((query) => query.changedOnly)}::text[]::boolean[]
    ) with ordinality as q (room_id, after, rows, changed_only, place)
    cross join lateral (
      select u.id, u.profile_rev from room_members m join users u on u.id = m.user_id
      where m.room_id = q.room_id and u.profile_rev > q.after
        and (not q.changed_only or u.profile_rev is distinct from u.first_rev)
      order by u.profile_rev, u.id limit q.rows
    ) found
    order by q.place, found.profile_rev, found.id`;
  const found = queries.map((): ChangedMember[] => []);
  for (const { place, id, rev } of rows) found[place - 1]?.push({ id, rev });
  return found;
}

/** Keeps a grant of a password room with a device, and an account; `false` where the room is gone. */
export async function keepGrant(
  sql: Query,
  roomId: string,
  deviceId: string,
  account: string | null,
): Promise<boolean> {
  const rows = await sql`
    with room as materialized (
      select id from rooms where id = ${roomId} and kind <> 'gone' for key share
    ), by_device as (
      insert into device_grants (device_id, room_id) select ${deviceId}, id from room on conflict do nothing
    ), by_account as (
      insert into user_grants (user_id, room_id)
      select ${account}::text, id from room where ${account}::text is not null on conflict do nothing)
    select 1 from room`;
  return rows.length > 0;
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
    select count(*) filter (where kind = 'room') as rooms,
      coalesce(sum(message_count) filter (where kind <> 'gone'), 0)::bigint as messages
    from rooms`;
  return { rooms: row?.rooms ?? 0, messages: row?.messages ?? 0 };
}

/** What a page of history depends on: when none of it changed, the page did not. */
export interface HistoryVersion {
  readonly epoch: string;
  readonly head_seq: number;
  readonly profile_rev: number;
}

/** The versions of rooms' histories now. */
export async function historyVersions(
  sql: Query,
  roomIds: readonly string[],
): Promise<Map<string, HistoryVersion>> {
  const rows = await sql<(HistoryVersion & { id: string })[]>`
    select r.id, r.epoch, r.head_seq, c.value as profile_rev from rooms r, counters c
    where r.id = any (${roomIds as string[]}) and r.kind <> 'gone' and c.name = 'profile_rev'`;
  return new Map(rows.map(({ id, ...version }) => [id, version]));
}

/** Ids of all members; for private rooms, which have two. */
export async function memberIds(sql: Query, roomId: string): Promise<string[]> {
  const rows = await sql<{ user_id: string }[]>`select user_id from room_members where room_id = ${roomId}`;
  return rows.map((row) => row.user_id);
}

/** The heads of several rooms. */
export async function findHeads(sql: Query, ids: readonly string[]): Promise<[string, number][]> {
  const rows = await sql<{ id: string; head_seq: number }[]>`
    select id, head_seq from rooms where id = any (${ids as string[]}) and kind <> 'gone'`;
  return rows.map((row) => [row.id, row.head_seq]);
}
