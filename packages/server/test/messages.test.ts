import type { Message } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, openSocket, request, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, numbersOf, post, range, readHistory, watchedRoom } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("messages", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  it("[MSG1] a POST answers the stored message, which the room's sockets and the history have too", async () => {
    const room = await makeRoom(server);
    const listener = await openSocket(server, room, newId());
    const user = newId();
    const body = {
      user_id: user,
      username: "carol",
      content: "hello",
      avatar_url: "https://pics.test/c.png",
      type: "message",
    };
    const answer = await request(server, "POST", `/rooms/${room}/messages`, { body });
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      type: "message",
      room_id: room,
      user_id: user,
      username: "carol",
      content: "hello",
      avatar: "https://pics.test/c.png",
      avatar_url: "https://pics.test/c.png",
      seq: 1,
      updated_seq: 1,
      reactions: [],
    });
    expect(answer.json.timestamp).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(answer.json.profile_rev).toBeGreaterThan(0);
    expect(await listener.next("message")).toEqual(answer.json);
    const [stored] = await readHistory(server, room);
    const { client_id: _, ...shared } = answer.json;
    expect(stored).toEqual(shared);
    await listener.close();
  });

  it("[MSG1] whoever sees a message finds it committed", async () => {
    const { room, socket } = await watchedRoom(server);
    await inDatabase(server, async (sql) => {
      const seen = socket.next("message").then(({ id }) => sql`select 1 from messages where id = ${id}`);
      await post(server, room, newId(), "committed");
      expect(await seen).toHaveLength(1);
    });
    await socket.close();
  });

  it("[MSG2] messages, edits, reactions and deletions take one number each, whoever is first", async () => {
    const { room, socket } = await watchedRoom(server);
    const users = [newId(), newId(), newId()];
    const work = users.map(async (user) => {
      for (let turn = 0; turn < 5; turn++) {
        const { id } = await post(server, room, user, `turn ${turn}`);
        const path = `/rooms/${room}/messages/${id}`;
        await request(server, "PATCH", path, { body: { user_id: user, content: "edited" } });
        await request(server, "PUT", `${path}/reactions/%F0%9F%91%8D`, { body: { user_id: user } });
        if (turn % 2 === 0) await request(server, "DELETE", `${path}?user_id=${user}`);
      }
    });
    await Promise.all(work);
    const total = 3 * (5 * 3 + 3);
    await until(() => numbersOf(socket.frames).length >= total, "every change came live");
    expect(numbersOf(socket.frames)).toEqual(range(1, total));
    await socket.close();
  });

  it("[MSG4] the same client_id is stored once, over both transports, and a repeat is shown to nobody else", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const other = await openSocket(server, room, newId());
    const first = await post(server, room, user, "once", { client_id: "c1" });
    const again = await post(server, room, user, "other", { client_id: "c1" });
    expect(again).toMatchObject({ id: first.id, content: "once", seq: 1 });
    const socket = await openSocket(server, room, user);
    const tab = await openSocket(server, room, user);
    socket.send({ type: "message", content: "once", client_id: "c1" });
    expect(await socket.next("message")).toMatchObject({ id: first.id, repeat: true, client_id: "c1" });
    socket.send({ content: "later" });
    for (const reader of [tab, other]) await reader.next("message", ({ content }) => content === "later");
    expect(tab.frames.filter(({ type }) => type === "message")).toHaveLength(1);
    expect(other.frames.filter(({ type }) => type === "message")).toHaveLength(2);
    expect(await readHistory(server, room)).toHaveLength(2);
    await Promise.all([socket, tab, other].map((each) => each.close()));
  });

  it("[MSG4] the same client_id is stored once when all tries come together", async () => {
    const room = await makeRoom(server);
    const user = newId();
    await post(server, room, user, "known");
    const socket = await openSocket(server, room, user);
    for (let n = 0; n < 5; n++) socket.send({ content: "burst", client_id: "burst" });
    const posted = await Promise.all(
      Array.from({ length: 10 }, () => post(server, room, user, "burst", { client_id: "burst" })),
    );
    const isAnswer = ({ type }: { type: string }) => type === "message";
    await until(() => socket.frames.filter(isAnswer).length >= 5, "every try was answered");
    const live = socket.frames.filter((frame) => frame.type === "message");
    expect(new Set([...posted, ...live].map(({ id }) => id)).size).toBe(1);
    expect(live.filter(({ repeat }) => !repeat)).toHaveLength(1);
    expect(await readHistory(server, room)).toHaveLength(2);
    await socket.close();
  });

  it("[MSG4] a client_id is known after a restart, and is one per user and room", async () => {
    const [room, elsewhere] = [await makeRoom(server), await makeRoom(server)];
    const user = newId();
    const first = await post(server, room, user, "once", { client_id: "kept" });
    await server.restart();
    expect(await post(server, room, user, "once", { client_id: "kept" })).toMatchObject({
      id: first.id,
      seq: 1,
    });
    const others = [
      await post(server, room, newId(), "once", { client_id: "kept" }),
      await post(server, elsewhere, user, "once", { client_id: "kept" }),
    ];
    expect(new Set([first, ...others].map(({ id }) => id)).size).toBe(3);
  });

  it("[MSG4] [HTTP7] a client_id is any text of 1 to 64 characters, on both transports; none becomes another", async () => {
    const { room, socket } = await watchedRoom(server);
    const user = newId();
    const good = [
      "a b",
      " ",
      "é",
      "e\u0301",
      "👍".repeat(64),
      "x".repeat(64),
      "\n",
      "\"\\'",
      "null",
      "NULL",
      "\ufffd",
    ];
    const ids: string[] = [];
    for (const client_id of good) {
      const first = await post(server, room, user, "text", { client_id });
      expect(first.client_id).toBe(client_id);
      expect((await post(server, room, user, "again", { client_id })).id).toBe(first.id);
      ids.push(first.id);
    }
    expect(new Set(ids).size).toBe(good.length);
    const author = await openSocket(server, room, user);
    for (const [index, client_id] of good.entries()) {
      author.send({ content: "again", client_id });
      const frame = await author.next("message", (message) => message.client_id === client_id);
      expect(frame).toMatchObject({ id: ids[index], repeat: true });
    }
    for (const client_id of ["", "a\0", "a\ud800", "\udc00", "x".repeat(65), "👍".repeat(65), 7]) {
      const body = { user_id: user, content: "refused", client_id };
      expect((await request(server, "POST", `/rooms/${room}/messages`, { body })).status).toBe(422);
      author.send({ content: "refused", client_id });
      const error = await author.next("error");
      expect(error.code).toBe("invalid_frame");
      if (typeof client_id === "string" && client_id.length > 0 && client_id.length <= 65)
        expect(error.client_id).toBe(client_id);
    }
    expect(await readHistory(server, room)).toHaveLength(good.length);
    await socket.close();
    await author.close();
  });

  it("[MSG4] Idempotency-Key does the same, and the body wins over it", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const send = (key: string, body: Record<string, unknown>) =>
      request(server, "POST", `/rooms/${room}/messages`, {
        body: { user_id: user, content: "text", ...body },
        headers: { "idempotency-key": key },
      });
    const first = (await send("k1", {})).json;
    expect(first.client_id).toBe("k1");
    expect((await send("k1", { content: "changed" })).json).toMatchObject({ id: first.id, content: "text" });
    const second = (await send("k1", { client_id: "k2" })).json;
    expect(second).toMatchObject({ client_id: "k2", seq: 2 });
    expect((await send("other", { client_id: "k2" })).json.id).toBe(second.id);
    expect((await send("x".repeat(65), {})).status).toBe(422);
  });

  it("[MSG5] frames of one socket are stored in the order of their arrival", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const socket = await openSocket(server, room, user);
    const noise = Promise.all(Array.from({ length: 20 }, () => post(server, room, newId(), "noise")));
    const sent = Array.from({ length: 150 }, (_, n) => `frame ${n}`);
    for (const [n, content] of sent.entries()) {
      socket.send({ content, ...(n % 3 === 0 ? { client_id: `c${n}` } : {}) });
    }
    await noise;
    await socket.next("message", ({ content }) => content === sent.at(-1));
    const mine = (messages: readonly Message[]) =>
      messages.filter(({ user_id }) => user_id === user).map(({ content }) => content);
    expect(mine(await readHistory(server, room, "limit=500"))).toEqual(sent);
    expect(mine(socket.frames.filter((frame) => frame.type === "message"))).toEqual(sent);
    await socket.close();
  });

  it("[MSG6] 100,000 units pass on both transports, more and blank text are refused with the client_id", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const socket = await openSocket(server, room, user);
    const longest = "é".repeat(100_000);
    expect((await post(server, room, user, longest)).content).toBe(longest);
    socket.send({ content: longest, client_id: "fits" });
    const own = await socket.next("message", ({ client_id }) => client_id === "fits");
    expect(own.content).toBe(longest);
    for (const [content, status, code] of [
      [`${longest}x`, 413, "content_too_long"],
      [" \n\t ", 400, "blank_content"],
      ["", 400, "blank_content"],
    ] as const) {
      const body = { user_id: user, content };
      const answer = await request(server, "POST", `/rooms/${room}/messages`, { body });
      expect([answer.status, answer.json.code]).toEqual([status, code]);
      socket.send({ content, client_id: `too ${status}`.replace(" ", "-") });
      const error = await socket.next("error");
      expect(error).toMatchObject({ code, client_id: `too-${status}`, retry: false });
      expect(error.detail).toBe(error.message);
    }
    expect(await readHistory(server, room)).toHaveLength(2);
    await socket.close();
  });

  it("[HTTP7] NUL and lone surrogates in a message become U+FFFD", async () => {
    const room = await makeRoom(server);
    const user = newId();
    expect((await post(server, room, user, "a\0b\ud800c\u{1f600}")).content).toBe("a\ufffdb\ufffdc\u{1f600}");
    const socket = await openSocket(server, room, user);
    socket.send('{"content":"x\\u0000y\\udc00z"}');
    expect((await socket.next("message")).content).toBe("x\ufffdy\ufffdz");
    await socket.close();
  });

  it("[MSG13] an unknown poster is registered and joined, an unknown room is 404", async () => {
    const room = await makeRoom(server);
    const user = newId();
    await post(server, room, user, "first", { username: "newcomer" });
    expect((await request(server, "GET", `/users/${user}`)).json.username).toBe("newcomer");
    const { json } = await request(server, "GET", `/rooms/${room}`);
    expect(json).toMatchObject({ users: [user], memberCount: 1 });
    const body = { user_id: user, content: "lost" };
    for (const id of [newId(), "dm", "mock-room-1"]) {
      expect((await request(server, "POST", `/rooms/${id}/messages`, { body })).status).toBe(404);
    }
  });

  it("[MSG13] a banned user and one without the password's grant do not post", async () => {
    const room = await makeRoom(server);
    const user = newId();
    await post(server, room, user, "still welcome");
    await inDatabase(
      server,
      (sql) => sql`update room_members set banned_at = now() where room_id = ${room} and user_id = ${user}`,
    );
    const body = { user_id: user, content: "no more" };
    const banned = await request(server, "POST", `/rooms/${room}/messages`, { body });
    expect([banned.status, banned.json.code]).toEqual([403, "banned"]);
    const locked = await makeRoom(server, { privacy: "password", password: "open sesame" });
    const path = `/rooms/${locked}/messages`;
    const post403 = await request(server, "POST", path, { body: { user_id: newId(), content: "x" } });
    const get403 = await request(server, "GET", path);
    for (const { status, json } of [post403, get403])
      expect([status, json.code]).toEqual([403, "password_required"]);
    const guest = await makeGuest(server, "guesser");
    const opened = await guest.request("POST", `/rooms/${locked}/verify-password`, {
      body: { password: "open sesame" },
    });
    expect(opened.status).toBe(200);
    expect((await post(server, locked, guest, "in")).seq).toBe(1);
  });

  it("[MSG14] a client_id is told to its author alone", async () => {
    const alice = await makeGuest(server, "alice");
    const made = await alice.request("POST", "/rooms", { body: { name: "Hers", created_by: alice.id } });
    const room: string = made.json.id;
    const bob = await makeGuest(server, "bob");
    const { id } = await post(server, room, bob, "named", { client_id: "mine" });
    const path = `/rooms/${room}/messages`;
    const idIn = async (person: typeof alice) => (await person.request("GET", path)).json[0].client_id;
    expect([await idIn(bob), await idIn(alice)]).toEqual(["mine", undefined]);
    expect((await readHistory(server, room))[0]?.client_id).toBeUndefined();
    const reacted = await alice.request("PUT", `${path}/${id}/reactions/ok`, { body: {} });
    const removed = await alice.request("DELETE", `${path}/${id}`);
    for (const { status, json } of [reacted, removed])
      expect([status, json.client_id]).toEqual([200, undefined]);
  });
});
