import { join } from "node:path";
import postgres from "postgres";
import { connectionOf } from "../../packages/server/src/db/connection-url.js";
import type { Query } from "../../packages/server/src/db/database.js";
import { readPidFile } from "../../packages/server/src/db/embedded/pid-file.js";
import { embeddedUrl } from "../../packages/server/src/db/embedded/session.js";
import {
  messagesBefore,
  messagesChangedAfter,
  newestMessages,
} from "../../packages/server/src/messages/store.js";
import type { Figures } from "../load/spec.js";
import { type ParlorServer, startParlor } from "../peers/parlor.js";
import type { OwnContext } from "../scenario.js";
import { median } from "../statistics.js";

const MESSAGES = 1_000_000;
const ROOMS = 10_000;
const PAGE = 50;
/** Bounds of one page, as REST reads it. */
const PAGE_LIMITS = { rows: PAGE, bytes: 1024 * 1024 };
const ROOM_PAGE = 1_000;
const SAMPLES = 40;
/** Places in the history: near its end, in its middle, at its beginning. */
const PLACES = [MESSAGES - 100, MESSAGES / 2, 100];

/** Fills a room and the list of rooms by SQL, starts the server anew, and reads by its own queries and over HTTP. */
export async function measureHistory({ folder }: OwnContext): Promise<Figures> {
  const dataDir = join(folder, "parlor");
  const first = await startParlor(dataDir);
  const roomId = await fill(first).finally(() => first.stop());
  const server = await startParlor(dataDir);
  try {
    return {
      ...(await timeDatabase(server, roomId)),
      ...(await timeHttp(server, roomId)),
      ...(await timeRooms(server)),
    };
  } finally {
    await server.stop();
  }
}

async function openDatabase(server: ParlorServer, debug?: (text: string, parameters: unknown[]) => void) {
  const file = await readPidFile(server.databaseFolder);
  if (file === undefined) throw new Error("no database runs in the data folder");
  const { url, options } = connectionOf(embeddedUrl(file, undefined));
  return postgres(url, {
    ...options,
    max: 1,
    connection: { search_path: "parlor" },
    onnotice: () => undefined,
    ...(debug && { debug: (_connection, text, parameters) => debug(text, parameters) }),
  });
}

async function fill(server: ParlorServer): Promise<string> {
  const post = async (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(server.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    return (await response.json()) as { id: string };
  };
  const room = await post("/rooms", { name: "A million" });
  const user = await post("/users", { username: "Writer" });
  const sql = await openDatabase(server);
  try {
    await sql`
      insert into messages (id, room_id, seq, updated_seq, user_id, username, content, created_at)
      select 'bench-' || n, ${room.id}, n, n, ${user.id}, 'Writer', md5(n::text) || md5((n + 1)::text),
        now() - (${MESSAGES} - n) * interval '1 second' from generate_series(1, ${MESSAGES}) n`;
    await sql`update rooms set head_seq = ${MESSAGES}, message_count = ${MESSAGES} where id = ${room.id}`;
    await sql`
      insert into rooms (id, name, created_at)
      select 'bench-' || n, 'Room ' || n, now() - n * interval '1 second' from generate_series(1, ${ROOMS - 1}) n`;
    await sql`vacuum analyze messages`;
    await sql`vacuum analyze rooms`;
  } finally {
    await sql.end();
  }
  return room.id;
}

interface Plan {
  readonly "Planning Time": number;
  readonly "Execution Time": number;
}

/** What PostgreSQL itself says about the server's own queries, planning included. */
async function timeDatabase(server: ParlorServer, roomId: string): Promise<Figures> {
  let last: { text: string; parameters: unknown[] } = { text: "", parameters: [] };
  const sql = await openDatabase(server, (text, parameters) => {
    last = { text, parameters };
  });
  const explained = async (query: (sql: Query) => Promise<unknown>) => {
    await query(sql as unknown as Query);
    const { text, parameters } = last;
    const times: number[] = [];
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const [row] = await sql.unsafe(`explain (analyze, format json) ${text}`, parameters as never[]);
      const [plan] = (row?.["QUERY PLAN"] ?? []) as Plan[];
      times.push((plan?.["Planning Time"] ?? 0) + (plan?.["Execution Time"] ?? 0));
    }
    return median(times) ?? Number.NaN;
  };
  const anywhere = async (query: (sql: Query, place: number) => Promise<unknown>) => {
    const times: number[] = [];
    for (const place of PLACES) times.push(await explained((db) => query(db, place)));
    return Math.max(...times);
  };
  try {
    return {
      newestDatabaseMs: await explained((db) => newestMessages(db, roomId, PAGE_LIMITS)),
      deepDatabaseMs: await anywhere((db, place) => messagesBefore(db, roomId, place, PAGE_LIMITS)),
      changedDatabaseMs: await anywhere((db, place) => messagesChangedAfter(db, roomId, place, PAGE_LIMITS)),
    };
  } finally {
    await sql.end();
  }
}

async function timeHttp(server: ParlorServer, roomId: string): Promise<Figures> {
  const path = `/rooms/${roomId}/messages?limit=${PAGE}`;
  const anywhere = async (form: string) => {
    const times: number[] = [];
    for (const place of PLACES) times.push(await timeRequest(`${server.url}${path}&${form}=${place}`, PAGE));
    return Math.max(...times);
  };
  return {
    newestHttpMs: await timeRequest(server.url + path, PAGE),
    deepHttpMs: await anywhere("before"),
    changedHttpMs: await anywhere("after"),
  };
}

/** The median time of a request, answer read; every answer must have so many entries. */
async function timeRequest(
  url: string,
  entries: number,
  headers: Record<string, string> = {},
): Promise<number> {
  const times: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const start = performance.now();
    const response = await fetch(url, { headers });
    const body = await response.text();
    times.push(performance.now() - start);
    const found = body === "" ? 0 : (JSON.parse(body) as unknown[]).length;
    if (found !== entries) throw new Error(`${url} answers ${found} entries instead of ${entries}`);
  }
  return median(times) ?? Number.NaN;
}

async function timeRooms(server: ParlorServer): Promise<Figures> {
  const seen = new Set<string>();
  let tag = "";
  for (let before = ""; ; ) {
    const response = await fetch(`${server.url}/rooms?limit=${ROOM_PAGE}${before && `&before=${before}`}`);
    const page = (await response.json()) as { id: string }[];
    if (before === "") tag = response.headers.get("etag") ?? "";
    for (const { id } of page) seen.add(id);
    const last = page.at(-1);
    if (!last || page.length < ROOM_PAGE) break;
    before = last.id;
  }
  const first = `${server.url}/rooms?limit=${ROOM_PAGE}`;
  const again = await fetch(first, { headers: { "if-none-match": tag } });
  const notModified = again.status === 304;
  return {
    roomsListed: seen.size,
    roomPageMs: await timeRequest(first, ROOM_PAGE),
    notModified: notModified ? 1 : 0,
    ...(notModified && { notModifiedMs: await timeRequest(first, 0, { "if-none-match": tag }) }),
  };
}
