import type { AttachmentKind } from "@parlor/protocol";
import type { Query } from "../db/database.js";

/** A row of `files`: an upload, and the file that it becomes. */
export interface FileRow {
  readonly id: string;
  /** `null` when the room is gone. */
  readonly room_id: string | null;
  readonly user_id: string;
  /** The message that names it. */
  readonly message_id: string | null;
  readonly state: "uploading" | "ready";
  readonly name: string;
  readonly claimed_type: string | null;
  readonly voice: boolean;
  readonly kind: AttachmentKind | null;
  readonly type: string | null;
  readonly size: number;
  readonly received: number;
  readonly stored_bytes: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly duration_ms: number | null;
  readonly placeholder: string | null;
  readonly waveform: number[] | null;
  readonly animated: boolean;
  readonly previews: number[];
  readonly created_at: Date;
  /** When it may go; `null` while a living message names it. */
  readonly due_at: Date | null;
}

/** The fields of a new upload. */
export type NewFile = Pick<
  FileRow,
  | "id"
  | "room_id"
  | "user_id"
  | "name"
  | "claimed_type"
  | "voice"
  | "size"
  | "stored_bytes"
  | "width"
  | "height"
  | "duration_ms"
  | "waveform"
>;

/** What a finished upload turned out to be. */
export type FileFacts = Pick<
  FileRow,
  | "name"
  | "kind"
  | "type"
  | "size"
  | "stored_bytes"
  | "width"
  | "height"
  | "duration_ms"
  | "placeholder"
  | "waveform"
  | "animated"
  | "previews"
>;

const unused = "1 day";

/** Keeps a new upload; `null` where its room is gone. A deletion of the room comes before it or finds it. */
export async function insertFile(sql: Query, file: NewFile): Promise<FileRow | null> {
  const { id, room_id, user_id, name, claimed_type, voice, size, stored_bytes } = file;
  const { width, height, duration_ms, waveform } = file;
  const [row] = await sql<FileRow[]>`
    insert into files (id, room_id, user_id, name, claimed_type, voice, size, stored_bytes, width, height, duration_ms,
      waveform)
    select ${id}, r.id, ${user_id}, ${name}, ${claimed_type}, ${voice}::boolean, ${size}::bigint, ${stored_bytes}::bigint,
      ${width}::integer, ${height}::integer, ${duration_ms}::bigint, ${jsonOf(sql, waveform) as never}::jsonb
    from rooms r where r.id = ${room_id} and r.kind <> 'gone' for key share
    returning *`;
  return row ?? null;
}

function jsonOf(sql: Query, value: readonly number[] | null) {
  return value === null ? null : sql.json(value as never);
}

/** A file by id. */
export async function findFile(sql: Query, id: string): Promise<FileRow | null> {
  const [row] = await sql<FileRow[]>`select * from files where id = ${id}`;
  return row ?? null;
}

/** Notes how many bytes of an upload are on the disk. */
export async function setReceived(sql: Query, id: string, received: number): Promise<FileRow | null> {
  const [row] = await sql<FileRow[]>`
    update files set received = ${received}, due_at = now() + ${unused}::interval
    where id = ${id} and state = 'uploading' returning *`;
  return row ?? null;
}

/** Finishes an upload; `null` when it was cancelled meanwhile. */
export async function finishFile(sql: Query, id: string, facts: FileFacts): Promise<FileRow | null> {
  const values = { ...facts, waveform: jsonOf(sql, facts.waveform) as never };
  const [row] = await sql<FileRow[]>`
    update files set ${sql(values)}, state = 'ready', due_at = now() + ${unused}::interval
    where id = ${id} and state = 'uploading' returning *`;
  return row ?? null;
}

/** Forgets a file that no message names; `false` when one does. */
export async function deleteUnsent(sql: Query, id: string): Promise<boolean> {
  const rows = await sql`delete from files where id = ${id} and message_id is null returning id`;
  return rows.length > 0;
}

/** Forgets a file. */
export async function deleteFile(sql: Query, id: string): Promise<void> {
  await sql`delete from files where id = ${id}`;
}

/** Files whose time is over, the oldest first, and those without a room that nobody gave a time. */
export async function findDue(sql: Query, now: Date, limit: number): Promise<FileRow[]> {
  return await sql<FileRow[]>`
    (select * from files where due_at < ${now} order by due_at limit ${limit})
    union
    (select * from files where room_id is null and due_at is null order by id limit ${limit})`;
}

/** Bytes that a user began to upload within the last 24 hours. */
export async function bytesOfDay(sql: Query, userId: string): Promise<number> {
  const [row] = await sql<{ bytes: number }[]>`
    select coalesce(sum(size), 0)::bigint as bytes from files
    where user_id = ${userId} and created_at > now() - interval '24 hours'`;
  return row?.bytes ?? 0;
}

/** Bytes of all files and of what came of unfinished uploads. */
export async function bytesOfAll(sql: Query): Promise<number> {
  const [row] = await sql<{ bytes: number }[]>`
    select coalesce(sum(case state when 'ready' then stored_bytes else received end), 0)::bigint as bytes from files`;
  return row?.bytes ?? 0;
}

/** The secret that signs keys of files, of this database. */
export async function keySecret(sql: Query): Promise<string> {
  const [row] = await sql<{ value: string }[]>`select value from secrets where name = 'file-keys'`;
  if (!row) throw new Error("The secret file-keys is missing.");
  return row.value;
}
