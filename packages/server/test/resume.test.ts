import { setImmediate as nextTurn, setTimeout as pause } from "node:timers/promises";
import { type Message, presenceHash, type ServerFrame } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { createProfileReading } from "../src/rooms/profile-reading.js";
import { createUsers } from "../src/users/service.js";
import { makeGuest, makeRoom, newId, openSocket, type Person, request, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import {
  fillRoom,
  inDatabase,
  liveFrames,
  numbersOf,
  openResumed,
  post,
  range,
  readHistory,
} from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("resume", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const types = ({ frames }: { frames: readonly ServerFrame[] }) => frames.map(({ type }) => type);
  const head = (frames: readonly ServerFrame[]) => {
    const synced = frames.find((frame) => frame.type === "synced");
    return synced?.type === "synced" ? synced.head_seq : -1;
  };
  const replayed = (frames: readonly ServerFrame[]) =>
    frames.slice(
      0,
      frames.findIndex(({ type }) => type === "synced"),
    );

  it("[WS3] welcome, what changed below and above the cursor by `updated_seq`, synced, live", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const sent: Message[] = [];
    for (let n = 1; n <= 10; n++) sent.push(await post(server, room, user, `m${n}`));
    const path = (n: number) => `/rooms/${room}/messages/${sent[n - 1]?.id}`;
    const body = { user_id: user };
    await request(server, "PATCH", path(2), { body: { ...body, content: "m2 edited" } });
    await request(server, "DELETE", `${path(4)}?user_id=${user}`);
    await request(server, "DELETE", `${path(9)}?user_id=${user}`);
    await request(server, "PATCH", path(8), { body: { ...body, content: "m8 edited" } });
    await request(server, "PUT", `${path(1)}/reactions/ok`, { body });
    const socket = await openResumed(server, room, { user, after: 6 });
    const [welcome, ...rest] = socket.frames;
    expect(welcome).toMatchObject({
      type: "welcome",
      room_id: room,
      user_id: user,
      head_seq: 15,
      reset: false,
    });
    expect(welcome).toMatchObject({ online: [user], more_profiles: false });
    const brief = rest.map((frame) => {
      if (frame.type === "message_updated") return [frame.type, frame.message.seq, frame.message.content];
      if (frame.type === "message_deleted") return [frame.type, frame.seq, frame.updated_seq];
      return frame.type === "message" ? [frame.type, frame.seq, frame.content] : [frame.type];
    });
    expect(brief).toEqual([
      ["message", 7, "m7"],
      ["message", 10, "m10"],
      ["message_updated", 2, "m2 edited"],
      ["message_deleted", 4, 12],
      ["message_deleted", 9, 13],
      ["message", 8, "m8 edited"],
      ["message_updated", 1, "m1"],
      ["synced"],
    ]);
    expect(rest.at(-1)).toEqual({ type: "synced", room_id: room, head_seq: 15, count: 7 });
    await post(server, room, user, "live");
    await socket.next("message", ({ content }) => content === "live");
    expect(numbersOf(liveFrames(socket))).toEqual([16]);
    const all = await openResumed(server, room);
    expect(types(all).slice(1, 3)).toEqual(["message", "message"]);
    expect(numbersOf(replayed(all.frames))).toEqual([3, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16]);
    await Promise.all([socket.close(), all.close()]);
  });

  it("[WS3] no own user_joined and no room_state, but the others hear of it", async () => {
    const room = await makeRoom(server);
    const other = await openSocket(server, room, newId());
    const user = newId();
    const socket = await openResumed(server, room, { user });
    await other.next("user_joined", ({ user_id }) => user_id === user);
    await post(server, room, user, "mark");
    await socket.next("message");
    expect(types(socket)).toEqual(["welcome", "synced", "message"]);
    await socket.close();
    expect((await other.next("user_left")).user_id).toBe(user);
    await other.close();
  });

  it("[MSG9] a wrong epoch or a cursor beyond the head is welcomed with `reset`, and live frames follow", async () => {
    const room = await makeRoom(server);
    const user = newId();
    await post(server, room, user, "one");
    const fine = await openResumed(server, room, { after: 1 });
    const welcome = await fine.next("welcome");
    expect(welcome.reset).toBe(false);
    for (const query of [{ after: 2 }, { after: 1, epoch: "other" }, { after: 0, epoch: "" }]) {
      const socket = await openResumed(server, room, { query });
      expect(socket.frames).toMatchObject([
        { type: "welcome", reset: true, head_seq: 1, epoch: welcome.epoch },
        { type: "synced", head_seq: 1 },
      ]);
      await socket.close();
    }
    const same = await openResumed(server, room, { query: { after: 1, epoch: welcome.epoch } });
    expect((await same.next("welcome")).reset).toBe(false);
    await Promise.all([fine.close(), same.close()]);
  });

  it("[HTTP6] a cursor that is no whole number is 422 at the handshake", async () => {
    const room = await makeRoom(server);
    for (const after of ["x", "-1", "1.5", "", "9".repeat(17)]) {
      const opened = openSocket(server, room, newId(), { query: { after } });
      await expect(opened, after).rejects.toMatchObject({ status: 422 });
    }
  });

  it("[MSG3] who resumes in the middle of traffic gets each number once: replayed up to `synced`, then live", async () => {
    const room = await makeRoom(server);
    const senders = await Promise.all(range(1, 3).map(() => openSocket(server, room, newId())));
    const total = 900;
    const sending = (async () => {
      for (let n = 0; n < total / 30; n++) {
        const round = senders.map((socket) => {
          for (let m = 0; m < 10; m++) socket.send({ content: `${n}.${m}` });
          return socket.next("message", ({ content }) => content === `${n}.9`);
        });
        await Promise.all(round);
      }
    })();
    const watcher = await openResumed(server, room);
    const readers = [];
    for (let after = 0; after < total; after = numbersOf(watcher.frames).length) {
      readers.push({ after, socket: await openResumed(server, room, { after }) });
    }
    await sending;
    expect(readers.length).toBeGreaterThan(3);
    expect((await readHistory(server, room, "limit=1"))[0]?.seq).toBe(total);
    for (const { after, socket } of readers) {
      await until(() => numbersOf(socket.frames).includes(total), "the last message came");
      const synced = head(socket.frames);
      expect(numbersOf(replayed(socket.frames))).toEqual(range(after + 1, synced));
      expect(numbersOf(liveFrames(socket))).toEqual(range(synced + 1, total));
      await socket.close();
    }
    await Promise.all([watcher, ...senders].map((socket) => socket.close()));
  });

  it("[WS3] a large gap comes whole while messages go on", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 5_000, "short");
    const sender = await openSocket(server, room, newId());
    const opening = openResumed(server, room);
    for (let n = 0; n < 200; n++) sender.send({ content: `new ${n}` });
    const socket = await opening;
    await sender.next("message", ({ content }) => content === "new 199");
    await until(() => numbersOf(socket.frames).at(-1) === 5_200, "the last message came");
    expect(numbersOf(socket.frames)).toEqual(range(1, 5_200));
    expect(numbersOf(liveFrames(socket))).toEqual(range(head(socket.frames) + 1, 5_200));
    await Promise.all([sender.close(), socket.close()]);
  });

  it("[WS3] a gap of long messages does not end a reader that reads", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 130, "字".repeat(100_000));
    const socket = await openResumed(server, room);
    expect(numbersOf(socket.frames)).toEqual(range(1, 130));
    expect(socket.ws.readyState).toBe(socket.ws.OPEN);
    await socket.close();
  });

  it("[WS3] frames that find no room while a replay waits for its reader are read from the log", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 130, "字".repeat(100_000));
    const socket = await openSocket(server, room, newId(), { query: { after: 0 } });
    socket.ws.pause();
    const sender = await openSocket(server, room, newId());
    for (let n = 0; n < 20; n++) sender.send({ content: `${n}`.padEnd(100_000, "x") });
    await sender.next("message", ({ seq }) => seq === 150);
    socket.ws.resume();
    await socket.next("synced");
    await post(server, room, newId(), "last");
    await until(() => numbersOf(socket.frames).at(-1) === 151, "the last message came");
    expect(numbersOf(socket.frames)).toEqual(range(1, 151));
    await Promise.all([sender.close(), socket.close()]);
  });

  it("[WS3] after a restart the cursor and the epoch hold, and sockets were told to come back (1012)", async () => {
    const room = await makeRoom(server);
    const user = newId();
    await post(server, room, user, "one");
    const before = await openResumed(server, room, { after: 1 });
    const { epoch } = await before.next("welcome");
    const restarted = server.restart();
    expect((await before.closed).code).toBe(1012);
    await restarted;
    await post(server, room, user, "two");
    const socket = await openResumed(server, room, { query: { after: 1, epoch } });
    expect(socket.frames[0]).toMatchObject({ type: "welcome", epoch, reset: false, head_seq: 2 });
    expect(numbersOf(socket.frames)).toEqual([2]);
    await socket.close();
  });

  it("[OPS3] a handshake that is under way when the server stops is refused, and does not keep it from stopping", async () => {
    const room = await makeRoom(server);
    let stopped = Promise.resolve();
    await inDatabase(server, (_, lock) =>
      lock.transaction(async (tx) => {
        await tx`lock table rooms in access exclusive mode`;
        const refused = expect(openSocket(server, room, newId())).rejects.toMatchObject({ status: 503 });
        await inDatabase(server, async (sql) => {
          const waits = () => sql`select 1 from pg_locks where relation = 'rooms'::regclass and not granted`;
          await until(async () => (await waits()).length > 0, "the handshake waits for the database");
        });
        stopped = server.restart();
        await refused;
      }),
    );
    await stopped;
    const socket = await openResumed(server, room);
    await socket.close();
  });

  it("[OPS3] sockets are told to come back (1012) one after the other, the last of many a second after the first", async () => {
    const stopping = await startTestServer();
    const room = await makeRoom(stopping);
    const sockets = await Promise.all(range(1, 250).map(() => openSocket(stopping, room, newId())));
    const codes: number[] = [];
    for (const { ws } of sockets) ws.on("close", (code) => codes.push(code));
    // The clock of whatever waits stands from here on, so a slow machine spreads nothing by itself.
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const told = async (count: number) => {
      while (codes.length < count) {
        vi.advanceTimersByTime(0);
        await nextTurn();
      }
      // Whoever is told too early is told in the same moment.
      for (let turn = 0; turn < 50; turn += 1) await nextTurn();
      expect(codes).toEqual(Array(count).fill(1012));
    };
    const closing = stopping.close();
    await told(1);
    vi.advanceTimersByTime(500);
    await told(126);
    vi.advanceTimersByTime(495);
    await told(249);
    vi.advanceTimersByTime(5);
    await told(250);
    // From here on it goes as ever.
    const ended = closing.then(() => true);
    while (!(await Promise.race([ended, pause(5).then(() => false)]))) vi.advanceTimersByTime(5);
  });

  it("[USER8] profiles come with `welcome` and live, the newest `profile_rev` last", async () => {
    const room = await makeRoom(server);
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    const said = await post(server, room, alice, "hello");
    const socket = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
    const welcome = await socket.next("welcome");
    expect(welcome.profiles.map(({ username }) => username)).toEqual(["bob"]);
    await alice.request("PUT", `/users/${alice.id}/profile`, { body: { display_name: "Alice!" } });
    const live = await socket.next("profile_updated");
    expect(live).toMatchObject({
      room_id: room,
      user_id: alice.id,
      username: "Alice!",
      prevUsername: "alice",
    });
    expect(live.profile_rev).toBeGreaterThan(said.profile_rev);
    expect(live.profile_rev).toBeGreaterThan(welcome.profiles_rev);
    const query = { after: 1, profiles_after: welcome.profiles_rev };
    const again = await openResumed(server, room, { user: bob.id, cookie: bob.cookie, query });
    const second = await again.next("welcome");
    expect(second.profiles).toMatchObject([
      { user_id: alice.id, username: "Alice!", profile_rev: live.profile_rev },
    ]);
    expect(second.more_profiles).toBe(false);
    const rest = await request(server, "GET", `/rooms/${room}/profiles?after=${welcome.profiles_rev}`);
    expect(rest.json).toEqual(second.profiles);
    await Promise.all([socket.close(), again.close()]);
  });

  it("[USER12] who asks for changed profiles alone gets none that is as it was made", async () => {
    const room = await makeRoom(server);
    const [alice, bob] = [await makeGuest(server, "alice"), await makeGuest(server, "bob")];
    for (const one of [alice, bob]) await post(server, room, one, "hello");
    const namesWith = async (query: Record<string, string>) => {
      const socket = await openResumed(server, room, { query: { profiles_after: 0, ...query } });
      const { profiles, profiles_rev } = await socket.next("welcome");
      await socket.close();
      expect(profiles_rev).toBeGreaterThanOrEqual(2);
      return profiles.map(({ username }) => username).filter((name) => !name.startsWith("guest"));
    };
    expect(await namesWith({})).toEqual(expect.arrayContaining(["alice", "bob"]));
    expect(await namesWith({ profiles: "changed" })).toEqual([]);
    await bob.request("PUT", `/users/${bob.id}/profile`, { body: { display_name: "Bobby" } });
    expect(await namesWith({ profiles: "changed" })).toEqual(["Bobby"]);
  });

  it("[USER12] profiles by id are as frames tell them, a guest's mark and placeholder too", async () => {
    const room = await makeRoom(server);
    const name = `Anna ${newId().slice(0, 8)}`;
    const account = { username: name, password: "correct horse" };
    expect((await request(server, "POST", "/auth/signup", { body: account })).status).toBe(200);
    const user = newId();
    const socket = await openResumed(server, room, { user, query: { username: name } });
    const { profiles } = await socket.next("welcome");
    expect(profiles.map(({ username }) => username)).toEqual([`${name} (guest)`]);
    const path = (ids: string) => `/rooms/${room}/profiles?ids=${encodeURIComponent(ids)}`;
    const found = await request(server, "GET", path(`${user},nobody,..,${user}`));
    expect(found.json).toEqual(profiles);
    expect((await request(server, "GET", path(""))).json).toEqual([]);
    for (const wrong of ["a b", Array.from({ length: 51 }, (_, n) => `u${n}`).join(",")])
      expect((await request(server, "GET", path(wrong))).status).toBe(422);
    await socket.close();
  });

  it("[WS18] `welcome` lists nobody for whoever knows who is here; one more or one other, and it does", async () => {
    const room = await makeRoom(server);
    const [alice, bob, carol] = [
      await makeGuest(server, "alice"),
      await makeGuest(server, "bob"),
      await makeGuest(server, "carol"),
    ];
    const enter = (who: Person, query = {}) =>
      openResumed(server, room, { user: who.id, cookie: who.cookie, query });
    const onlineFor = async (here: readonly string[]) => {
      const query = { online: here.length, online_hash: presenceHash(here) };
      const socket = await enter(alice, query);
      const { online } = await socket.next("welcome");
      await socket.close();
      return online;
    };
    const other = await enter(bob);
    expect(await onlineFor([bob.id, alice.id])).toBeNull();
    expect(await onlineFor([alice.id, carol.id])).toEqual([bob.id, alice.id]);
    expect(await onlineFor([])).toEqual([bob.id, alice.id]);
    const third = await enter(carol);
    const all = [alice.id, bob.id, carol.id];
    expect([...((await onlineFor([alice.id, bob.id])) ?? [])].sort()).toEqual([...all].sort());
    expect(await onlineFor(all)).toBeNull();
    // Who has just left is among them until it is told.
    await third.close();
    expect(await onlineFor(all)).toBeNull();
    await until(async () => (await onlineFor([alice.id, bob.id])) === null, "that Carol has left is told");
    await other.close();
  });

  it("[USER8] at most 500 profiles come with `welcome`, the rest by REST", async () => {
    const room = await makeRoom(server);
    await inDatabase(server, async (sql) => {
      await sql`
        with made as (
          insert into users (id, shown_name, shown_key, profile_rev)
          select ${room} || n, 'member ' || n, 'member ' || n, (select value from counters) + n
          from generate_series(1, 620) n returning id)
        insert into room_members (room_id, user_id, username) select ${room}, id, 'x' from made`;
      await sql`update counters set value = value + 620`;
    });
    const socket = await openResumed(server, room, { query: { profiles_after: 0 } });
    const { profiles, more_profiles } = await socket.next("welcome");
    expect([profiles.length, more_profiles]).toEqual([500, true]);
    const last = profiles.at(-1)?.profile_rev;
    const rest = await request(server, "GET", `/rooms/${room}/profiles?after=${last}`);
    const names = [...profiles, ...rest.json].map(({ user_id }) => user_id);
    expect(new Set(names).size).toBe(621);
    await socket.close();
  });

  it("[USER8] who asks for profiles at the same time as others gets the same as alone", async () => {
    const room = await makeRoom(server);
    const ids = range(1, 2_100).map((n) => `${room}${n}`);
    const start = await inDatabase(server, async (sql) => {
      const [row] = await sql<{ value: string }[]>`select value from counters`;
      await sql`
        insert into users (id, shown_name, shown_key, profile_rev)
        select id, id, id, (select value from counters) + n from unnest(${ids}::text[]) with ordinality as u (id, n)`;
      await sql`insert into room_members (room_id, user_id, username) select ${room}, id, id from unnest(${ids}::text[]) as u (id)`;
      await sql`update counters set value = value + 2100`;
      return Number(row?.value);
    });
    const ask = async (after: number, limit: number) => {
      const path = `/rooms/${room}/profiles?after=${start + after}&limit=${limit}`;
      const { json } = await request(server, "GET", path);
      return (json as { user_id: string }[]).map(({ user_id }) => user_id);
    };
    const questions = [0, 1, 700, 1_600, 1_999, 2_050, 2_100].flatMap((after) =>
      [1, 500].map((limit) => ({ after, limit })),
    );
    const answers = await Promise.all(questions.map(({ after, limit }) => ask(after, limit)));
    for (const [index, { after, limit }] of questions.entries())
      expect(answers[index]).toEqual(ids.slice(after, after + limit));
  });

  it("[USER8] a profile that changes while its page is read hides none of those between", async () => {
    const room = await makeRoom(server);
    const alice = await makeGuest(server, "alice");
    const others = [await makeGuest(server, "bob"), await makeGuest(server, "carol")];
    for (const one of [alice, ...others]) await post(server, room, one, "hello");
    await inDatabase(server, async (sql, database) => {
      const users = createUsers(database);
      const changes = [`Alice ${newId()}`];
      const read = createProfileReading({
        sql,
        users: {
          async rows(ids) {
            const display_name = changes.pop();
            const path = `/users/${alice.id}/profile`;
            if (display_name) await alice.request("PUT", path, { body: { display_name } });
            return await users.rows(ids);
          },
        },
      });
      const told: string[] = [];
      for (let after = 0, isLast = false; !isLast; ) {
        const page = await read({ roomId: room, after, limit: 2, changedOnly: false });
        told.push(...(page ?? []).map(({ user_id }) => user_id));
        after = page?.at(-1)?.profile_rev ?? after;
        isLast = page?.length !== 2;
      }
      const ids = [alice, ...others].map(({ id }) => id);
      expect(told.filter((id) => ids.includes(id))).toEqual([...ids, alice.id]);
    });
  });

  it("[WS16] each page of a replay is confirmed: up to which number, and in how many frames", async () => {
    const room = await makeRoom(server);
    const text = "x".repeat(40_000);
    for (let n = 1; n <= 12; n++) await post(server, room, newId(), `${n} ${text}`);
    const socket = await openResumed(server, room, { after: 2 });
    const frames = replayed(socket.frames).slice(1);
    const confirmed = frames.flatMap((frame, index) =>
      frame.type === "progress" ? [{ frame, before: numbersOf(frames.slice(0, index)) }] : [],
    );
    expect(confirmed.length).toBeGreaterThan(1);
    for (const { frame, before } of confirmed) {
      expect(before).toEqual(range(3, frame.head_seq));
      expect(frame.count).toBe(before.length);
    }
    expect(socket.frames.find(({ type }) => type === "synced")).toMatchObject({ head_seq: 12, count: 10 });
    await socket.close();
  });

  it("[WS4] a heartbeat with the head comes within 15 seconds, whatever others do that has no number", async () => {
    const room = await makeRoom(server);
    await post(server, room, newId(), "one");
    const [typistId, readerId] = [newId(), newId()];
    const typist = await openSocket(server, room, typistId);
    const noise = setInterval(() => typist.send({ type: "typing_start" }), 1_000);
    const socket = await openResumed(server, room, { after: 1, user: readerId });
    const begin = performance.now();
    const isBeat = ({ type }: ServerFrame) => type === "heartbeat";
    while (!socket.frames.some(isBeat) && performance.now() - begin < 15_500) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    clearInterval(noise);
    expect(socket.frames.find(isBeat)).toEqual({
      type: "heartbeat",
      room_id: room,
      head_seq: 1,
      profiles_told: 0,
      online: 2,
      online_hash: presenceHash([typistId, readerId]),
    });
    expect(typist.frames.some(isBeat)).toBe(false);
    await Promise.all([typist.close(), socket.close()]);
  }, 40_000);
});
