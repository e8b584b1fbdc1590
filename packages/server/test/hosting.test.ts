import { afterAll, beforeAll, expect, it } from "vitest";
import { openTab } from "./support/call.js";
import {
  type Answer,
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  PASSWORD,
  type Person,
  request,
  until,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { startDatabaseProxy } from "./support/database-proxy.js";
import { fillRoom, inDatabase, openResumed, overtaken, post, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";
import { beginUpload, uploadFile } from "./support/uploads.js";

describeWithDatabase("what a room's host does", () => {
  let database: TestDatabase;
  let server: TestServer;
  let host: Person;
  let bob: Person;
  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({}, { database });
    host = await makeGuest(server, newName("host"));
    bob = await makeGuest(server, newName("bob"));
    for (const person of [host, bob]) await person.request("GET", "/users?limit=1");
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  const join = async (room: string, ...people: Person[]) => {
    for (const person of people) {
      const { status } = await person.request("POST", `/rooms/${room}/join`, {
        body: { user_id: person.id },
      });
      expect(status).toBe(200);
    }
  };
  /** A room of the host with these people in it. */
  const roomWith = async (...people: Person[]) => {
    const made = await host.request("POST", "/rooms", { body: { name: "Old name", created_by: host.id } });
    await join(made.json.id, host, ...people);
    return made.json.id as string;
  };
  const inboxOf = async (person: Person) => {
    const socket = await openSocket(server, "dm", person.id, { cookie: person.cookie, query: { inbox: 1 } });
    await socket.next("inbox_ready");
    return socket;
  };
  const listOf = async (person: Person) => (await person.request("GET", `/users/${person.id}/rooms`)).json;

  it("[ROOM7] the host changes name, description and category; the answer is the room as it is read", async () => {
    const room = await roomWith(bob);
    const change = (body: unknown) => host.request("PATCH", `/rooms/${room}`, { body });
    const before = (await request(server, "GET", `/rooms/${room}`)).json;
    const words = { name: "  New name ", description: "What it is about", category: "Friends" };
    const changed = await change(words);
    expect(changed.status).toBe(200);
    expect(changed.json).toEqual({ ...before, ...words, name: "New name" });
    expect((await request(server, "GET", `/rooms/${room}`)).json).toEqual(changed.json);
    // What is not named stays, and an empty text clears as null does.
    expect((await change({ description: "" })).json).toEqual({ ...changed.json, description: null });
    expect((await change({ category: null })).json.category).toBeNull();
    expect((await change({})).json).toMatchObject({ name: "New name", description: null });
    for (const wrong of [{ name: " " }, { name: "x".repeat(201) }, { name: null }, { description: 1 }])
      expect((await change(wrong)).status, JSON.stringify(wrong)).toBe(422);
    expect((await host.request("PATCH", "/rooms/none", { body: { name: "x" } })).status).toBe(404);
  });

  it("[ROOM7] whoever is named as host may too; nobody does where a room has none, and not in a conversation", async () => {
    const named = await makeRoom(server, {});
    expect((await bob.request("PATCH", `/rooms/${named}`, { body: { name: "x" } })).status).toBe(403);
    const [alice, carol] = [
      await makeAccount(server, newName("alice")),
      await makeAccount(server, newName()),
    ];
    const made = await alice.request("POST", "/rooms", { body: { name: "A", host: { id: alice.id } } });
    const changed = await alice.request("PATCH", `/rooms/${made.json.id}`, { body: { name: "B" } });
    expect([changed.status, changed.json.name]).toEqual([200, "B"]);
    const direct = await alice.request("POST", `/users/${alice.id}/direct`, { body: { with: carol.id } });
    const path = `/rooms/${encodeURIComponent(direct.json.id)}`;
    expect((await alice.request("PATCH", path, { body: { name: "x" } })).status).toBe(404);
    expect((await bob.request("PATCH", path, { body: { name: "x" } })).status).toBe(403);
  });

  it("[ROOM8] members learn it at once, in the room and in their list; clients of the seeds are told nothing new", async () => {
    const room = await roomWith(bob);
    const [live, old, inbox] = [
      await openResumed(server, room, { user: bob.id, cookie: bob.cookie }),
      await openSocket(server, room, bob.id, { cookie: bob.cookie }),
      await inboxOf(bob),
    ];
    const tag = (await request(server, "GET", "/rooms")).headers.get("etag") ?? "";
    const words = { name: "Told", description: "at once", category: "News" };
    await host.request("PATCH", `/rooms/${room}`, { body: words });
    const frame = { type: "room_updated", room_id: room, ...words };
    expect(await live.next("room_updated")).toEqual(frame);
    expect(await inbox.next("room_updated")).toEqual(frame);
    // What a client builds from it is what it would read.
    expect((await listOf(bob))[0]).toMatchObject({ id: room, name: "Told" });
    await post(server, room, host, "after it");
    await old.next("message", ({ content }) => content === "after it");
    expect(old.frames.map(({ type }) => type)).not.toContain("room_updated");
    const list = await request(server, "GET", "/rooms", { headers: { "if-none-match": tag } });
    expect([list.status, list.json.find(({ id }: { id: string }) => id === room)]).toMatchObject([
      200,
      words,
    ]);
    for (const socket of [live, old, inbox]) await socket.close();
  });

  it("[ROOM8] changes that come at once are told in the order in which they were stored", async () => {
    const room = await roomWith(bob);
    const live = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
    const names = Array.from({ length: 20 }, (_, n) => `name ${n}`);
    await Promise.all(names.map((name) => host.request("PATCH", `/rooms/${room}`, { body: { name } })));
    const { name } = (await request(server, "GET", `/rooms/${room}`)).json;
    await post(server, room, host, "after all");
    await live.next("message", ({ content }) => content === "after all");
    const told = live.frames.filter((frame) => frame.type === "room_updated");
    expect(told).toHaveLength(names.length);
    expect(told.at(-1)?.name).toBe(name);
    await live.close();
  });

  const putOut = (room: string, person: Person, by = host) =>
    by.request("DELETE", `/rooms/${room}/members/${person.id}`);
  const gone = (room: string, person = host) => person.request("DELETE", `/rooms/${room}`);
  const removed = (room: string) =>
    expect
      .poll(
        () =>
          inDatabase(server, async (sql) => {
            const [left] = await sql`
              select (select count(*)::int from rooms where id = ${room} and not emptied) as rooms,
                (select count(*)::int from messages where room_id = ${room}) as messages,
                (select count(*)::int from mentions where room_id = ${room}) as mentions`;
            return left;
          }),
        { timeout: 20_000 },
      )
      .toEqual({ rooms: 0, messages: 0, mentions: 0 });

  it("[ROOM9] a deleted room is nowhere any more, with its messages; deleting it again is 404", async () => {
    const room = await roomWith(bob);
    const kept = await roomWith(bob);
    await post(server, room, bob, "a needle in it", { mentions: [host.id] });
    await post(server, kept, bob, "elsewhere");
    const upload = await uploadFile(bob, room, { name: "note.txt", bytes: new TextEncoder().encode("note") });
    await post(server, room, bob, "with a file", { attachments: [upload.id] });
    const open = await beginUpload(bob, room, { name: "open.txt", bytes: new TextEncoder().encode("open") });
    expect((await gone(room)).json).toEqual({ success: true });
    for (const [method, path, body] of [
      ["GET", ""],
      ["DELETE", ""],
      ["PATCH", "", { name: "x" }],
      ["POST", "/join", { user_id: host.id }],
      ["POST", "/messages", { user_id: host.id, content: "too late" }],
      ["GET", "/messages?after=0"],
      ["GET", "/profiles"],
      ["GET", "/export"],
      ["GET", "/pins"],
      ["PUT", "/read", { user_id: host.id, seq: 1 }],
      ["POST", "/uploads", { user_id: host.id, name: "x.txt", size: 1 }],
    ] as const) {
      const answer = await host.request(method, `/rooms/${room}${path}`, body ? { body } : {});
      expect([answer.status, answer.json.code], `${method} ${path}`).toEqual([404, "room_not_found"]);
    }
    // As of every room that nobody knows, the seeds' history is empty.
    expect((await host.request("GET", `/rooms/${room}/messages`)).json).toEqual([]);
    const bytes = await bob.request("GET", `/files/${upload.id}/note.txt`);
    expect(bytes.status).toBe(404);
    expect((await bob.request("GET", `/uploads/${open.json.id}`)).status).toBe(404);
    expect((await listOf(bob)).map(({ id }: { id: string }) => id)).not.toContain(room);
    expect((await listOf(bob)).map(({ id }: { id: string }) => id)).toContain(kept);
    const listed = (await request(server, "GET", "/rooms")).json as { id: string }[];
    expect(listed.map(({ id }) => id)).not.toContain(room);
    expect((await bob.request("GET", "/search?q=needle")).json.hits).toEqual([]);
    const mentions = await host.request("GET", `/users/${host.id}/mentions`);
    expect(mentions.json).toEqual([]);
    await removed(room);
    expect((await gone(room)).status).toBe(404);
    expect(await readHistory(server, kept, "", { cookie: bob.cookie })).toHaveLength(1);
  });

  it("[ROOM9] who is in it is sent away with 4004, and its members' lists lose it at once", async () => {
    const room = await roomWith(bob);
    const sockets = [
      await openResumed(server, room, { user: bob.id, cookie: bob.cookie }),
      await openSocket(server, room, host.id, { cookie: host.cookie }),
    ];
    const inbox = await inboxOf(bob);
    const held = bob.request("GET", `/rooms/${room}/messages?after=0&wait=25`);
    await post(server, room, bob, "one");
    await held;
    const waiting = bob.request("GET", `/rooms/${room}/messages?after=1&wait=25`);
    const began = performance.now();
    await gone(room);
    for (const socket of sockets) expect((await socket.closed).code).toBe(4004);
    expect(await inbox.next("room_deleted")).toEqual({ type: "room_deleted", room_id: room });
    expect((await waiting).json.code).toBe("room_not_found");
    expect(performance.now() - began).toBeLessThan(10_000);
    await inbox.close();
  });

  it("[ROOM9] [ROOM10] [WS19] whose network broke before does not come back by the place that is kept", async () => {
    for (const [act, code] of [
      [(room: string) => gone(room), 4004],
      [(room: string) => putOut(room, bob), 4403],
    ] as const) {
      const room = await roomWith(bob);
      const witness = await openResumed(server, room, { user: host.id, cookie: host.cookie });
      const socket = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
      const { epoch, head_seq, profiles_rev } = await socket.next("welcome");
      const query = { after: head_seq, epoch, profiles_after: profiles_rev };
      socket.ws.terminate();
      await witness.next("user_left", ({ user_id }) => user_id === bob.id);
      await act(room);
      const late = await openSocket(server, room, bob.id, { cookie: bob.cookie, query });
      expect((await late.closed).code).toBe(code);
      await witness.close();
    }
  });

  it("[ROOM9] what is sent while it is deleted is stored before it or refused, and nothing is left behind", async () => {
    const room = await roomWith(bob);
    const socket = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
    const people = await Promise.all(Array.from({ length: 5 }, () => makeGuest(server, newName("late"))));
    const acts: Promise<Answer>[] = [];
    for (let n = 0; n < 40; n += 1) {
      socket.send({ type: "message", content: `frame ${n}`, client_id: `frame-${n}` });
      const body = { user_id: bob.id, content: `line ${n}` };
      acts.push(bob.request("POST", `/rooms/${room}/messages`, { body }));
      const person = people[n % 5];
      if (person && n > 15)
        acts.push(person.request("POST", `/rooms/${room}/join`, { body: { user_id: person.id } }));
      if (person && n > 10 && n % 3 === 0)
        acts.push(person.request("POST", `/rooms/${room}/leave`, { body: { user_id: person.id } }));
      if (n === 20) acts.push(gone(room));
    }
    const others = (await Promise.all(acts)).filter(
      // Who is no member leaves nothing.
      ({ status, json }) => status !== 200 && status !== 404 && json.code !== "forbidden",
    );
    expect(others.map(({ text }) => text)).toEqual([]);
    expect((await socket.closed).code).toBe(4004);
    await removed(room);
    for (const person of people)
      expect((await listOf(person)).map(({ id }: { id: string }) => id)).not.toContain(room);
  });

  /** Sends what waits for the room's row, as many as `waits`, and deletes the room beside the server before it gets it. */
  const overtakenByDeletion = async (room: string, waits: number, send: () => Promise<Answer>[]) =>
    await inDatabase(server, async (_, { transaction }) => {
      const { sent } = await transaction(async (tx) => {
        await tx`select 1 from rooms where id = ${room} for update`;
        const sent = Promise.all(send());
        const waiting = () =>
          inDatabase(server, async (sql) => {
            const rows = await sql`
              select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
            return rows.length >= waits;
          });
        await until(waiting, "all wait");
        await tx`update rooms set kind = 'gone' where id = ${room}`;
        return { sent };
      });
      return await sent;
    });

  it("[ROOM9] what passed the door before the deletion and comes to be stored after it is refused", async () => {
    const body = { name: "x", created_by: host.id, password: "sesame" };
    const room = (await host.request("POST", "/rooms", { body })).json.id as string;
    const carol = await makeGuest(server, newName("carol"));
    const dan = await makeAccount(server, newName("dan"));
    await join(room, host);
    const old = await post(server, room, host, "old");
    const at = `/rooms/${room}`;
    const answers = await overtakenByDeletion(room, 4, () => [
      host.request("POST", `${at}/messages`, { body: { user_id: host.id, content: "late" } }),
      host.request("POST", `${at}/uploads`, { body: { user_id: host.id, name: "x.txt", size: 1 } }),
      carol.request("POST", `${at}/verify-password`, { body: { password: "sesame" } }),
      dan.request("POST", `${at}/join`, { body: { user_id: dan.id, password: "sesame" } }),
    ]);
    for (const { status, json } of answers) expect([status, json.code]).toEqual([404, "room_not_found"]);
    await inDatabase(server, (sql) => sql`update rooms set kind = 'room' where id = ${room}`);
    const [edit] = await overtakenByDeletion(room, 1, () => [
      host.request("PATCH", `${at}/messages/${old.id}`, { body: { user_id: host.id, content: "new" } }),
    ]);
    expect([edit?.status, edit?.json.code]).toEqual([404, "room_not_found"]);
    const left = await inDatabase(
      server,
      (sql) => sql`
        select content from messages where room_id = ${room}
        union all select device_id from device_grants where room_id = ${room} and device_id not in (
          select device_id from device_users where user_id = ${host.id})
        union all select user_id from user_grants where room_id = ${room}
        union all select user_id from room_members where room_id = ${room} and user_id <> ${host.id}
        union all select id from files where room_id = ${room}`,
    );
    expect(left).toEqual([{ content: "old" }]);
  });

  it("[ROOM9] [ROOM10] a socket that passed the door before it is shut is sent away", async () => {
    const [unknown, out] = [
      { code: 4004, reason: "Room not found" },
      { code: 4403, reason: "You were removed from this room." },
    ];
    for (const [act, end] of [
      [(room: string) => gone(room), unknown],
      [(room: string) => putOut(room, bob), out],
    ] as const) {
      for (const way of [{}, { after: 0 }]) {
        const room = await roomWith(bob);
        // A new picture is stored behind the door.
        const query = { ...way, avatar_url: `https://pictures.test/${newId()}.png` };
        const open = () => openSocket(server, room, bob.id, { cookie: bob.cookie, query });
        const socket = await overtaken(server, open, async () => {
          expect((await act(room)).status).toBe(200);
        });
        expect(await socket.closed).toEqual(end);
      }
    }
  });

  it("[ROOM9] a call in it ends", async () => {
    const room = await roomWith(bob);
    const tab = await openTab(server, room, "ann");
    await tab.join();
    await gone(room);
    expect((await tab.socket.next("call-left")).reason).toBe("ended");
    expect((await tab.socket.closed).code).toBe(4004);
    await removed(room);
  });

  it("[ROOM9] a start takes up what a deletion left, also beside a room that can not be removed", async () => {
    // The work goes by id: the one that fails comes first.
    const [stuck = "", left = ""] = [await roomWith(bob), await roomWith(bob)].sort();
    for (const room of [stuck, left]) await fillRoom(server, room, 1_200, "left behind");
    await inDatabase(server, async (sql) => {
      await sql`update rooms set kind = 'gone' where id = any (${[stuck, left]})`;
      await sql`
        create function refuse() returns trigger language plpgsql as $$ begin raise exception 'stuck'; end $$`;
      await sql.unsafe(`create trigger stuck before delete on messages for each row
        when (old.room_id = '${stuck}') execute function refuse()`);
    });
    expect((await request(server, "GET", `/rooms/${left}`)).status).toBe(404);
    await server.restart();
    await removed(left);
    await inDatabase(server, (sql) => sql`drop function refuse() cascade`);
    // The next deletion looks for all that is left.
    await gone(await roomWith());
    await removed(stuck);
  });

  it("[ROOM9] with AUTO_CREATE_ROOMS nobody makes a deleted room again by coming back to it", async () => {
    const lax = await startTestServer({ autoCreateRooms: true }, { database });
    try {
      const body = { name: "Secret", created_by: host.id, password: "sesame" };
      const room = (await host.request("POST", "/rooms", { body })).json.id;
      expect((await host.request("DELETE", `/rooms/${room}`)).status).toBe(200);
      const back = async () => {
        const join = { user_id: bob.id, password: "sesame" };
        const posted = { user_id: bob.id, content: "hello" };
        for (const [path, body] of [
          ["join", join],
          ["messages", posted],
        ] as const) {
          const answer = await request(lax, "POST", `/rooms/${room}/${path}`, { body, cookie: bob.cookie });
          expect([answer.status, answer.json.code]).toEqual([404, "room_not_found"]);
        }
        const socket = await openSocket(lax, room, bob.id, { cookie: bob.cookie });
        expect((await socket.closed).code).toBe(4004);
      };
      await back();
      await removed(room);
      await back();
      const [row] = await inDatabase(
        server,
        (sql) => sql`select to_jsonb(r) as kept from rooms r where id = ${room}`,
      );
      const empty = {
        name: "",
        description: null,
        category: null,
        tags: [],
        created_by: null,
        host: null,
        password_hash: null,
      };
      expect(row?.kept).toMatchObject({ ...empty, thumbnail_url: null, member_count: 0, message_count: 0 });
      // Others are made as ever.
      const other = newId();
      const made = await request(lax, "POST", `/rooms/${other}/join`, {
        body: { user_id: bob.id },
        cookie: bob.cookie,
      });
      expect(made.status).toBe(200);
    } finally {
      await lax.close();
    }
  });

  it("[ROOM9] a deletion that was committed without an answer is told and brought to its end", async () => {
    const proxy = await startDatabaseProxy(server.databaseUrl);
    const through = await startTestServer({}, { database: { ...database, url: proxy.url } });
    try {
      const room = await roomWith(bob);
      await post(server, room, bob, "one");
      const inbox = await openSocket(through, "dm", bob.id, { cookie: bob.cookie, query: { inbox: 1 } });
      await inbox.next("inbox_ready");
      const live = await openResumed(through, room, { user: bob.id, cookie: bob.cookie });
      const struck = proxy.strike({ sent: "update rooms set kind = 'gone'", cut: { answer: "COMMIT" } });
      const answer = await request(through, "DELETE", `/rooms/${room}`, { cookie: host.cookie });
      await struck;
      expect(answer.status).toBe(503);
      expect((await live.closed).code).toBe(4004);
      await inbox.next("room_deleted");
      await removed(room);
      await inbox.close();
    } finally {
      await through.close();
      await proxy.close();
    }
  });

  it("[ROOM9] who is in a room that another process deleted is sent away with the next heartbeat", async () => {
    const room = await roomWith(bob);
    const socket = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
    const inbox = await inboxOf(bob);
    await inDatabase(server, (sql) => sql`delete from rooms where id = ${room}`);
    expect((await socket.closed).code).toBe(4004);
    await inbox.next("room_deleted");
    await inbox.close();
  }, 30_000);

  it("[ROOM9] it needs the host's session: nobody deletes it in the name of a guest who is open", async () => {
    const room = await roomWith(bob);
    const another = await bob.request("DELETE", `/rooms/${room}`);
    expect([another.status, another.json.code]).toEqual([403, "forbidden"]);
    const path = `/rooms/${room}?user_id=${host.id}`;
    expect((await request(server, "DELETE", path)).json.code).toBe("not_your_identity");
    expect((await host.request("DELETE", path)).status).toBe(200);
  });

  it("[ROOM9] [ROOM10] where no session of the host made the room, nobody deletes it or puts anybody out", async () => {
    // Known to everybody, and open: whoever comes first signs in as it, and is its host.
    const open = await request(server, "POST", "/users", { body: { username: newName("open") } });
    const taken = await request(server, "POST", "/rooms", { body: { name: "x", created_by: open.json.id } });
    const { username } = (await request(server, "GET", `/users/${open.json.id}`)).json;
    const body = { new_password: PASSWORD };
    expect((await request(server, "PUT", `/users/${open.json.id}/password`, { body })).status).toBe(200);
    const login = await request(server, "POST", "/auth/login", { body: { username, password: PASSWORD } });
    expect(login.status).toBe(200);
    // The same with an id that nobody has registered, named beside somebody with a session or alone.
    const [alone, beside] = [newId(), newId()];
    const rooms: [string, string | null][] = [[taken.json.id, login.cookie]];
    for (const [id, fields] of [
      [alone, { host: { id: alone } }],
      [beside, { created_by: host.id, host: { id: beside } }],
    ] as const) {
      const made = await host.request("POST", "/rooms", { body: { name: "x", ...fields } });
      const path = `/rooms/${made.json.id}/join`;
      rooms.push([made.json.id, (await request(server, "POST", path, { body: { user_id: id } })).cookie]);
    }
    for (const [room, cookie] of rooms) {
      expect(cookie).not.toBeNull();
      expect((await request(server, "GET", `/rooms/${room}`)).json.host_proven).toBe(false);
      await join(room, bob);
      for (const [method, path] of [
        ["DELETE", ""],
        ["DELETE", `/members/${bob.id}`],
        ["DELETE", `/banned/${bob.id}`],
        ["GET", "/banned"],
      ] as const) {
        const answer = await request(server, method, `/rooms/${room}${path}`, { cookie });
        expect([answer.status, answer.json.code], `${method} ${path}`).toEqual([403, "forbidden"]);
      }
    }
  });

  it("[ROOM10] it needs the host's session: nobody puts anybody out in the name of a host", async () => {
    const guest = await makeGuest(server, newName("maker"));
    const made = await guest.request("POST", "/rooms", { body: { name: "x", created_by: guest.id } });
    const room = made.json.id;
    await join(room, bob);
    for (const path of [`/members/${bob.id}`, `/banned/${bob.id}`]) {
      const answer = await request(server, "DELETE", `/rooms/${room}${path}?user_id=${guest.id}`);
      expect(answer.json.code).toBe("not_your_identity");
    }
    expect((await putOut(room, bob, guest)).status).toBe(200);
  });

  const letIn = (room: string, person: Person, by = host) =>
    by.request("DELETE", `/rooms/${room}/banned/${person.id}`);
  const ids = (list: { user_id: string }[]) => list.map(({ user_id }) => user_id);

  it("[ROOM10] who is put out is out at once, stays out on every way, and comes back once they are let in", async () => {
    const carol = await makeGuest(server, newName("carol"));
    await carol.request("GET", "/users?limit=1");
    const room = await roomWith(bob, carol);
    const written = await post(server, room, bob, "before");
    const live = await openResumed(server, room, { user: bob.id, cookie: bob.cookie });
    const old = await openSocket(server, room, bob.id, { cookie: bob.cookie });
    const other = await openResumed(server, room, { user: carol.id, cookie: carol.cookie });
    const inbox = await inboxOf(bob);
    const waiting = bob.request("GET", `/rooms/${room}/messages?after=1&wait=25`);
    const count = async () => (await request(server, "GET", `/rooms/${room}`)).json;
    expect((await count()).memberCount).toBe(3);
    // The request is held before its user is put out.
    await post(server, room, bob, "held");
    await waiting;
    const held = bob.request("GET", `/rooms/${room}/messages?after=2&wait=25`);

    expect((await putOut(room, bob)).json).toEqual({ success: true });
    for (const socket of [live, old])
      expect(await socket.closed).toEqual({ code: 4403, reason: "You were removed from this room." });
    expect(await inbox.next("room_removed")).toEqual({ type: "room_removed", room_id: room });
    expect((await held).json.code).toBe("banned");
    expect((await listOf(bob)).map(({ id }: { id: string }) => id)).not.toContain(room);
    expect(await count()).toMatchObject({ memberCount: 2, users: expect.not.arrayContaining([bob.id]) });
    for (const [method, path, body] of [
      ["POST", "/join", { user_id: bob.id }],
      ["GET", "/messages"],
      ["GET", "/messages?after=0"],
      ["POST", "/messages", { user_id: bob.id, content: "again" }],
      ["PATCH", `/messages/${written.id}`, { user_id: bob.id, content: "again" }],
      ["GET", "/export"],
      ["PUT", "/read", { user_id: bob.id, seq: 1 }],
      ["POST", "/uploads", { user_id: bob.id, name: "x.txt", size: 1 }],
      ["POST", "/file-key", {}],
      ["GET", "/ice-servers"],
    ] as const) {
      const answer = await bob.request(method, `/rooms/${room}${path}`, body ? { body } : {});
      expect([answer.status, answer.json.code], `${method} ${path}`).toEqual([403, "banned"]);
    }
    const again = await openSocket(server, room, bob.id, { cookie: bob.cookie, query: { after: 0 } });
    expect((await again.closed).code).toBe(4403);
    // The others go on, and what was written stays.
    await post(server, room, carol, "after");
    await other.next("message", ({ content }) => content === "after");
    const history = await readHistory(server, room, "", { cookie: carol.cookie });
    expect(history.map(({ content }) => content)).toEqual(["before", "held", "after"]);

    const out = await host.request("GET", `/rooms/${room}/banned`);
    expect(out.json).toMatchObject([{ user_id: bob.id, banned_at: expect.stringMatching(/Z$/) }]);
    // Again is no error, and counts nobody twice.
    expect((await putOut(room, bob)).status).toBe(200);
    expect((await count()).memberCount).toBe(2);
    expect((await letIn(room, bob)).json).toEqual({ success: true });
    expect((await letIn(room, bob)).status).toBe(200);
    expect((await host.request("GET", `/rooms/${room}/banned`)).json).toEqual([]);
    // They may come back, and are no member before they do.
    expect((await count()).memberCount).toBe(2);
    await join(room, bob);
    expect((await count()).memberCount).toBe(3);
    await post(server, room, bob, "back");
    for (const socket of [other, inbox]) await socket.close();
  });

  it("[ROOM10] the host is not put out, nor somebody who never came; nobody else puts anybody out", async () => {
    const named = await makeGuest(server, newName("named"));
    await named.request("GET", "/users?limit=1");
    const body = { name: "Two hosts", created_by: host.id, host: { id: host.id } };
    const room = (await host.request("POST", "/rooms", { body })).json.id;
    await inDatabase(
      server,
      (sql) => sql`update rooms set host = jsonb_build_object('id', ${named.id}::text) where id = ${room}`,
    );
    await join(room, host, named, bob);
    for (const person of [host, named]) {
      const answer = await putOut(room, person);
      expect([answer.status, answer.json.code]).toEqual([400, "rule_broken"]);
    }
    const stranger = await makeGuest(server, newName());
    expect((await putOut(room, stranger)).json.code).toBe("user_not_found");
    expect((await putOut(room, named, bob)).status).toBe(403);
    expect((await putOut(room, bob, named)).status).toBe(200);
    expect((await bob.request("GET", `/rooms/${room}/banned`)).status).toBe(403);
    // Who left can be kept from coming back.
    await join(room, stranger);
    await stranger.request("POST", `/rooms/${room}/leave`, { body: { user_id: stranger.id } });
    expect((await putOut(room, stranger)).status).toBe(200);
    const back = await stranger.request("POST", `/rooms/${room}/join`, { body: { user_id: stranger.id } });
    expect(back.json.code).toBe("banned");
    expect(ids((await named.request("GET", `/rooms/${room}/banned`)).json)).toEqual([stranger.id, bob.id]);
  });

  it("[ROOM10] [CALL7] they are out of the room's call, and no new guest of their browser gets in for them", async () => {
    const room = await roomWith();
    const [ann, ben] = [await openTab(server, room, "ann"), await openTab(server, room, "ben")];
    await ann.join();
    await ben.join();
    await ann.state(({ legs }) => legs.length === 2);
    await putOut(room, ben.person);
    expect((await ben.socket.next("call-left")).reason).toBe("left_room");
    expect((await ben.socket.closed).code).toBe(4403);
    await ann.state(({ legs }) => legs.length === 1);
    const made = await ben.person.request("POST", "/users", { body: { username: newName("again") } });
    const next = await ben.person.request("POST", `/rooms/${room}/join`, { body: { user_id: made.json.id } });
    expect(next.json.code).toBe("banned");
  });

  it("[ROOM10] who comes in while they are put out is in before it and sent away, or not let in", async () => {
    for (let turn = 0; turn < 10; turn += 1) {
      const room = await roomWith();
      const guest = await makeGuest(server, newName("quick"));
      await join(room, guest);
      const coming = Array.from({ length: 6 }, (_, n) =>
        openSocket(server, room, guest.id, { cookie: guest.cookie, query: n % 2 ? {} : { after: 0 } }),
      );
      const joins = Array.from({ length: 3 }, () =>
        guest.request("POST", `/rooms/${room}/join`, { body: { user_id: guest.id } }),
      );
      const out = putOut(room, guest);
      await Promise.all([...joins, out]);
      for (const socket of await Promise.all(coming)) expect((await socket.closed).code).toBe(4403);
      const { memberCount, users } = (await request(server, "GET", `/rooms/${room}`)).json;
      expect([memberCount, users]).toEqual([1, [host.id]]);
    }
  });
});
