import type { ServerFrame } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeGuest, makeRoom, newId, newName, openSocket, type Socket, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { openResumed, post, range } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

/** More than a small room. */
const MANY = 210;

describeWithDatabase("presence", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const PRESENCE = ["user_joined", "user_left", "presence", "room_state"];
  const news = ({ frames }: Socket) => frames.filter(({ type }) => PRESENCE.includes(type));
  const names = (socket: Socket, mine: string) =>
    news(socket).flatMap((frame) => ("user_id" in frame && frame.user_id === mine ? [frame.type] : []));

  /** Who is here, as a client with a cursor knows it. */
  function online({ frames }: Socket): Set<string> {
    const here = new Set<string>();
    for (const frame of frames as readonly ServerFrame[]) {
      if (frame.type === "welcome") for (const id of frame.online ?? []) here.add(id);
      else if (frame.type === "user_joined") here.add(frame.user_id);
      else if (frame.type === "user_left") here.delete(frame.user_id);
      else if (frame.type === "presence") {
        for (const id of frame.left) here.delete(id);
        for (const { user_id } of frame.joined) here.add(user_id);
      }
    }
    return here;
  }

  it("[WS14] who is back within two seconds has not left, and who is not is told once", async () => {
    const room = await makeRoom(server);
    const [alice, bob] = [newId(), newId()];
    const resumed = await openResumed(server, room);
    const plain = await openSocket(server, room, newId());
    const first = await openResumed(server, room, { user: alice });
    const gone = await openResumed(server, room, { user: bob });
    await Promise.all([gone.close(), first.close()]);
    const again = await openResumed(server, room, { user: alice });
    for (const socket of [resumed, plain]) {
      expect(await socket.next("user_left")).toMatchObject({
        user_id: bob,
        message: expect.stringContaining("left"),
      });
      expect(names(socket, alice)).toEqual(["user_joined"]);
      expect(names(socket, bob)).toEqual(["user_joined", "user_left"]);
    }
    expect(online(resumed).has(alice)).toBe(true);
    await Promise.all([resumed, plain, again].map((socket) => socket.close()));
  });

  it("[WS14] who comes in between knows the truth as well", async () => {
    const room = await makeRoom(server);
    const [alice, bob] = [newId(), newId()];
    const [first, gone] = [await openSocket(server, room, alice), await openSocket(server, room, bob)];
    await Promise.all([first.close(), gone.close()]);
    const plain = await openSocket(server, room, newId());
    const resumed = await openResumed(server, room);
    // To one without a cursor nobody is here, so no list follows its own frame.
    expect(news(plain)[0]).toMatchObject({ type: "user_joined", username: expect.any(String) });
    expect(news(plain).some(({ type }) => type === "room_state")).toBe(false);
    expect([alice, bob].every((id) => online(resumed).has(id))).toBe(true);
    const again = await openSocket(server, room, alice);
    await plain.next("user_joined", ({ user_id }) => user_id === alice);
    expect((await resumed.next("user_left")).user_id).toBe(bob);
    await post(server, room, newId(), "mark");
    await Promise.all([plain.next("message"), resumed.next("message")]);
    expect(names(plain, bob)).toEqual([]);
    expect(online(resumed).has(alice)).toBe(true);
    expect(names(resumed, alice)).toEqual([]);
    await Promise.all([resumed, plain, again].map((socket) => socket.close()));
  });

  it("[WS14] after a restart nobody has left who comes back, and who stays away is told of once", async () => {
    const room = await makeRoom(server);
    const [alice, bob, carol] = [newId(), newId(), newId()];
    const guest = await makeGuest(server, newName("guest"));
    const openInbox = () => openSocket(server, "dm", guest.id, { cookie: guest.cookie, query: { inbox: 1 } });
    const before = await Promise.all([
      openInbox(),
      ...[alice, bob, carol].map((user) => openResumed(server, room, { user })),
    ]);
    await server.restart();
    await Promise.all(before.map((socket) => socket.close()));
    const inbox = await openInbox();
    const first = await openResumed(server, room, { user: alice });
    expect(online(first)).toEqual(new Set([alice, bob, carol]));
    const plain = await openSocket(server, room, newId());
    const second = await openResumed(server, room, { user: bob });
    await until(
      () => names(plain, bob).length > 0,
      "a client without a cursor is told of who it did not know",
    );
    await until(() => names(first, carol).length > 0, "the one who stayed away is told of", 20_000);
    expect(names(first, carol)).toEqual(["user_left"]);
    expect(names(first, bob)).toEqual([]);
    expect(names(plain, carol)).toEqual([]);
    expect(online(first).has(bob)).toBe(true);
    // An inbox is no room: nobody comes back to it, and nobody leaves it.
    inbox.send({ type: "ping" });
    await inbox.next("pong");
    expect(inbox.frames.filter(({ type }) => type === "user_left")).toEqual([]);
    await Promise.all([first, second, plain, inbox].map((socket) => socket.close()));
  }, 60_000);

  it("[WS15] above 200 people who comes and goes is told together; those without a cursor get single frames, then the list", async () => {
    const room = await makeRoom(server);
    const guest = await makeGuest(server, "Gathered");
    const watcher = await openResumed(server, room);
    const plain = await openSocket(server, room, newId());
    const users = range(1, MANY).map(() => newId());
    const sockets = await Promise.all(users.map((user) => openResumed(server, room, { user })));
    const here = () => online(watcher).size === MANY + 2;
    await until(here, "everybody is known");
    await until(() => sockets.every((socket) => online(socket).size === MANY + 2), "to everybody");

    const before = news(watcher).length;
    const late = range(1, 60).map(() => newId());
    const more = await Promise.all(late.map((user) => openResumed(server, room, { user })));
    const named = await openResumed(server, room, { user: guest.id, cookie: guest.cookie });
    await until(
      () => online(watcher).has(guest.id) && online(watcher).size === MANY + 63,
      "the late ones too",
    );
    const gathered = news(watcher).slice(before);
    expect(gathered.every(({ type }) => type === "presence")).toBe(true);
    expect(gathered.length).toBeLessThan(60);
    const joined = gathered.flatMap((frame) => (frame.type === "presence" ? frame.joined : []));
    expect(joined.find(({ user_id }) => user_id === guest.id)).toEqual({
      user_id: guest.id,
      username: "Gathered",
      avatar_url: null,
      profile_rev: expect.any(Number),
    });

    await Promise.all(more.map((socket) => socket.close()));
    await until(() => late.every((id) => !online(watcher).has(id)), "they have left");
    expect(
      news(watcher)
        .slice(before)
        .every(({ type }) => type === "presence"),
    ).toBe(true);

    const list = () => news(plain).findLast(({ type }) => type === "room_state");
    const all = MANY + 3;
    await until(() => {
      const state = list();
      return state?.type === "room_state" && state.users.length === all;
    }, "the list is renewed");
    expect(plain.frames.some(({ type }) => type === "presence")).toBe(false);
    await Promise.all([watcher, plain, named, ...sockets].map((socket) => socket.close()));
  }, 60_000);

  it("[WS15] in a small room a crowd is told together, to those with a cursor; who comes alone is told at once", async () => {
    const room = await makeRoom(server);
    const watcher = await openResumed(server, room);
    const plain = await openSocket(server, room, newId());
    const users = range(1, 60).map(() => newId());
    const sockets = await Promise.all(users.map((user) => openResumed(server, room, { user })));
    await until(() => [watcher, ...sockets].every((socket) => online(socket).size === 62), "all know all");
    const single = news(watcher).filter(({ type }) => type === "user_joined").length;
    // The watcher and the plain one came before, and took two of the five.
    expect(single).toBeGreaterThan(3);
    expect(single).toBeLessThan(30);
    expect(news(watcher).filter(({ type }) => type === "presence").length).toBeLessThan(30);
    await until(
      () => users.every((user) => names(plain, user).length === 1),
      "the plain one is told of each",
    );

    await Promise.all(sockets.map((socket) => socket.close()));
    await until(() => online(watcher).size === 2, "they have left");
    await until(
      () => users.every((user) => names(plain, user).length === 2),
      "the plain one is told of that",
    );
    expect(names(plain, users[0] ?? "")).toEqual(["user_joined", "user_left"]);
    expect(plain.frames.some(({ type }) => type === "presence")).toBe(false);
    await Promise.all([watcher, plain].map((socket) => socket.close()));
  }, 30_000);
});
