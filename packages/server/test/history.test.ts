import type { Message } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, openSocket, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { fillRoom, post, range, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("history", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const seqs = (messages: readonly Message[]) => messages.map(({ seq }) => seq);
  const updates = (messages: readonly Message[]) => messages.map(({ updated_seq }) => updated_seq);
  const page = (room: string, query = "", headers: Record<string, string> = {}) =>
    request(server, "GET", `/rooms/${room}/messages?${query}`, { headers });

  /** Ten messages; 2 is edited (11), 4 and 9 are deleted (12, 13). */
  async function changedRoom() {
    const room = await makeRoom(server);
    const user = newId();
    const ids: string[] = [];
    for (let n = 1; n <= 10; n++) ids.push((await post(server, room, user, `m${n}`)).id);
    const path = (n: number) => `/rooms/${room}/messages/${ids[n - 1]}`;
    await request(server, "PATCH", path(2), { body: { user_id: user, content: "m2 edited" } });
    await request(server, "DELETE", `${path(4)}?user_id=${user}`);
    await request(server, "DELETE", `${path(9)}?user_id=${user}`);
    return { room, user };
  }

  it("[MSG7] the plain form is the newest `limit`, ascending, without deleted ones", async () => {
    const { room } = await changedRoom();
    expect(seqs(await readHistory(server, room))).toEqual([1, 2, 3, 5, 6, 7, 8, 10]);
    const newest = await page(room, "limit=3");
    expect(seqs(newest.json)).toEqual([7, 8, 10]);
    expect(newest.headers.get("x-next-after")).toBe("13");
    expect(newest.headers.get("x-epoch")).toMatch(/^\w{8,}$/);
    expect(newest.json.every((message: Message) => message.avatar === message.avatar_url)).toBe(true);
  });

  it("[MSG20] a page ends where it has enough text, and nothing is left out on the way", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 300, "字".repeat(10_000));
    const last = (await page(room, "limit=1000")).json;
    expect(seqs(last)).toEqual(range(300 - 139, 300));
    for (const query of ["before=301&limit=1000", "around=150&limit=1000", "at=2020-01-01&limit=1000"]) {
      expect((await page(room, query)).text.length, query).toBeLessThan(2 * 1024 * 1024);
    }
    const long = await makeRoom(server);
    await fillRoom(server, long, 50, "字".repeat(100_000));
    for (const query of ["before=51&limit=50", "around=25&limit=50", "from=1&limit=50"])
      expect((await page(long, query)).text.length, query).toBeLessThan(2 * 1024 * 1024);
    expect(seqs((await page(long, "limit=50")).json)).toEqual(range(37, 50));
    let seen: number[] = [];
    for (let from = 1; ; from = (seen.at(-1) ?? 0) + 1) {
      const got = seqs((await page(room, `from=${from}&limit=1000`)).json);
      if (got.length === 0) break;
      expect(got.length).toBeLessThanOrEqual(36);
      seen = [...seen, ...got];
    }
    expect(seen).toEqual(range(1, 300));
  });

  it("[HTTP6] `limit` is clamped to 1..1000 and defaults to 100; what is no number is 422", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const socket = await openSocket(server, room, user);
    for (let n = 0; n < 105; n++) socket.send({ content: `m${n}` });
    await socket.next("message", ({ content }) => content === "m104");
    const sizes = await Promise.all(
      ["", "limit=0", "limit=-5", "limit=99999"].map((query) => page(room, query)),
    );
    expect(sizes.map(({ json }) => json.length)).toEqual([100, 1, 1, 105]);
    for (const query of [
      "limit=ten",
      "limit=",
      "limit=1e3",
      "before=x",
      "after=-1",
      "after=1.5",
      "wait=no&after=0",
    ])
      expect([query, (await page(room, query)).status]).toEqual([query, 422]);
    await socket.close();
  });

  it("[MSG7] an unknown room has an empty history, also `dm`", async () => {
    for (const room of [newId(), "mock-room-1", "dm"]) {
      const answer = await page(room);
      expect([answer.status, answer.json]).toEqual([200, []]);
    }
  });

  it("[MSG7] the ETag holds until the room or a profile changes; a 304 has its headers and no body", async () => {
    const { room, user } = await changedRoom();
    const tag = async (query = "") => String((await page(room, query)).headers.get("etag"));
    const first = await tag();
    expect(await tag()).toBe(first);
    expect(await tag("limit=5")).not.toBe(first);
    const known = await request(server, "GET", `/rooms/${room}/messages`, {
      headers: { "if-none-match": first },
      origin: "http://localhost:3000",
    });
    expect([known.status, known.text]).toEqual([304, ""]);
    expect(known.headers.get("access-control-allow-origin")).toBe("http://localhost:3000");
    expect(known.headers.get("access-control-allow-credentials")).toBe("true");
    expect(known.headers.get("etag")).toBe(first);
    const whole = await page(room);
    for (const name of ["x-next-after", "x-epoch"])
      expect([name, known.headers.get(name)]).toEqual([name, whole.headers.get(name)]);
    for (const tags of [`"other", ${first}`, first.replace("W/", ""), "*"])
      expect([tags, (await page(room, "", { "if-none-match": tags })).status]).toEqual([tags, 304]);
    expect((await page(room, "", { "if-none-match": '"other"' })).status).toBe(200);
    const changes = [
      () => post(server, room, user, "new"),
      () => request(server, "PUT", `/users/${user}/profile`, { body: { display_name: "Renamed" } }),
      async () => {
        const [oldest] = await readHistory(server, room);
        const path = `/rooms/${room}/messages/${oldest?.id}/reactions/ok`;
        expect((await request(server, "PUT", path, { body: { user_id: user } })).status).toBe(200);
      },
    ];
    let last = first;
    for (const change of changes) {
      await change();
      const answer = await page(room, "", { "if-none-match": last });
      expect(answer.status).toBe(200);
      last = String(answer.headers.get("etag"));
    }
    expect(await readHistory(server, room)).toContainEqual(expect.objectContaining({ username: "Renamed" }));
  });

  it("[MSG8] `before` pages back by `seq`, with tombstones", async () => {
    const { room } = await changedRoom();
    const last = await readHistory(server, room, "before=11&limit=4");
    expect(seqs(last)).toEqual([7, 8, 9, 10]);
    expect(last[2]).toMatchObject({ content: "", updated_seq: 13 });
    expect(last[2]?.deleted_at).not.toBeNull();
    expect(seqs(await readHistory(server, room, "before=7&limit=4"))).toEqual([3, 4, 5, 6]);
    expect(seqs(await readHistory(server, room, "before=3&limit=4"))).toEqual([1, 2]);
    expect(await readHistory(server, room, "before=1")).toEqual([]);
    const answer = await page(room, "before=3&limit=1");
    expect(answer.headers.get("x-epoch")).toBeTruthy();
    expect(answer.headers.get("x-next-after")).toBe("13");
  });

  it("[MSG8] `after` gives each message once in its newest state, by `updated_seq`", async () => {
    const { room } = await changedRoom();
    const all = await readHistory(server, room, "after=0");
    expect(updates(all)).toEqual([1, 3, 5, 6, 7, 8, 10, 11, 12, 13]);
    expect(seqs(all)).toEqual([1, 3, 5, 6, 7, 8, 10, 2, 4, 9]);
    expect(all[7]).toMatchObject({ content: "m2 edited" });
    expect(all[8]).toMatchObject({ content: "", reactions: [] });
    expect(updates(await readHistory(server, room, "after=11"))).toEqual([12, 13]);
  });

  it("[MSG9] X-Next-After leads through all pages; `[]` is the end", async () => {
    const { room } = await changedRoom();
    const seen: number[] = [];
    const cursors: number[] = [];
    for (let after = 0; ; ) {
      const answer = await page(room, `after=${after}&limit=3`);
      after = Number(answer.headers.get("x-next-after"));
      cursors.push(after);
      if (answer.json.length === 0) break;
      seen.push(...updates(answer.json));
    }
    expect(seen).toEqual([1, 3, 5, 6, 7, 8, 10, 11, 12, 13]);
    expect(cursors).toEqual([5, 8, 12, 13, 13]);
  });

  it("[MSG9] a cursor of another history, or beyond the head, is 409 cursor_reset", async () => {
    const { room } = await changedRoom();
    const epoch = String((await page(room)).headers.get("x-epoch"));
    expect((await page(room, `after=13&epoch=${epoch}`)).json).toEqual([]);
    for (const query of [
      "after=14",
      `after=14&epoch=${epoch}`,
      "after=3&epoch=other",
      "after=3&epoch=other&wait=5",
    ]) {
      const answer = await page(room, query);
      expect([query, answer.status, answer.json.code]).toEqual([query, 409, "cursor_reset"]);
    }
  });

  it("[MSG8] `wait` holds the request until something changes: a message, an edit, a deletion", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const held = async (after: number, change: () => Promise<unknown>) => {
      let answered = false;
      const waiting = page(room, `after=${after}&wait=99`).then((answer) => {
        answered = true;
        return answer;
      });
      // Another request that goes all the way shows that this one is held.
      await page(room, `after=${after}`);
      expect(answered).toBe(false);
      await change();
      const answer = await waiting;
      expect(answer.headers.get("x-next-after")).toBe(String(after + 1));
      return answer.json;
    };
    let id = "";
    const created = await held(0, async () => {
      id = (await post(server, room, user, "first")).id;
    });
    expect(created).toMatchObject([{ content: "first", updated_seq: 1 }]);
    const path = `/rooms/${room}/messages/${id}`;
    const body = { user_id: user, content: "edited" };
    expect(await held(1, () => request(server, "PATCH", path, { body }))).toMatchObject([
      { content: "edited" },
    ]);
    const removed = await held(2, () => request(server, "DELETE", `${path}?user_id=${user}`));
    expect(removed).toMatchObject([{ content: "", updated_seq: 3 }]);
  });

  it("[MSG8] `wait` answers `[]` when the time is over, and at once when there is something", async () => {
    const room = await makeRoom(server);
    await post(server, room, newId(), "there");
    expect(await readHistory(server, room, "after=0&wait=30")).toHaveLength(1);
    const begin = performance.now();
    const answer = await page(room, "after=1&wait=0.5");
    expect(answer.json).toEqual([]);
    expect(answer.headers.get("x-next-after")).toBe("1");
    expect(performance.now() - begin).toBeGreaterThanOrEqual(490);
  });

  it("[MSG9] while others write, pages by cursor miss nothing and repeat nothing", async () => {
    const room = await makeRoom(server);
    const writers = range(1, 4).map(async () => {
      const user = newId();
      for (let n = 0; n < 25; n++) await post(server, room, user, `m${n}`);
    });
    let over = false;
    const writing = Promise.all(writers).then(() => {
      over = true;
    });
    const seen: number[] = [];
    for (let after = 0; ; ) {
      const done = over;
      const answer = await page(room, `after=${after}&limit=7`);
      seen.push(...seqs(answer.json));
      after = Number(answer.headers.get("x-next-after"));
      if (answer.json.length === 0 && done) break;
    }
    await writing;
    expect(seen).toEqual(range(1, 100));
  });

  it("[MSG10] old lines show the author's name of now", async () => {
    const room = await makeRoom(server);
    const alice = await makeGuest(server, "alice-before");
    await post(server, room, alice, "old line");
    const [before] = await readHistory(server, room);
    const change = { body: { display_name: "Alice After" } };
    const { json } = await alice.request("PUT", `/users/${alice.id}/profile`, change);
    const [after] = await readHistory(server, room);
    expect([before?.username, after?.username]).toEqual(["alice-before", "Alice After"]);
    expect(after?.profile_rev).toBe(json.user.profile_rev);
    expect(after?.profile_rev).toBeGreaterThan(before?.profile_rev ?? 0);
  });
});
