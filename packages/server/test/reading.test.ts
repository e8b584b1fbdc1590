import { type Profile, RoomSummary } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import * as z from "zod/mini";
import { directRoomId } from "../src/direct/room-id.js";
import {
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  type Person,
  request,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { fillRoom, inDatabase, openResumed, overtaken, post, range } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("reading", () => {
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
  const list = async (person: Person, query = ""): Promise<RoomSummary[]> => {
    const answer = await person.request("GET", `/users/${person.id}/rooms${query}`);
    expect(answer.status, answer.text).toBe(200);
    expect(z.array(RoomSummary).safeParse(answer.json).success).toBe(true);
    return answer.json;
  };
  const summary = async (person: Person, room: string) => (await list(person, `?room_id=${room}`))[0];
  const read = (person: Person, room: string, seq: number) =>
    person.request("PUT", `/rooms/${room}/read`, { body: { seq } });
  const roomOf = async (...people: Person[]): Promise<string> => {
    const room = await makeRoom(server);
    for (const person of people) await join(person, room);
    return room;
  };

  it("[READ1] unread are the messages of others after the cursor, without deleted ones", async () => {
    const room = await makeRoom(server);
    await post(server, room, bob, "before alice came");
    await join(alice, room);
    expect(await summary(alice, room)).toMatchObject({ unread: 0, read_seq: 1, head_seq: 1 });
    const one = await post(server, room, bob, "one");
    const two = await post(server, room, bob, "two");
    await post(server, room, alice, "mine");
    expect(await summary(alice, room)).toMatchObject({
      unread: 2,
      last_message: { content: "mine", username: alice.name },
    });
    await bob.request("DELETE", `/rooms/${room}/messages/${two.id}`);
    expect(await summary(alice, room)).toMatchObject({ unread: 1, head_seq: 5 });
    const answer = await read(alice, room, one.seq);
    expect(answer.json).toEqual({ room_id: room, head_seq: 5, read_seq: one.seq, unread: 0, mentions: 0 });
    // A change of a message makes nothing unread.
    await bob.request("PATCH", `/rooms/${room}/messages/${one.id}`, { body: { content: "edited" } });
    expect((await summary(alice, room))?.unread).toBe(0);
  });

  it("[READ1] the cursor never goes back and never beyond the head", async () => {
    const room = await roomOf(alice, bob);
    for (const text of ["1", "2", "3"]) await post(server, room, bob, text);
    const steps: [number, number, number][] = [
      [2, 2, 1],
      [1, 2, 1],
      [0, 2, 1],
      [9_007_199_254_740_991, 3, 0],
      [1, 3, 0],
    ];
    for (const [seq, read_seq, unread] of steps)
      expect((await read(alice, room, seq)).json).toMatchObject({ read_seq, unread, head_seq: 3 });
    const seqs = [1, 2, 3, 2, 1];
    await Promise.all(seqs.map((seq) => read(bob, room, seq)));
    expect((await summary(bob, room))?.read_seq).toBe(3);
  });

  it("[READ1] counts stop at 1,000, whatever waits", async () => {
    const room = await roomOf(alice);
    await fillRoom(server, room, 12_000, "x");
    expect(await summary(alice, room)).toMatchObject({ unread: 1_000, head_seq: 12_000 });
    expect((await read(alice, room, 11_500)).json).toMatchObject({ unread: 500 });
  });

  it("[READ2] mentions of oneself and of everybody are counted, not one's own, and go with the message", async () => {
    const host = await makeGuest(server, newName("host"));
    const room = await makeRoom(server);
    await inDatabase(server, (sql) => sql`update rooms set created_by = ${host.id} where id = ${room}`);
    for (const person of [alice, bob, host]) await join(person, room);
    const named = await post(server, room, bob, "@alice", { mentions: [alice.id] });
    await post(server, room, host, "@all @alice", { mentions: [alice.id], mentions_room: true });
    await post(server, room, bob, "@host", { mentions: [host.id] });
    expect([
      (await summary(alice, room))?.mentions,
      (await summary(bob, room))?.mentions,
      (await summary(host, room))?.mentions,
    ]).toEqual([2, 1, 1]);
    await bob.request("DELETE", `/rooms/${room}/messages/${named.id}`);
    expect((await summary(alice, room))?.mentions).toBe(1);
    expect((await read(alice, room, 99)).json).toMatchObject({ mentions: 0, unread: 0 });
  });

  it("[READ3] the list has all rooms of a user, what moved last first, and nobody else's", async () => {
    const carol = await makeAccount(server, newName("carol"));
    const [first, second, third] = [await roomOf(carol), await roomOf(carol, bob), await roomOf(bob)];
    await post(server, second, bob, "x".repeat(500));
    const direct = (await carol.request("POST", `/users/${carol.id}/direct`, { body: { with: bob.id } })).json
      .id;
    expect((await list(carol)).map(({ id }) => id)).toEqual([second, first]);
    await post(server, direct, bob, "psst");
    const rooms = await list(carol);
    expect(rooms.map(({ id }) => id)).toEqual([direct, second, first]);
    expect(rooms[0]).toMatchObject({
      kind: "direct",
      name: bob.name,
      unread: 1,
      other: { user_id: bob.id, username: bob.name },
    });
    expect(rooms[1]).toMatchObject({
      kind: "room",
      other: null,
      memberCount: 2,
      level: "all",
      last_message: { content: "x".repeat(200), user_id: bob.id },
    });
    expect((await list(carol, "?limit=1")).map(({ id }) => id)).toEqual([direct]);
    expect(await list(carol, `?room_id=${third}`)).toEqual([]);
  });

  it("[READ3] only a session of the user reads it", async () => {
    const account = await makeAccount(server, newName());
    const script = newId();
    await request(server, "POST", `/rooms/${await makeRoom(server)}/join`, {
      body: { user_id: script, username: "script" },
    });
    const cases: [number, string, { status: number; json: { code: string } }][] = [
      [403, "not_your_identity", await request(server, "GET", `/users/${script}/rooms`)],
      [403, "not_your_identity", await bob.request("GET", `/users/${alice.id}/rooms`)],
      [401, "session_required", await request(server, "GET", `/users/${account.id}/rooms`)],
      [404, "user_not_found", await bob.request("GET", `/users/${newId()}/rooms`)],
      [
        403,
        "not_your_identity",
        await request(server, "POST", `/users/${script}/direct`, { body: { with: bob.id } }),
      ],
    ];
    for (const [status, code, answer] of cases)
      expect([answer.status, answer.json.code]).toEqual([status, code]);
  });

  it("[READ3] a preview of a password room needs its grant", async () => {
    const room = await makeRoom(server, { privacy: "password", password: "sesame" });
    const dave = await makeGuest(server, newName("dave"));
    for (const person of [bob, dave]) {
      await person.request("POST", `/rooms/${room}/verify-password`, { body: { password: "sesame" } });
      await join(person, room);
    }
    await post(server, room, bob, "secret");
    expect((await summary(dave, room))?.last_message?.content).toBe("secret");
    await inDatabase(server, (sql) => sql`delete from device_grants where room_id = ${room}`);
    expect(await summary(dave, room)).toMatchObject({ last_message: null, unread: 1 });
    expect((await read(dave, room, 1)).json.code).toBe("password_required");
  });

  it("[READ3] five hundred rooms are one query over indexes", async () => {
    const many = await makeGuest(server, newName("many"));
    await inDatabase(server, async (sql) => {
      await sql`insert into rooms (id, name, head_seq) select ${many.id} || ':' || n, 'Room', 100 from generate_series(1, 500) n`;
      await sql`insert into room_members (room_id, user_id, username) select ${many.id} || ':' || n, ${many.id}, 'many' from generate_series(1, 500) n`;
      await sql`insert into messages (id, room_id, seq, updated_seq, user_id, username, content, created_at)
        select r.id || ':' || n, r.id, n, n, 'filler', 'filler', 'x', now() from rooms r cross join generate_series(1, 100) n
        where r.id like ${`${many.id}:%`}`;
      await sql`analyze`;
    });
    const rooms = await list(many);
    expect([rooms.length, new Set(rooms.map(({ unread }) => unread))]).toEqual([500, new Set([100])]);
  });

  it("[READ4] each room has a level of its own", async () => {
    const room = await roomOf(alice);
    const set = (level: unknown, person = alice) =>
      person.request("PUT", `/rooms/${room}/notifications`, { body: { level } });
    expect((await set("mentions")).json).toEqual({ room_id: room, level: "mentions" });
    expect((await summary(alice, room))?.level).toBe("mentions");
    expect((await set("loud")).status).toBe(422);
    expect((await set("none", bob)).json.code).toBe("forbidden");
  });

  it("[READ5] leaving ends the membership, its sockets and the place in the list; coming back begins anew", async () => {
    const room = await roomOf(alice, bob);
    const members = async () => (await alice.request("GET", `/rooms/${room}`)).json;
    const socket = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
    const leave = () => bob.request("POST", `/rooms/${room}/leave`, { body: {} });
    expect((await leave()).json).toEqual({ success: true });
    expect((await socket.closed).code).toBe(4403);
    expect(await summary(bob, room)).toBeUndefined();
    expect(await members()).toMatchObject({ memberCount: 1, users: [alice.id] });
    expect((await leave()).json.code).toBe("forbidden");
    expect((await read(bob, room, 1)).json.code).toBe("forbidden");
    await post(server, room, alice, "without bob");
    await join(bob, room);
    expect(await summary(bob, room)).toMatchObject({ unread: 0, read_seq: 1 });
    expect(await members()).toMatchObject({ memberCount: 2 });
    await join(bob, room);
    expect(await members()).toMatchObject({ memberCount: 2 });
    const hidden = await makeRoom(server, { privacy: "private" });
    await join(bob, hidden);
    const seen = async () =>
      (await bob.request("GET", "/rooms")).json.some(({ id }: { id: string }) => id === hidden);
    expect(await seen()).toBe(true);
    await bob.request("POST", `/rooms/${hidden}/leave`, { body: {} });
    expect(await seen()).toBe(false);
  });

  it("[READ5] a socket that opens while its user leaves is closed, too", async () => {
    const room = await roomOf(alice, bob);
    for (const query of [{}, { after: 0 }]) {
      await join(bob, room);
      // The picture is new, so that the way in waits for the profiles after it has asked who is a member.
      const offered = { ...query, avatar_url: `https://example.com/${newName()}.png` };
      const socket = await overtaken(
        server,
        () => openSocket(server, room, bob.id, { cookie: bob.cookie, query: offered }),
        async () => {
          expect((await bob.request("POST", `/rooms/${room}/leave`, { body: {} })).status).toBe(200);
        },
      );
      expect((await socket.closed).code).toBe(4403);
    }
  });

  it("[READ5] a conversation is hidden until somebody writes, or it is opened again", async () => {
    const [erin, frank] = [await makeGuest(server, newName()), await makeGuest(server, newName())];
    const open = async () =>
      (await erin.request("POST", `/users/${erin.id}/direct`, { body: { with: frank.id } })).json;
    const room = (await open()).id;
    await post(server, room, frank, "hello");
    const ids = async () => (await list(erin)).map(({ id }) => id);
    const hide = () => erin.request("POST", `/rooms/${room}/leave`, { body: {} });
    expect(await ids()).toEqual([room]);
    await hide();
    expect(await ids()).toEqual([]);
    await post(server, room, frank, "still here");
    expect(await ids()).toEqual([room]);
    await hide();
    await open();
    expect(await ids()).toEqual([room]);
    expect((await list(frank)).map(({ id }) => id)).toEqual([room]);
  });

  it("[READ6] receipts: who tells sees, who does not neither tells nor sees", async () => {
    const [gina, hugo] = [await makeGuest(server, newName("gina")), await makeGuest(server, newName("hugo"))];
    const room = await roomOf(alice, gina, hugo);
    const message = await post(server, room, alice, "read me");
    const watching = await openResumed(server, room, { user: alice.id, cookie: alice.cookie });
    const shy = await openResumed(server, room, { user: hugo.id, cookie: hugo.cookie });
    const old = await openSocket(server, room, newId());
    await hugo.request("PUT", `/users/${hugo.id}/profile`, { body: { read_receipts: false } });
    await read(hugo, room, message.seq);
    await read(gina, room, message.seq);
    expect(await watching.next("receipt")).toEqual({
      type: "receipt",
      room_id: room,
      receipts: [{ user_id: gina.id, seq: message.seq }],
    });
    const receipts = (person: Person) => person.request("GET", `/rooms/${room}/receipts`);
    expect((await receipts(alice)).json).toEqual([{ user_id: gina.id, seq: message.seq }]);
    expect((await receipts(hugo)).json).toEqual([]);
    const outsider = await makeGuest(server, newName());
    expect((await receipts(outsider)).json.code).toBe("forbidden");
    expect((await request(server, "GET", `/rooms/${room}/receipts`)).json.code).toBe("session_required");
    for (const socket of [shy, old]) expect(socket.frames.map(({ type }) => type)).not.toContain("receipt");
    await Promise.all([watching, shy, old].map((socket) => socket.close()));
  });

  it("[READ6] of many readers the 200 newest are listed, the newest first", async () => {
    const room = await roomOf(alice);
    await inDatabase(server, async (sql) => {
      await sql`insert into users (id, shown_name, shown_key, profile_rev)
        select ${room} || ' reader ' || n, 'reader', ${room} || ' reader ' || n, 1 from generate_series(1, 250) n`;
      await sql`insert into room_members (room_id, user_id, username, read_seq, read_at)
        select ${room}, ${room} || ' reader ' || n, 'reader', n, now() + n * interval '1 second'
        from generate_series(1, 250) n`;
    });
    const { json } = await alice.request("GET", `/rooms/${room}/receipts`);
    expect(json.map(({ seq }: { seq: number }) => seq)).toEqual(range(51, 250).reverse());
  });

  it("[READ6] who came and saw what was there has read it, which is told once", async () => {
    const [ines, jack] = [await makeGuest(server, newName("ines")), await makeGuest(server, newName("jack"))];
    const room = await roomOf(alice, ines);
    const { seq } = await post(server, room, alice, "before you came");
    const watching = await openResumed(server, room, { user: alice.id, cookie: alice.cookie });
    await join(jack, room);
    const receipts = async () => (await alice.request("GET", `/rooms/${room}/receipts`)).json;
    expect(await receipts()).toEqual([]);
    await read(jack, room, 0);
    expect(await receipts()).toEqual([]);
    await read(jack, room, seq);
    expect((await watching.next("receipt")).receipts).toEqual([{ user_id: jack.id, seq }]);
    await read(jack, room, seq);
    expect(await receipts()).toEqual([{ user_id: jack.id, seq }]);
    await watching.close();
  });

  it("[READ7] people are found by a part of their name, of one's own rooms alone", async () => {
    const mark = newName("zoe").slice(-6);
    const guest = (name: string) => makeGuest(server, name);
    const [me, near, far, gone, banned] = [
      await guest(`Me ${mark}`),
      await guest(`Zoë 100% ${mark}`),
      await guest(`Zoe Stranger ${mark}`),
      await guest(`Zoe Gone ${mark}`),
      await guest(`Zoe Banned ${mark}`),
    ];
    const room = await roomOf(me, near, gone, banned);
    await roomOf(far);
    await gone.request("POST", `/rooms/${room}/leave`, { body: { user_id: gone.id } });
    await inDatabase(
      server,
      (sql) =>
        sql`update room_members set banned_at = now() where room_id = ${room} and user_id = ${banned.id}`,
    );
    const find = async (person: Person, q: string, more = "") =>
      await person.request("GET", `/users/${me.id}/people?q=${encodeURIComponent(q)}${more}`);
    const ids = async (q: string) => (await find(me, q)).json.map(({ user_id }: Profile) => user_id);
    expect(await ids("ZOE")).toEqual([near.id]);
    expect((await find(me, "zoe")).json[0]).toMatchObject({
      username: `Zoë 100% ${mark}`,
      avatar_urls: null,
    });
    expect(await ids(`100% ${mark}`)).toEqual([near.id]);
    expect(await ids("100_")).toEqual([]);
    expect(await ids(mark)).toEqual([near.id]);
    expect(await ids(" \u200b ")).toEqual([]);
    await me.request("POST", `/users/${me.id}/direct`, { body: { with: far.id } });
    expect(await ids("zoe")).toEqual([near.id, far.id]);
    expect((await find(me, "zoe", "&limit=1")).json).toHaveLength(1);
    expect((await find(near, "zoe")).status).toBe(403);
    expect((await find(me, "")).status).toBe(422);
    expect((await find(me, "x".repeat(101))).status).toBe(422);
  });

  it("[DM5] a conversation opens as a room, with the other person, and the rooms' ways work on it", async () => {
    const opened = await alice.request("POST", `/users/${alice.id}/direct`, { body: { with: bob.id } });
    const room = directRoomId(alice.id, bob.id);
    expect(opened.json).toMatchObject({
      id: room,
      kind: "direct",
      name: bob.name,
      privacy: "private",
      other: { user_id: bob.id, username: bob.name },
    });
    expect((await list(alice)).some(({ id }) => id === room)).toBe(false);
    const socket = await openResumed(server, room, { user: alice.id, cookie: alice.cookie });
    await post(server, room, bob, "as a room");
    expect(await socket.next("message")).toMatchObject({ room_id: room, content: "as a room" });
    expect((await summary(alice, room))?.unread).toBe(1);
    const view = await openSocket(server, "dm", alice.id, { cookie: alice.cookie });
    expect((await view.next("dm_message")).message.content).toBe("as a room");
    view.send({ type: "dm_read", sender_id: bob.id });
    view.send({ type: "ping" });
    await view.next("pong");
    expect((await summary(alice, room))?.unread).toBe(0);
    const refused = [
      await alice.request("POST", `/users/${alice.id}/direct`, { body: { with: alice.id } }),
      await alice.request("POST", `/users/${alice.id}/direct`, { body: { with: newId() } }),
      await bob.request("POST", `/users/${alice.id}/direct`, { body: { with: bob.id } }),
      await (await makeGuest(server, newName())).request("PUT", `/rooms/${room}/read`, { body: { seq: 1 } }),
    ];
    expect(refused.map(({ status, json }) => [status, json.code])).toEqual([
      [400, "rule_broken"],
      [404, "user_not_found"],
      [403, "not_your_identity"],
      [403, "forbidden"],
    ]);
    await Promise.all([socket, view].map((one) => one.close()));
  });

  it("[USER10] a status shows everywhere until its time is over", async () => {
    const ida = await makeGuest(server, newName("ida"));
    const room = await roomOf(alice, ida);
    const socket = await openResumed(server, room, { user: alice.id, cookie: alice.cookie });
    const set = (fields: Record<string, unknown>) =>
      ida.request("PUT", `/users/${ida.id}/profile`, { body: fields });
    const status_until = new Date(Date.now() + 3_600_000).toISOString();
    const status = { status_emoji: "🌴", status_text: "On holiday", status_until };
    expect((await set(status)).json.user).toMatchObject(status);
    expect(await socket.next("profile_updated")).toMatchObject(status);
    expect((await request(server, "GET", `/users/${ida.id}`)).json).toMatchObject(status);
    expect(
      (await alice.request("GET", `/rooms/${room}/profiles`)).json.find(
        ({ user_id }: { user_id: string }) => user_id === ida.id,
      ),
    ).toMatchObject(status);
    await inDatabase(
      server,
      (sql) => sql`update users set status_until = now() - interval '1 second' where id = ${ida.id}`,
    );
    expect((await request(server, "GET", `/users/${ida.id}`)).json).not.toHaveProperty("status_text");
    expect((await set({ status_text: "Back" })).json.user).toMatchObject({
      status_emoji: "🌴",
      status_text: "Back",
      status_until: null,
    });
    expect((await set({ status_text: "", status_emoji: null })).json.user).not.toHaveProperty("status_emoji");
    for (const bad of [
      { status_text: "x".repeat(101) },
      { status_until: "tomorrow" },
      { status_emoji: 7 },
      { read_receipts: "yes" },
    ])
      expect((await set(bad)).status).toBe(422);
    await socket.close();
  });

  it("[USER11] when somebody was last there is told by the minute, unless they do not want it", async () => {
    const [jack, room] = [await makeGuest(server, newName("jack")), await makeRoom(server)];
    const seen = async (person: Person | null = null) =>
      (
        await (person ?? { request: (m: string, p: string) => request(server, m, p) }).request(
          "GET",
          `/users/${jack.id}`,
        )
      ).json.last_seen_at;
    expect(await seen()).toBeNull();
    const socket = await openSocket(server, room, jack.id, { cookie: jack.cookie });
    await socket.next("user_joined");
    expect(await seen()).toMatch(/:00\.000Z$/);
    await socket.close();
    await server.restart();
    const at = await seen();
    expect([at?.endsWith(":00.000Z"), Date.now() - Date.parse(at) < 180_000]).toEqual([true, true]);
    await jack.request("PUT", `/users/${jack.id}/profile`, { body: { show_last_seen: false } });
    expect([await seen(), await seen(jack)]).toEqual([null, at]);
    expect((await alice.request("GET", `/users/${jack.id}`)).json).not.toHaveProperty("show_last_seen");
    expect((await jack.request("GET", `/users/${jack.id}`)).json).toMatchObject({
      show_last_seen: false,
      read_receipts: true,
    });
  });
});
