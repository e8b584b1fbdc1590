import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { appendMessages, type NewMessage } from "../src/messages/store.js";
import { makeRoom } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

const BATCHES = 40;
const SIZE = 20;

describeWithDatabase("storing a batch", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const message = (room_id: string, change: Partial<NewMessage> = {}): NewMessage => ({
    id: randomUUID(),
    room_id,
    client_id: randomUUID(),
    user_id: "writer",
    username: "Writer",
    avatar_url: null,
    content: "one of many",
    kind: null,
    created_at: new Date(),
    extra: null,
    ...change,
  });

  it("looks up what it needs, however much the tables have grown since its plan was made", async () => {
    const room = await makeRoom(server);
    const read = await inDatabase(server, async (sql) => {
      const rowsRead = async () => {
        await sql`select pg_stat_force_next_flush()`;
        const [row] = await sql<{ n: number }[]>`
          select sum(seq_tup_read)::int as n from pg_stat_user_tables where relname in ('messages', 'rooms')`;
        return row?.n ?? 0;
      };
      const before = await rowsRead();
      for (let n = 0; n < BATCHES; n++)
        await appendMessages(
          sql,
          Array.from({ length: SIZE }, () => message(room)),
        );
      return (await rowsRead()) - before;
    });
    // Whoever reads all for each batch has read BATCHES / 2 times as many.
    expect(read).toBeLessThan(BATCHES * SIZE);
  });

  it("answers for each message: stored, stored before, twice in the batch, no such room", async () => {
    const [room, other] = [await makeRoom(server), await makeRoom(server)];
    const [one, two, elsewhere] = [message(room), message(room), message(other)];
    const told = await inDatabase(server, async (sql) => {
      await appendMessages(sql, [one]);
      return await appendMessages(sql, [
        two,
        { ...one, id: randomUUID() },
        elsewhere,
        { ...two, id: randomUUID() },
        message("nowhere"),
        message(room, { client_id: null }),
      ]);
    });
    const short = told.map(({ message_id, seq, repeated }) => [message_id, seq, repeated]);
    expect(short.slice(0, 4)).toEqual([
      [two.id, 2, false],
      [one.id, 1, true],
      [elsewhere.id, 1, false],
      [two.id, 2, true],
    ]);
    expect(told[4]?.message_id).toBeNull();
    expect(short[5]?.slice(1)).toEqual([3, false]);
  });
});
