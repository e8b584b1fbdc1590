import type { Query, TransactionSql } from "../db/database.js";

/** A number that no room's log reaches: a room indexed up to it is not indexed any more. */
const BEYOND = Number.MAX_SAFE_INTEGER;

/**
 * Shuts a room for good: from the commit on nothing finds it, and nobody is in it. `false` when it was not there. What it
 * held is removed later, some at a time: a transaction over a long history would hold up everybody else's. Of recordings
 * the row stays until their files are removed.
 */
export async function shutRoom(tx: TransactionSql, id: string): Promise<boolean> {
  // In the indexer's order: this row, then the room's.
  await tx`
    insert into search_cursors (room_id, indexed_seq) select id, ${BEYOND}::bigint from rooms where id = ${id}
    on conflict (room_id) do update set indexed_seq = excluded.indexed_seq`;
  // Whoever is about to become a member, or to write, comes before this or finds the room gone.
  const rows = await tx`select 1 from rooms where id = ${id} and kind = 'room' for update`;
  if (rows.length === 0) return false;
  await tx`
    update rooms set kind = 'gone', name = '', description = null, thumbnail_url = null, category = null, tags = '[]',
      created_by = null, host = null, host_proven = false, password_hash = null, member_count = 0
    where id = ${id}`;
  await tx`delete from room_members where room_id = ${id}`;
  await tx`delete from device_grants where room_id = ${id}`;
  await tx`delete from user_grants where room_id = ${id}`;
  await tx`delete from calls where room_id = ${id}`;
  return true;
}

/** Waits for whoever is about to shut a room. */
export async function awaitShutting(sql: Query, id: string): Promise<void> {
  await sql`select 1 from rooms where id = ${id} for key share`;
}

/** Rooms that were shut and may still hold something, by id. */
export async function goneRooms(sql: Query, after: string, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from rooms where kind = 'gone' and not emptied and id > ${after} order by id limit ${limit}`;
  return rows.map(({ id }) => id);
}

/** Removes some of a room's messages, with all that hangs on them; answers how many there were. */
export async function removeMessages(sql: Query, roomId: string, limit: number): Promise<number> {
  const rows = await sql`
    delete from messages where id in (
      select id from messages where room_id = ${roomId} order by seq limit ${limit}) returning 1`;
  return rows.length;
}

/** Removes some of a room's mentions; answers how many there were. */
export async function removeMentions(sql: Query, roomId: string, limit: number): Promise<number> {
  const rows = await sql`
    delete from mentions where (room_id, user_id, seq) in (
      select room_id, user_id, seq from mentions where room_id = ${roomId} order by user_id, seq limit ${limit})
    returning 1`;
  return rows.length;
}

/**
 * Takes some of a room's files from it: their bytes go a day later, so that a backup that began before finds them. Answers
 * how many there were.
 */
export async function releaseFiles(sql: Query, roomId: string, limit: number): Promise<number> {
  const rows = await sql`
    update files set room_id = null, due_at = now() + interval '1 day' where id in (
      select id from files where room_id = ${roomId} limit ${limit}) returning 1`;
  return rows.length;
}

/** Notes that a room which was shut holds nothing more, and removes the grants that merged devices brought to it since. */
export async function noteEmptied(sql: Query, roomId: string): Promise<void> {
  await sql`
    with merged as (delete from device_grants where room_id = ${roomId})
    update rooms set emptied = true, message_count = 0 where id = ${roomId} and kind = 'gone'`;
}
