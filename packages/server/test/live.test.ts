import { randomBytes } from "node:crypto";
import type { ServerFrame } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  HandshakeRefused,
  makeGuest,
  makeRoom,
  newId,
  openSocket,
  request,
  type Socket,
  until,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { openResumed, post, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("live", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const types = ({ frames }: { frames: readonly ServerFrame[] }) => frames.map(({ type }) => type);
  const join = async (room: string, user: string, username: string) => {
    const body = { user_id: user, username };
    await request(server, "POST", `/rooms/${room}/join`, { body });
  };
  /** A message of somebody else: what the room was sent before it has come when it comes. */
  const flushRoom = async (room: string, ...sockets: Socket[]) => {
    const { id } = await post(server, room, newId(), "mark");
    for (const socket of sockets) await socket.next("message", (message) => message.id === id);
  };
  const close = (...sockets: Socket[]) => Promise.all(sockets.map((socket) => socket.close()));

  it("[WS2] the own user_joined comes first, and the next frame is the own message with its id of the history", async () => {
    const room = await makeRoom(server);
    const alice = await makeGuest(server, "alice");
    const socket = await openSocket(server, room, alice.id, { cookie: alice.cookie });
    const joined = await socket.next("user_joined");
    expect(joined).toMatchObject({ room_id: room, user_id: alice.id, username: "alice", avatar_url: null });
    expect(joined.message).toBe("alice joined the chat");
    expect(joined.timestamp).toMatch(/Z$/);
    socket.send({ content: "hello" });
    const message = await socket.next("message");
    expect(types(socket)).toEqual(["user_joined", "message"]);
    expect(message).toMatchObject({ content: "hello", username: "alice", user_id: alice.id, room_id: room });
    expect(message.avatar).toBe(message.avatar_url);
    expect((await readHistory(server, room)).map(({ id }) => id)).toEqual([message.id]);
    await socket.close();
  });

  it("[WS2] room_state only when others are here; they hear of a user's first socket and last", async () => {
    const room = await makeRoom(server);
    const [alice, bob] = [newId(), newId()];
    await join(room, alice, "alice");
    await join(room, bob, "bob");
    const first = await openSocket(server, room, alice);
    await first.next("user_joined");
    const second = await openSocket(server, room, bob);
    const state = await second.next("room_state");
    expect(types(second)).toEqual(["user_joined", "room_state"]);
    expect(state.users).toHaveLength(2);
    expect(state.users).toContainEqual({ user_id: alice, username: "alice", avatar_url: null });
    const tab = await openSocket(server, room, bob);
    await tab.next("room_state");
    expect(types(tab)).toEqual(["user_joined", "room_state"]);
    await flushRoom(room, first, second);
    expect(first.frames).toMatchObject([
      { type: "user_joined", user_id: alice },
      { type: "user_joined", user_id: bob },
      { type: "message" },
    ]);
    await second.close();
    await flushRoom(room, first, tab);
    await tab.close();
    const left = await first.next("user_left");
    expect(left).toMatchObject({
      room_id: room,
      user_id: bob,
      username: "bob",
      message: "bob left the chat",
    });
    expect(types(first)).toEqual(["user_joined", "user_joined", "message", "message", "user_left"]);
    await first.close();
  });

  it("[WS2] a second tab of somebody alone gets only its own user_joined", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const [one, two] = [await openSocket(server, room, user), await openSocket(server, room, user)];
    await flushRoom(room, one, two);
    expect([types(one), types(two)]).toEqual([
      ["user_joined", "message"],
      ["user_joined", "message"],
    ]);
    await close(one, two);
  });

  it("[USER7] a reconnect without a name uses what the join said; an unknown user is registered from the query", async () => {
    const room = await makeRoom(server);
    const known = newId();
    await join(room, known, "joined name");
    const again = await openSocket(server, room, known, { query: { username: "" } });
    expect((await again.next("user_joined")).username).toBe("joined name");
    const query = { username: "From Query", avatar_url: "https://pics.test/q.png" };
    const fresh = await openSocket(server, room, newId(), { query });
    expect(await fresh.next("user_joined")).toMatchObject({
      username: "From Query",
      avatar_url: query.avatar_url,
    });
    await close(again, fresh);
  });

  it("[WS5] a frame cannot say who sends it", async () => {
    const room = await makeRoom(server);
    const [alice, bob] = [newId(), newId()];
    await join(room, alice, "alice");
    await join(room, bob, "bob");
    const [mine, theirs] = [await openSocket(server, room, alice), await openSocket(server, room, bob)];
    const fake = { user_id: bob, username: "bob", sender_id: bob, from_user_id: bob, from_username: "bob" };
    mine.send({
      type: "message",
      content: "x",
      id: "forged",
      room_id: "other",
      timestamp: "1999",
      seq: 9,
      ...fake,
    });
    const message = await theirs.next("message");
    expect(message).toMatchObject({ user_id: alice, username: "alice", room_id: room, seq: 1 });
    expect(message.id).not.toBe("forged");
    expect(message.timestamp).not.toBe("1999");
    for (const type of ["typing_start", "broadcast-started", "broadcast-stopped"] as const) {
      mine.send({ type, ...fake });
      expect(await theirs.next(type)).toMatchObject({ user_id: alice, username: "alice", room_id: room });
    }
    mine.send({ type: "webrtc-signal", target_user_id: bob, signal: { type: "offer", sdp: "v=0" }, ...fake });
    expect(await theirs.next("webrtc-signal")).toMatchObject({ from_user_id: alice, from_username: "alice" });
    mine.send({ type: "profile_updated", ...fake, avatar_url: "https://evil.test/a.png" });
    const profile = await theirs.next("profile_updated");
    expect(profile).toMatchObject({ user_id: alice, username: "alice", avatar_url: null });
    await close(mine, theirs);
  });

  it("[WS6] keep_alive, ping and pong are never messages and never errors", async () => {
    const room = await makeRoom(server);
    const socket = await openSocket(server, room, newId());
    for (const type of ["keep_alive", "pong", "ping", "keep_alive"])
      socket.send({ type, content: "not this" });
    await socket.next("pong");
    await flushRoom(room, socket);
    expect(types(socket)).toEqual(["user_joined", "pong", "message"]);
    expect(await readHistory(server, room)).toHaveLength(1);
    await socket.close();
  });

  it("[WS7] typing ends by itself, with the user's message, and when they go", async () => {
    const room = await makeRoom(server);
    const [alice, bob] = [newId(), newId()];
    const [mine, theirs] = [await openSocket(server, room, alice), await openSocket(server, room, bob)];
    mine.send({ type: "typing_start" });
    const start = await theirs.next("typing_start");
    expect(start).toMatchObject({ room_id: room, user_id: alice });
    const begin = performance.now();
    mine.send({ type: "typing_stop" });
    mine.send({ type: "typing_start" });
    await theirs.next("typing_stop");
    await theirs.next("typing_start");
    expect(await theirs.next("typing_stop")).toMatchObject({ room_id: room, user_id: alice });
    expect(performance.now() - begin).toBeGreaterThan(5_000);
    mine.send({ type: "typing_start" });
    await theirs.next("typing_start");
    mine.send({ content: "done" });
    await theirs.next("typing_stop");
    await theirs.next("message");
    expect(types(theirs).slice(-3)).toEqual(["typing_start", "typing_stop", "message"]);
    mine.send({ type: "typing_start" });
    await theirs.next("typing_start");
    await mine.close();
    await theirs.next("user_left");
    expect(types(theirs).slice(-3)).toEqual(["typing_start", "typing_stop", "user_left"]);
    expect(types(mine).filter((type) => type.startsWith("typing"))).toEqual([]);
    await theirs.close();
  });

  it("[WS8] a signal reaches one user of the same room, on all their sockets", async () => {
    const [room, elsewhere] = [await makeRoom(server), await makeRoom(server)];
    const [alice, bob, carol, dave] = [newId(), newId(), newId(), newId()];
    const open = (user: string, where = room) => openSocket(server, where, user);
    const [mine, one, two, other] = [await open(alice), await open(bob), await open(bob), await open(carol)];
    const far = await open(dave, elsewhere);
    const signal = { type: "ice-candidate", candidate: { candidate: "c", sdpMid: "0" }, extra: [1] };
    mine.send({ type: "webrtc-signal", target_user_id: bob, signal });
    for (const socket of [one, two]) {
      const frame = await socket.next("webrtc-signal");
      expect(frame).toMatchObject({ room_id: room, target_user_id: bob, from_user_id: alice, signal });
    }
    mine.send({ type: "webrtc-signal", target_user_id: dave, signal });
    expect((await mine.next("error")).code).toBe("user_not_found");
    await flushRoom(room, mine, other);
    await flushRoom(elsewhere, far);
    for (const socket of [mine, other, far]) expect(types(socket)).not.toContain("webrtc-signal");
    await close(mine, one, two, other, far);
  });

  it("[WS8] broadcasts are told to the others and to whoever comes later, and end with their socket", async () => {
    const room = await makeRoom(server);
    const [alice, bob] = [newId(), newId()];
    const [mine, theirs] = [await openSocket(server, room, alice), await openSocket(server, room, bob)];
    mine.send({ type: "broadcast-started" });
    expect(await theirs.next("broadcast-started")).toMatchObject({ room_id: room, user_id: alice });
    const late = await openSocket(server, room, newId());
    const live = await late.next("active-broadcasts");
    expect(live).toMatchObject({ room_id: room, broadcasters: [{ user_id: alice }] });
    expect(live.broadcasters[0]?.started_at).toMatch(/Z$/);
    expect(types(late)).toEqual(["user_joined", "room_state", "active-broadcasts"]);
    const resumed = await openResumed(server, room);
    await resumed.next("active-broadcasts");
    expect(types(resumed)).toEqual(["welcome", "synced", "active-broadcasts"]);
    const tab = await openSocket(server, room, alice);
    await mine.close();
    expect(await theirs.next("broadcast-stopped")).toMatchObject({ room_id: room, user_id: alice });
    const later = await openSocket(server, room, newId());
    await flushRoom(room, later);
    expect(types(later)).not.toContain("active-broadcasts");
    await close(theirs, late, resumed, tab, later);
  });

  it("[WS4] clients without a cursor get no frame of the change log but `message`", async () => {
    const room = await makeRoom(server);
    const user = newId();
    await join(room, user, "named");
    const socket = await openSocket(server, room, user);
    const { id } = await post(server, room, user, "one");
    const path = `/rooms/${room}/messages/${id}`;
    await request(server, "PATCH", path, { body: { user_id: user, content: "two" } });
    await request(server, "PUT", `${path}/reactions/ok`, { body: { user_id: user } });
    await request(server, "DELETE", `${path}?user_id=${user}`);
    await flushRoom(room, socket);
    expect(types(socket)).toEqual(["user_joined", "message", "message"]);
    await socket.close();
  });

  it("[WS9] broken JSON, binary and wrong shapes are an error frame; the socket stays", async () => {
    const room = await makeRoom(server);
    const socket = await openSocket(server, room, newId());
    for (const text of ["{", "", "null", "[]", '"text"', "17"]) {
      socket.send(text);
      expect([text, await socket.next("error")]).toMatchObject([text, { message: "Invalid message format" }]);
    }
    socket.ws.send(randomBytes(20));
    expect((await socket.next("error")).message).toBe("Invalid message format");
    socket.send({ type: "message", content: 7, client_id: "c7" });
    expect(await socket.next("error")).toMatchObject({
      code: "invalid_frame",
      client_id: "c7",
      retry: false,
    });
    socket.send({ content: "still here" });
    expect((await socket.next("message")).content).toBe("still here");
    await socket.close();
  });

  it("[WS9] too large, broken framing and bad UTF-8 end that socket alone", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const watcher = await openSocket(server, room, user);
    const bytes = (...values: number[]) => Buffer.from(values);
    const ends: [number, (socket: Socket) => void][] = [
      [1009, ({ ws }) => ws.send("x".repeat(512 * 1024 + 1))],
      [1002, ({ ws }) => Reflect.get(ws, "_socket").write(bytes(0xf1, 0x80, 0, 0, 0, 0))],
      [1002, ({ ws }) => Reflect.get(ws, "_socket").write(bytes(0x81, 0x02, 0x68, 0x69))],
      [1007, ({ ws }) => Reflect.get(ws, "_socket").write(bytes(0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28))],
    ];
    for (const [code, harm] of ends) {
      const socket = await openSocket(server, room, newId());
      const neighbour = await openSocket(server, room, user);
      harm(socket);
      expect((await socket.closed).code).toBe(code);
      await flushRoom(room, watcher, neighbour);
      await neighbour.close();
    }
    const largest = await openSocket(server, room, user);
    largest.send(JSON.stringify({ content: "fits", padding: "" }).padEnd(512 * 1024, " "));
    await largest.next("message", ({ content }) => content === "fits");
    await close(watcher, largest);
  });

  it("[WS1] an unknown room is accepted and closed with 4004 at once, and not made", async () => {
    const room = newId();
    const socket = await openSocket(server, room, newId());
    expect((await socket.closed).code).toBe(4004);
    expect(socket.frames).toEqual([]);
    expect((await request(server, "GET", `/rooms/${room}`)).status).toBe(404);
  });

  it("[AUTH5] accepted and closed: 4401 without an account's session, 4403 for another's, 4003 without a grant", async () => {
    const room = await makeRoom(server);
    const body = { username: `acc${newId().slice(0, 8)}`, password: "long enough" };
    const account = await request(server, "POST", "/auth/signup", { body });
    const guest = await makeGuest(server, "held");
    await guest.request("GET", "/users");
    const other = await makeGuest(server, "other");
    const locked = await makeRoom(server, { privacy: "password", password: "secret" });
    const cases = [
      [4401, room, account.json.user.id, null],
      [4403, room, guest.id, null],
      [4403, room, guest.id, other.cookie],
      [4003, locked, newId(), null],
    ] as const;
    for (const [code, where, user, cookie] of cases) {
      const socket = await openSocket(server, where, user, { cookie });
      expect([code, (await socket.closed).code, socket.frames]).toEqual([code, code, []]);
    }
    const own = await openSocket(server, room, account.json.user.id, { cookie: account.cookie });
    await own.next("user_joined");
    await own.close();
  });

  it("[CORS4] a foreign Origin is refused with 403 at the handshake", async () => {
    const room = await makeRoom(server);
    const tries = ["https://evil.test", "null", "http://localhost:3000.evil.test", "HTTP://LOCALHOST:3000"];
    for (const origin of tries) {
      const refused = await openSocket(server, room, newId(), { origin }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(HandshakeRefused);
      expect(refused).toMatchObject({ status: 403 });
    }
    const ours = await openSocket(server, room, newId(), { origin: "http://localhost:3000" });
    await until(() => ours.frames.length > 0, "it was let in");
    await ours.close();
  });
});
