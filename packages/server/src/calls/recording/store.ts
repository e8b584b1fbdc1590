import type { RecordingNote } from "@parlor/protocol";
import type { Query } from "../../db/database.js";

/** A recording that has no message yet. */
export interface RecordingRow {
  readonly id: string;
  readonly room_id: string;
  readonly call_id: string;
  readonly started_by: string;
  readonly started_at: Date;
  /** `null` while it goes on. */
  readonly ended: RecordingNote["ended"] | null;
  readonly tries: number;
}

/** Notes a recording, before anything is written; nothing of a room that is gone. */
export async function insertRecording(
  sql: Query,
  { id, room_id, call_id, started_by, started_at }: Omit<RecordingRow, "ended" | "tries">,
): Promise<void> {
  await sql`
    insert into recordings (id, room_id, call_id, started_by, started_at)
    select ${id}, r.id, ${call_id}, ${started_by}, ${started_at}::timestamptz
    from rooms r where r.id = ${room_id} and r.kind <> 'gone' for key share`;
}

/** Notes that a recording goes on no more. */
export async function endRecording(sql: Query, id: string, ended: RecordingNote["ended"]): Promise<void> {
  await sql`update recordings set ended = ${ended} where id = ${id} and ended is null`;
}

/** Notes what a process of before had not ended; answers all that have no message, without these, the oldest first. */
export async function takeUpRecordings(sql: Query, except: readonly string[]): Promise<RecordingRow[]> {
  await sql`
    update recordings set ended = 'restart' where ended is null and id <> all (${[...except]}::text[])`;
  return await sql<RecordingRow[]>`
    select * from recordings where id <> all (${[...except]}::text[]) order by started_at`;
}

/** Counts another try; `null` where the recording or its room is gone. */
export async function tryRecording(sql: Query, id: string): Promise<RecordingRow | null> {
  const [row] = await sql<RecordingRow[]>`
    update recordings c set tries = tries + 1
    where c.id = ${id} and exists (select 1 from rooms r where r.id = c.room_id and r.kind <> 'gone') returning *`;
  return row ?? null;
}

/** Counts a try no more: it failed, but the server did not end at it. */
export async function forgiveTry(sql: Query, id: string): Promise<void> {
  await sql`update recordings set tries = tries - 1 where id = ${id} and tries > 0`;
}

/** Whether there is a recording of an id. */
export async function hasRecording(sql: Query, id: string): Promise<boolean> {
  const rows = await sql`select 1 from recordings where id = ${id}`;
  return rows.length > 0;
}

/** Forgets a recording: its message is stored. */
export async function deleteRecording(sql: Query, id: string): Promise<void> {
  await sql`delete from recordings where id = ${id}`;
}
