import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { fillRoom, inDatabase, post, range, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("jumps", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });
  const seqs = async (room: string, query: string) =>
    (await readHistory(server, room, query)).map(({ seq }) => seq);

  it("[MSG18] around a number: both sides, ascending, with tombstones and the headers of every page", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 20, "line");
    expect(await seqs(room, "around=10&limit=6")).toEqual(range(7, 12));
    expect(await seqs(room, "around=10&limit=1")).toEqual([10]);
    expect(await seqs(room, "around=2&limit=10")).toEqual(range(1, 6));
    expect(await seqs(room, "around=99&limit=4")).toEqual([19, 20]);
    expect(await seqs(room, "around=0&limit=4")).toEqual([1, 2]);
    const author = await makeGuest(server, "Author");
    const { id } = await post(server, room, author, "last");
    await author.request("DELETE", `/rooms/${room}/messages/${id}`);
    const answer = await request(server, "GET", `/rooms/${room}/messages?around=21&limit=2`);
    expect(answer.json.map((one: { seq: number; content: string }) => [one.seq, one.content])).toEqual([
      [20, "line"],
      [21, ""],
    ]);
    expect(answer.headers.get("x-next-after")).toBe("22");
    expect(answer.headers.get("x-epoch")).toMatch(/^\w+$/);
  });

  it("[MSG18] from a number on, page after page down to the newest", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 25, "line");
    const seen: number[] = [];
    for (let from = 5; ; ) {
      const page = await seqs(room, `from=${from}&limit=7`);
      if (page.length === 0) break;
      seen.push(...page);
      from = (page.at(-1) ?? 0) + 1;
    }
    expect(seen).toEqual(range(5, 25));
  });

  it("[MSG18] at a moment: the first message that is not older, over gaps of the numbers", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 100, "line");
    await inDatabase(server, async (sql) => {
      await sql`update messages set created_at = '2024-05-01T00:00:00Z'::timestamptz + seq * interval '1 hour'
        where room_id = ${room}`;
      await sql`delete from messages where room_id = ${room} and seq between 30 and 60`;
    });
    expect(await seqs(room, "at=2024-05-01T10:00:00Z&limit=2")).toEqual([10, 11]);
    expect(await seqs(room, "at=2024-05-01T10:00:00.001Z&limit=2")).toEqual([11, 12]);
    expect(await seqs(room, "at=2024-05-01T12:00:00%2B02:00&limit=1")).toEqual([10]);
    expect(await seqs(room, "at=2024-05-02&limit=1")).toEqual([24]);
    expect(await seqs(room, "at=2024-05-02T10:00:00Z&limit=2")).toEqual([61, 62]);
    expect(await seqs(room, "at=1970-01-01&limit=1")).toEqual([1]);
    expect(await seqs(room, "at=2024-05-05T04:00:00Z&limit=5")).toEqual([100]);
    expect(await seqs(room, "at=2030-01-01")).toEqual([]);
  });

  it("[MSG18] one form at a time, and only what is a moment", async () => {
    const room = await makeRoom(server);
    const bad = ["around=1&from=2", "around=1&before=5", "from=1&after=0", "at=2024-01-01&around=3"];
    for (const query of [
      ...bad,
      "at=yesterday",
      "at=2024-13-45",
      "at=2024-01-01T00:00",
      "around=-1",
      "from=x",
    ]) {
      const answer = await request(server, "GET", `/rooms/${room}/messages?${query}`);
      expect([query, answer.status, answer.json.code]).toEqual([query, 422, "invalid_request"]);
    }
  });
});
