import type { Message, ServerFrame } from "@parlor/protocol";
import { connectDatabase, type Database, type Query } from "../../src/db/database.js";
import { createLog } from "../../src/log.js";
import {
  makeRoom,
  newId,
  openSocket,
  type Person,
  type RequestOptions,
  request,
  type Socket,
  type SocketOptions,
  until,
} from "./client.js";

/** Posts a message: as a person with its session, or as a script that only knows an id. */
export async function post(
  server: { url: string },
  roomId: string,
  author: Person | string,
  content: string,
  fields: Record<string, unknown> = {},
): Promise<Message> {
  const [user_id, cookie] = typeof author === "string" ? [author, null] : [author.id, author.cookie];
  const body = { user_id, content, ...fields };
  const answer = await request(server, "POST", `/rooms/${roomId}/messages`, { body, cookie });
  if (answer.status !== 200) throw new Error(`not posted: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** Reads a room's history; `query` as in `after=3&limit=5`. */
export async function readHistory(
  server: { url: string },
  roomId: string,
  query = "",
  options: RequestOptions = {},
): Promise<Message[]> {
  const answer = await request(server, "GET", `/rooms/${roomId}/messages?${query}`, options);
  if (answer.status !== 200) throw new Error(`no history: ${answer.status} ${answer.text}`);
  return answer.json;
}

/** The newest call of a room's history. */
export async function readCall(server: { url: string }, roomId: string): Promise<Message | undefined> {
  return (await readHistory(server, roomId)).findLast(({ call }) => call);
}

/** The number of a frame of the change log; `null` for others and for repeats. */
export function numberOf(frame: ServerFrame): number | null {
  if (frame.type === "message") return frame.repeat ? null : frame.updated_seq;
  if (frame.type === "message_updated") return frame.message.updated_seq;
  return frame.type === "message_deleted" ? frame.updated_seq : null;
}

/** The numbers of the frames of the change log, in the order in which they came. */
export function numbersOf(frames: readonly ServerFrame[]): number[] {
  return frames.map(numberOf).filter((number) => number !== null);
}

/** What came after `synced`. */
export function liveFrames({ frames }: Socket): ServerFrame[] {
  return frames.slice(frames.findIndex(({ type }) => type === "synced") + 1);
}

/** The whole numbers from `first` to `last`. */
export function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}

/** Opens a socket with a cursor and waits until its replay has ended. */
export async function openResumed(
  server: { wsUrl: string },
  roomId: string,
  options: SocketOptions & { user?: string; after?: number } = {},
): Promise<Socket> {
  const { user = newId(), after = 0, query, ...rest } = options;
  const socket = await openSocket(server, roomId, user, { ...rest, query: { after, ...query } });
  await socket.next("synced");
  return socket;
}

/** A new room, and a socket that watches its change log from the begin. */
export async function watchedRoom(server: {
  url: string;
  wsUrl: string;
}): Promise<{ room: string; socket: Socket }> {
  const room = await makeRoom(server);
  return { room, socket: await openResumed(server, room) };
}

/** Looks into the server's database beside it. */
export async function inDatabase<T>(
  { databaseUrl }: { databaseUrl: string },
  ask: (sql: Query, database: Database) => Promise<T>,
): Promise<T> {
  const database = connectDatabase({ url: databaseUrl, max: 1 }, createLog("fatal", false));
  return await ask(database.sql, database).finally(() => database.close());
}

/** Sends what waits for the lock of all profiles, does what comes in between, and lets it go on. */
export async function overtaken<T>(
  server: { databaseUrl: string },
  send: () => Promise<T>,
  between: () => Promise<unknown>,
): Promise<T> {
  return await inDatabase(server, async (_, database) => {
    const { sent } = await database.transaction(async (tx) => {
      await tx`select 1 from counters where name = 'profile_rev' for update`;
      const pending = send();
      const waits = async () =>
        (
          await tx`select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`
        ).length > 0;
      await until(waits, "it waits");
      await between();
      return { sent: pending };
    });
    return await sent;
  });
}

/** Puts messages into an empty room beside the server, as many as would take long to send; each `every`th is a needle. */
export async function fillRoom(
  server: { databaseUrl: string },
  roomId: string,
  count: number,
  content: string,
  needle: { readonly every: number; readonly content: string } = { every: count + 1, content: "" },
): Promise<void> {
  await inDatabase(server, async (sql) => {
    await sql`
      insert into messages (id, room_id, seq, updated_seq, user_id, username, content, created_at)
      select ${roomId} || ':' || n, ${roomId}, n, n, 'filler', 'filler',
        case when n % ${needle.every}::int = 0 then ${needle.content} else ${content} end, now()
      from generate_series(1, ${count}::int) n`;
    await sql`update rooms set head_seq = ${count}, message_count = ${count} where id = ${roomId}`;
  });
}

/**
 * What sockets that have stopped reading since then may have been closed with: 4008, and once it can be ten seconds since
 * the server sent that (a slow machine), also what is seen of a connection that was ended for not taking it.
 */
export function slowCloses(since: number): number[] {
  return performance.now() - since < 10_000 ? [4008] : [4008, 1006];
}
