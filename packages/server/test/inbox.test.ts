import type { ServerFrameOf } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  PASSWORD,
  type Person,
  request,
  type Socket,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { openResumed, post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { uploadFile } from "./support/uploads.js";

describeWithDatabase("the inbox", () => {
  let server: TestServer;
  let alice: Person;
  let bob: Person;
  beforeAll(async () => {
    server = await startTestServer();
    alice = await makeGuest(server, newName("alice"));
    bob = await makeGuest(server, newName("bob"));
  });
  afterAll(async () => await server.close());

  const join = (person: Person, room: string) =>
    person.request("POST", `/rooms/${room}/join`, { body: { user_id: person.id } });
  const open = async (person: Person): Promise<Socket> => {
    const socket = await openSocket(server, "dm", person.id, { cookie: person.cookie, query: { inbox: 1 } });
    await socket.next("inbox_ready");
    return socket;
  };
  const types = ({ frames }: Socket) => frames.map(({ type }) => type);
  /** All activity of a room until its head is told. */
  const activityTo = async (socket: Socket, room: string, head: number) => {
    const of = (frame: ServerFrameOf<"room_activity">) => frame.room_id === room;
    await socket.next("room_activity", (frame) => of(frame) && frame.head_seq === head);
    return socket.frames.filter(
      (frame): frame is ServerFrameOf<"room_activity"> => frame.type === "room_activity" && of(frame),
    );
  };
  const close = (...sockets: Socket[]) => Promise.all(sockets.map((socket) => socket.close()));

  it("[INBOX1] what happens in any room of a user comes gathered, with the newest message, to members alone", async () => {
    const [room, other] = [await makeRoom(server), await makeRoom(server)];
    for (const person of [alice, bob]) await join(person, room);
    await join(bob, other);
    const [mine, theirs] = [await open(alice), await open(bob)];
    for (let n = 1; n <= 20; n++) await post(server, room, bob, `line ${n}`);
    await post(server, other, bob, "elsewhere");
    const got = await activityTo(mine, room, 20);
    expect(got.length).toBeLessThan(20);
    expect(got.reduce((sum, { messages }) => sum + messages, 0)).toBe(20);
    expect(got.map(({ after_seq }) => after_seq)).toEqual([
      0,
      ...got.slice(0, -1).map(({ head_seq }) => head_seq),
    ]);
    expect(got.at(-1)).toMatchObject({
      last_message: { content: "line 20", seq: 20, user_id: bob.id, username: bob.name },
      mentions_me: false,
    });
    const own = await activityTo(theirs, room, 20);
    expect(own.every(({ messages }) => messages === 0)).toBe(true);
    await activityTo(theirs, other, 1);
    expect(mine.frames.some((frame) => "room_id" in frame && frame.room_id === other)).toBe(false);
    await close(mine, theirs);
  });

  it("[INBOX1] mentions, files and changes are told for what they are", async () => {
    const room = await makeRoom(server);
    for (const person of [alice, bob]) await join(person, room);
    const [mine, theirs] = [await open(alice), await open(bob)];
    const { id } = await uploadFile(bob, room, { name: "song.mp3", bytes: Buffer.from("ID3 la la") });
    const named = await post(server, room, bob, "@alice", { mentions: [alice.id], attachments: [id] });
    const [first] = await activityTo(mine, room, 1);
    expect(first).toMatchObject({ messages: 1, mentions_me: true, last_message: { attachment: "audio" } });
    const [own] = await activityTo(theirs, room, 1);
    expect(own).toMatchObject({ messages: 0, mentions_me: false });
    await bob.request("DELETE", `/rooms/${room}/messages/${named.id}`);
    const after = await activityTo(mine, room, 2);
    expect(after.at(-1)).toMatchObject({ messages: 0, last_message: null, mentions_me: false });
    await close(mine, theirs);
  });

  it("[INBOX1] a mention is told with its own words, whatever followed it", async () => {
    const room = await makeRoom(server);
    for (const person of [alice, bob]) await join(person, room);
    const mine = await open(alice);
    await post(server, room, bob, "@alice, look", { mentions: [alice.id] });
    await post(server, room, bob, "no, wait");
    await post(server, room, alice, "what?");
    const told = (await activityTo(mine, room, 3)).find(({ mentions_me }) => mentions_me);
    expect((told?.mention ?? told?.last_message)?.content).toBe("@alice, look");
    await close(mine);
  });

  it("[INBOX1] of a password room the text is not told", async () => {
    const room = await makeRoom(server, { privacy: "password", password: "sesame" });
    for (const person of [alice, bob]) {
      await person.request("POST", `/rooms/${room}/verify-password`, { body: { password: "sesame" } });
      await join(person, room);
    }
    const mine = await open(alice);
    await post(server, room, bob, "secret");
    expect(await mine.next("room_activity", ({ room_id }) => room_id === room)).toMatchObject({
      messages: 1,
      last_message: null,
    });
    expect(JSON.stringify(mine.frames)).not.toContain("secret");
    await mine.close();
  });

  it("[INBOX5] a further socket of a user begins by itself: the others have read their list", async () => {
    const room = await makeRoom(server);
    for (const person of [alice, bob]) await join(person, room);
    const first = await open(alice);
    const second = await open(alice);
    await post(server, room, bob, "hello");
    for (const socket of [first, second]) {
      await activityTo(socket, room, 1);
      expect(types(socket).filter((type) => type === "inbox_ready")).toHaveLength(1);
    }
    await close(first, second);
  });

  it("[INBOX2] only a presented session gets it, and only a client that asks", async () => {
    const room = await makeRoom(server);
    const script = newId();
    await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: script, username: "script" } });
    for (const person of [alice, bob]) await join(person, room);
    const openGuest = await openSocket(server, "dm", script, { query: { inbox: 1 } });
    const seeds = await openSocket(server, "dm", alice.id, { cookie: alice.cookie });
    const mine = await open(alice);
    await post(server, room, bob, "hello");
    await mine.next("room_activity", ({ room_id }) => room_id === room);
    for (const socket of [openGuest, seeds]) {
      socket.send({ type: "ping" });
      await socket.next("pong");
      expect(types(socket).filter((type) => type !== "dm_message")).toEqual(["pong"]);
    }
    await close(openGuest, seeds, mine);
  });

  it("[INBOX3] reading, levels, joins, leaves and the own profile reach a user's other devices", async () => {
    const room = await makeRoom(server);
    const mine = await open(alice);
    await join(alice, room);
    expect(await mine.next("room_added")).toEqual({ type: "room_added", room_id: room });
    await post(server, room, bob, "one");
    await mine.next("room_activity", ({ room_id }) => room_id === room);
    await alice.request("PUT", `/rooms/${room}/read`, { body: { seq: 1 } });
    expect(await mine.next("room_read")).toEqual({ type: "room_read", room_id: room, read_seq: 1 });
    await alice.request("PUT", `/rooms/${room}/notifications`, { body: { level: "none" } });
    expect(await mine.next("room_level")).toEqual({ type: "room_level", room_id: room, level: "none" });
    await alice.request("PUT", `/users/${alice.id}/profile`, { body: { status_text: "Busy" } });
    expect(await mine.next("profile")).toMatchObject({ profile: { user_id: alice.id, status_text: "Busy" } });
    await alice.request("POST", `/rooms/${room}/leave`, { body: {} });
    expect(await mine.next("room_removed")).toEqual({ type: "room_removed", room_id: room });
    await post(server, room, bob, "two");
    const probe = await makeRoom(server);
    await join(alice, probe);
    await post(server, probe, bob, "probe");
    await mine.next("room_activity", ({ room_id }) => room_id === probe);
    expect(
      mine.frames.filter((frame) => frame.type === "room_activity" && frame.room_id === room),
    ).toHaveLength(1);
    await mine.close();
  });

  it("[INBOX3] a first conversation reaches both people, and those who read along live too", async () => {
    const [carol, dave] = [await makeGuest(server, newName()), await makeGuest(server, newName())];
    const theirs = await open(dave);
    const { id } = (await carol.request("POST", `/users/${carol.id}/direct`, { body: { with: dave.id } }))
      .json;
    const live = await openResumed(server, id, { user: dave.id, cookie: dave.cookie });
    await post(server, id, carol, "hello");
    expect(await theirs.next("room_added")).toMatchObject({ room_id: id });
    expect(await theirs.next("room_activity")).toMatchObject({
      room_id: id,
      messages: 1,
      last_message: { content: "hello" },
    });
    expect(await theirs.next("dm_message")).toMatchObject({ message: { content: "hello" } });
    expect((await live.next("message")).content).toBe("hello");
    await close(theirs, live);
  });

  it("[INBOX4] the end of a session is told, and closes", async () => {
    const account = await makeAccount(server, newName("erin"));
    const socket = await open(account);
    const login = await request(server, "POST", "/auth/login", {
      body: { username: account.name, password: PASSWORD },
    });
    const body = { new_password: "another long one", current_password: PASSWORD };
    expect(
      (await request(server, "PUT", `/users/${account.id}/password`, { token: login.json.token, body }))
        .status,
    ).toBe(200);
    expect((await socket.closed).code).toBe(4401);
    expect(types(socket)).toContain("session_ended");
  });

  it("[INBOX5] after a reconnect the list tells what was missed, and nothing after it is lost", async () => {
    const room = await makeRoom(server);
    const frank = await makeGuest(server, newName("frank"));
    for (const person of [frank, bob]) await join(person, room);
    const first = await open(frank);
    await first.close();
    await post(server, room, bob, "missed");
    const second = await open(frank);
    const [summary] = (await frank.request("GET", `/users/${frank.id}/rooms?room_id=${room}`)).json;
    expect(summary).toMatchObject({ unread: 1, head_seq: 1 });
    await post(server, room, bob, "live");
    expect(await second.next("room_activity")).toMatchObject({ head_seq: 2, messages: 1 });
    await second.close();
  });

  it("[INBOX5] whatever is sent around the opening is in the list or told, never neither", async () => {
    const room = await makeRoom(server);
    const gina = await makeGuest(server, newName("gina"));
    for (const person of [gina, bob]) await join(person, room);
    for (let round = 0; round < 5; round++) {
      const before = (await gina.request("GET", `/users/${gina.id}/rooms?room_id=${room}`)).json[0].head_seq;
      const sending = Promise.all([1, 2, 3].map((n) => post(server, room, bob, `${round}.${n}`)));
      const socket = await open(gina);
      const [listed] = (await gina.request("GET", `/users/${gina.id}/rooms?room_id=${room}`)).json;
      await sending;
      const head = before + 3;
      if (listed.head_seq < head) await activityTo(socket, room, head);
      expect((await gina.request("GET", `/users/${gina.id}/rooms?room_id=${room}`)).json[0].head_seq).toBe(
        head,
      );
      await socket.close();
    }
  });
});
