import { isId } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { directRoomId, plainRoomId } from "../src/direct/room-id.js";
import { makeGuest, newId, openSocket, type Person, request, type Socket } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { fillRoom, inDatabase, numbersOf, openResumed, post, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("direct messages", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const inbox = (person: Person) => openSocket(server, "dm", person.id, { cookie: person.cookie });
  const openInbox = (user: string) => openSocket(server, "dm", user);
  const close = (...sockets: Socket[]) => Promise.all(sockets.map((socket) => socket.close()));
  const types = ({ frames }: Socket) => frames.map(({ type }) => type);
  const say = (socket: Socket, receiver_id: string, content: string, fields: Record<string, unknown> = {}) =>
    socket.send({ type: "dm_message", receiver_id, content, ...fields });

  it("[DM1] a message reaches the receiver's sockets only, in the shape of the seeds", async () => {
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const carol = await makeGuest(server, "carol");
    const [mine, one, two, other] = [
      await inbox(alice),
      await inbox(bob),
      await inbox(bob),
      await inbox(carol),
    ];
    say(mine, bob.id, "psst", { sender_id: carol.id, sender_username: "carol", id: "forged" });
    for (const socket of [one, two]) {
      const { message } = await socket.next("dm_message");
      expect(message).toMatchObject({
        sender_id: alice.id,
        sender_username: "alice",
        sender_avatar: null,
        receiver_id: bob.id,
        content: "psst",
      });
      expect(message.id).not.toBe("forged");
      expect(message.timestamp).toMatch(/Z$/);
    }
    say(mine, carol.id, "now you");
    expect((await other.next("dm_message")).message.content).toBe("now you");
    mine.send({ type: "ping" });
    await mine.next("pong");
    expect([types(mine), types(other)]).toEqual([["pong"], ["dm_message"]]);
    await close(mine, one, two, other);
  });

  it("[DM1] `/ws/dm` needs no room, and registers who is unknown", async () => {
    const user = newId();
    const socket = await openSocket(server, "dm", user, { query: { username: "newcomer" } });
    socket.send({ type: "ping" });
    await socket.next("pong");
    expect((await request(server, "GET", `/users/${user}`)).json.username).toBe("newcomer");
    for (const path of ["/rooms/dm", "/rooms/dm/profiles"])
      expect((await request(server, "GET", path)).status).toBe(404);
    const body = { user_id: user };
    expect((await request(server, "POST", "/rooms/dm/join", { body })).status).toBe(404);
    await socket.close();
  });

  it("[DM1] a client_id is acknowledged, a repeat is stored once and shown to nobody else", async () => {
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const [mine, theirs] = [await inbox(alice), await inbox(bob)];
    say(mine, bob.id, "once", { client_id: "d1" });
    const first = await mine.next("dm_message");
    expect(first.message).toMatchObject({ client_id: "d1", content: "once" });
    expect(first.repeat).toBeUndefined();
    say(mine, bob.id, "changed", { client_id: "d1" });
    const again = await mine.next("dm_message");
    expect(again).toMatchObject({ repeat: true, message: { id: first.message.id, content: "once" } });
    say(mine, bob.id, "second");
    await theirs.next("dm_message", ({ message }) => message.content === "second");
    const got = theirs.frames.flatMap((frame) =>
      frame.type === "dm_message" ? [frame.message.content] : [],
    );
    expect(got).toEqual(["once", "second"]);
    await close(mine, theirs);
  });

  it("[DM1] what cannot be sent is an error with its client_id", async () => {
    const alice = await makeGuest(server, "alice");
    const mine = await inbox(alice);
    const cases = [
      [newId(), "hello", "user_not_found"],
      [alice.id, "hello", "rule_broken"],
      [newId(), " ", "user_not_found"],
      ["not an id!", "hello", "invalid_frame"],
    ] as const;
    for (const [index, [receiver, content, code]] of cases.entries()) {
      say(mine, receiver, content, { client_id: `e${index}` });
      expect(await mine.next("error")).toMatchObject({ code, client_id: `e${index}`, retry: false });
    }
    const bob = await makeGuest(server, "bob");
    for (const [content, code] of [
      [" ", "blank_content"],
      ["x".repeat(100_001), "content_too_long"],
    ]) {
      say(mine, bob.id, String(content), { client_id: "long" });
      expect(await mine.next("error")).toMatchObject({ code, client_id: "long" });
    }
    await mine.close();
  });

  it("[DM2] unread ones come at connect to a presented session, in order, until they are read", async () => {
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const mine = await inbox(alice);
    for (const content of ["one", "two", "three"]) say(mine, bob.id, content, { client_id: content });
    await mine.next("dm_message", ({ message }) => message.client_id === "three");
    const theirs = await inbox(bob);
    await theirs.next("dm_message", ({ message }) => message.content === "three");
    const contents = theirs.frames.map((frame) =>
      frame.type === "dm_message" ? frame.message.content : "?",
    );
    expect(contents).toEqual(["one", "two", "three"]);
    theirs.send({ type: "dm_read", sender_id: alice.id });
    expect(await mine.next("dm_read")).toMatchObject({ reader_id: bob.id, sender_id: alice.id });
    say(mine, bob.id, "four", { client_id: "four" });
    await mine.next("dm_message", ({ message }) => message.client_id === "four");
    const later = await inbox(bob);
    expect((await later.next("dm_message")).message.content).toBe("four");
    later.send({ type: "ping" });
    await later.next("pong");
    expect(types(later)).toEqual(["dm_message", "pong"]);
    await close(mine, theirs, later);
  });

  it("[DM2] an open guest gets live ones only", async () => {
    const [alice, script] = [await makeGuest(server, "alice"), newId()];
    await close(await openInbox(script));
    const mine = await inbox(alice);
    say(mine, script, "missed", { client_id: "m" });
    await mine.next("dm_message");
    const theirs = await openInbox(script);
    theirs.send({ type: "ping" });
    await theirs.next("pong");
    say(mine, script, "live");
    await theirs.next("dm_message");
    expect(theirs.frames).toMatchObject([
      { type: "pong" },
      { type: "dm_message", message: { content: "live" } },
    ]);
    await close(mine, theirs);
  });

  it("[DM2] at most the 200 newest unread ones come, long ones too", async () => {
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const mine = await inbox(alice);
    say(mine, bob.id, "opens the room", { client_id: "o" });
    await mine.next("dm_message");
    const room = directRoomId(alice.id, bob.id);
    await inDatabase(server, (sql) => sql`delete from messages where room_id = ${room}`);
    await fillRoom(server, room, 210, "字".repeat(20_000));
    const theirs = await inbox(bob);
    await theirs.next("dm_message", ({ message }) => message.seq === 210);
    expect(theirs.frames.map((frame) => (frame.type === "dm_message" ? frame.message.seq : -1))).toEqual(
      Array.from({ length: 200 }, (_, index) => index + 11),
    );
    expect(theirs.ws.readyState).toBe(theirs.ws.OPEN);
    await close(mine, theirs);
  });

  it("[DM3] typing and reading are relayed with the true sender; plain content is shown to nobody", async () => {
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const [mine, theirs] = [await inbox(alice), await inbox(bob)];
    mine.send({ content: "for whom?" });
    mine.send({ type: "message", content: "for whom?", receiver_id: bob.id });
    mine.send({ type: "keep_alive" });
    mine.send({ type: "dm_typing", receiver_id: bob.id, is_typing: true, sender_id: bob.id });
    mine.send({ type: "dm_typing", receiver_id: bob.id, is_typing: false });
    mine.send({ type: "dm_read", sender_id: bob.id, reader_id: bob.id });
    await theirs.next("dm_read");
    expect(theirs.frames).toMatchObject([
      { type: "dm_typing", sender_id: alice.id, sender_username: "alice", is_typing: true },
      { type: "dm_typing", sender_id: alice.id, is_typing: false },
      { type: "dm_read", reader_id: alice.id, sender_id: bob.id },
    ]);
    mine.send({ type: "ping" });
    await mine.next("pong");
    expect(types(mine)).toEqual(["pong"]);
    await close(mine, theirs);
  });

  it("[DM4] the conversation is a room with a change log, for its two people's sessions alone", async () => {
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const stranger = await makeGuest(server, "stranger");
    const [mine, theirs] = [await inbox(alice), await inbox(bob)];
    say(mine, bob.id, "secret");
    await theirs.next("dm_message");
    const room = directRoomId(alice.id, bob.id);
    const log = await openResumed(server, room, { user: alice.id, cookie: alice.cookie });
    expect(log.frames[1]).toMatchObject({ type: "message", room_id: room, content: "secret", seq: 1 });
    const { id } = await post(server, room, bob, "from REST");
    await mine.next("dm_message", ({ message }) => message.content === "from REST");
    const edit = { body: { content: "edited" } };
    expect((await bob.request("PATCH", `/rooms/${room}/messages/${id}`, edit)).status).toBe(200);
    await log.next("message_updated");
    expect(numbersOf(log.frames)).toEqual([1, 2, 3]);
    expect(await readHistory(server, room, "", { cookie: bob.cookie })).toHaveLength(2);
    const body = { user_id: stranger.id, content: "x" };
    const refused = [
      await stranger.request("GET", `/rooms/${room}/messages`),
      await stranger.request("POST", `/rooms/${room}/messages`, { body }),
      await stranger.request("DELETE", `/rooms/${room}/messages/${id}`),
      await stranger.request("POST", `/rooms/${room}/join`, { body: { user_id: stranger.id } }),
      await stranger.request("GET", `/rooms/${room}/profiles`),
      await request(server, "GET", `/rooms/${room}/messages?after=0`),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    for (const user of [stranger.id, alice.id]) {
      const socket = await openSocket(server, room, user, { cookie: stranger.cookie, query: { after: 0 } });
      expect([(await socket.closed).code, socket.frames]).toEqual([4403, []]);
    }
    await close(mine, theirs, log);
  });

  it("[ROOM5] a conversation is in no list and no count", async () => {
    const counts = async () => {
      const { json } = await request(server, "GET", "/health");
      return json.active_rooms;
    };
    const before = await counts();
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const [mine, theirs] = [await inbox(alice), await inbox(bob)];
    say(mine, bob.id, "hidden");
    await theirs.next("dm_message");
    const room = directRoomId(alice.id, bob.id);
    const list = await alice.request("GET", "/rooms");
    expect(list.json.map(({ id }: { id: string }) => id)).not.toContain(room);
    expect((await alice.request("GET", `/rooms/${room}`)).status).toBe(404);
    expect(await counts()).toBe(before);
    await close(mine, theirs);
  });

  it("[DM4] every pair has a room of its own, also where ids hold colons or are long", async () => {
    const stem = newId().slice(0, 8);
    const long = ["L", "M"].map((first) => first.padEnd(128, stem));
    const pairs = [
      [`0${stem}`, `b:c-${stem}`],
      [`0${stem}:b`, `c-${stem}`],
      [`:${stem}`, `::${stem}`],
      [`:${stem}:`, `:${stem}`],
      [long[0] ?? "", long[1] ?? ""],
      [`0${stem}`, `c-${stem}`],
    ] as const;
    expect(plainRoomId(...pairs[0])).toBe(plainRoomId(...pairs[1]));
    const rooms = pairs.map(([a, b]) => directRoomId(a, b));
    expect(new Set(rooms).size).toBe(pairs.length);
    for (const [index, [a, b]] of pairs.entries()) {
      const room = directRoomId(b, a);
      expect([room, isId(room)]).toEqual([rooms[index], true]);
      const [mine, theirs] = [await openInbox(a), await openInbox(b)];
      say(mine, b, `for pair ${index}`);
      const { message } = await theirs.next("dm_message");
      expect(message).toMatchObject({
        room_id: room,
        sender_id: a,
        receiver_id: b,
        content: `for pair ${index}`,
      });
      say(theirs, a, "and back");
      await mine.next("dm_message");
      expect([types(mine), types(theirs)]).toEqual([["dm_message"], ["dm_message"]]);
      await close(mine, theirs);
    }
  });

  it("[DM4] a conversation that began under an id of once goes on there; another pair of that id gets its own", async () => {
    const stem = newId().slice(0, 8);
    const [a, bc, ab, c] = [`0${stem}`, `b:c-${stem}`, `0${stem}:b`, `c-${stem}`];
    const sockets = await Promise.all([a, bc, ab, c].map(openInbox));
    const [first, second, third, fourth] = sockets;
    if (!first || !second || !third || !fourth) throw new Error("no sockets");
    const once = plainRoomId(a, bc);
    await inDatabase(server, async (sql) => {
      await sql`insert into rooms (id, kind, name, privacy) values (${once}, 'direct', 'Direct messages', 'private')`;
      await sql`insert into room_members (room_id, user_id, username) values (${once}, ${a}, 'a'), (${once}, ${bc}, 'bc')`;
    });
    say(first, bc, "ours");
    expect((await second.next("dm_message")).message).toMatchObject({
      room_id: once,
      content: "ours",
      seq: 1,
    });
    second.send({ type: "dm_read", sender_id: a });
    await first.next("dm_read");
    const [read] = await inDatabase(
      server,
      (sql) => sql`select read_seq from room_members where room_id = ${once} and user_id = ${bc}`,
    );
    expect(read?.read_seq).toBe(1);
    say(third, c, "theirs");
    const { message } = await fourth.next("dm_message");
    expect(message).toMatchObject({ room_id: directRoomId(ab, c), content: "theirs" });
    expect([types(first), types(second), types(third)]).toEqual([["dm_read"], ["dm_message"], []]);
    await close(...sockets);
  });
});
