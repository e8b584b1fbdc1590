import { afterAll, beforeAll, expect, it } from "vitest";
import {
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  type RequestOptions,
  request,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { inDatabase } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("rooms", () => {
  let database: TestDatabase;
  let server: TestServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({}, { database });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  const create = (body: unknown, options: RequestOptions = {}) =>
    request(server, "POST", "/rooms", { body, ...options });
  const join = (room: string, body: unknown, options: RequestOptions = {}) =>
    request(server, "POST", `/rooms/${room}/join`, { body, ...options });
  const list = async (query = "", options: RequestOptions = {}): Promise<{ id: string }[]> =>
    (await request(server, "GET", `/rooms${query}`, options)).json;
  const ids = (rooms: { id: string }[]) => rooms.map(({ id }) => id);

  it("[ROOM1] a room needs a name alone, and comes back as the seeds' clients read it", async () => {
    const { status, json } = await create({ name: "testroom" });
    expect(status).toBe(200);
    expect(json).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      name: "testroom",
      created_at: expect.stringMatching(/Z$/),
      users: [],
      thumbnail_url: null,
      category: null,
      description: null,
      tags: [],
      privacy: "public",
      max_members: null,
      created_by: null,
      host: null,
      host_proven: false,
      memberCount: 0,
      onlineCount: 0,
    });
    expect((await request(server, "GET", `/rooms/${json.id}`)).json).toEqual(json);
    expect(await list()).toContainEqual(json);
    expect((await request(server, "GET", `/rooms/${newId()}`)).status).toBe(404);
  });

  it("[ROOM1] every field is stored and given back, but the password; a host keeps four fields", async () => {
    const host = await makeGuest(server, newName());
    const fields = {
      name: "All of it",
      thumbnail_url: `data:image/jpeg;base64,${"A".repeat(45_000)}`,
      category: "music",
      description: "A room",
      tags: ["one", "two"],
      max_members: 12,
      created_by: host.id,
      privacy: "password",
    };
    const shown = {
      id: host.id,
      username: host.name,
      avatar_url: "https://a.example/h.png",
      avatar_urls: { medium: "https://a.example/m.png" },
    };
    const sent = {
      ...fields,
      password: "hidden word",
      host: { ...shown, email: "h@example.org", token: "t" },
    };
    const made = await host.request("POST", "/rooms", { body: sent });
    expect(made.json).toMatchObject({ ...fields, host: shown });
    expect(made.json.host).toEqual(shown);
    await server.restart();
    const read = await request(server, "GET", `/rooms/${made.json.id}`);
    expect(read.json).toEqual(made.json);
    const all = await request(server, "GET", "/rooms");
    for (const { text } of [made, read, all]) expect(text).not.toMatch(/hidden word|argon2|h@example/);
  });

  it("[ROOM2] a list holds 4 MiB of pictures, those of the newest rooms; each room shows its own", async () => {
    const category = newId();
    const thumbnail_url = `data:image/png;base64,${"A".repeat(60_000)}`;
    const made: string[] = [];
    for (let n = 0; n < 80; n++) made.unshift((await create({ name: "x", category, thumbnail_url })).json.id);
    const answer = await request(server, "GET", `/rooms?category=${category}`);
    const listed: { id: string; thumbnail_url: string | null }[] = answer.json;
    expect(ids(listed)).toEqual(made);
    expect(listed.findIndex((room) => room.thumbnail_url === null)).toBe(69);
    expect(answer.text.length).toBeLessThan(5 * 1024 * 1024);
    expect((await request(server, "GET", `/rooms/${made.at(-1)}`)).json.thumbnail_url).toBe(thumbnail_url);
  });

  it("[ROOM1] of a host's pictures a room keeps addresses alone", async () => {
    const data = `data:image/png;base64,${"A".repeat(60_000)}`;
    const host = {
      id: newId(),
      avatar_url: data,
      avatar_urls: { small: data, large: "https://example.org/l.png" },
    };
    const { status, json } = await create({ name: "x", host });
    expect(status).toBe(200);
    expect(json.host.avatar_url).toBe("");
    expect(json.host.avatar_urls).toEqual({ small: "", large: "https://example.org/l.png" });
  });

  it("[ROOM1] [AV10] own pictures of a room and its host come below the reader's address", async () => {
    const byName = { url: `http://localhost:${server.port}` };
    const path = (size: string) => `/avatars/0123456789abcdef0123456789abcdef-${size}.webp`;
    const own = (size: string, base = server.url) => base + path(size);
    const made = await create({
      name: "Pictures",
      thumbnail_url: own("large"),
      host: {
        id: newId(),
        avatar_url: own("medium"),
        avatar_urls: { small: own("small"), large: "https://a.example/x.png" },
      },
    });
    const pictures = (room: { thumbnail_url: string; host: Record<string, unknown> }) => [
      room.thumbnail_url,
      room.host.avatar_url,
      room.host.avatar_urls,
    ];
    const below = (base: string) => [
      own("large", base),
      own("medium", base),
      { small: own("small", base), large: "https://a.example/x.png" },
    ];
    expect(pictures(made.json)).toEqual(below(server.url));
    const one = await request(byName, "GET", `/rooms/${made.json.id}`);
    expect(pictures(one.json)).toEqual(below(byName.url));
    const all = await request(byName, "GET", "/rooms");
    expect(pictures(all.json.find(({ id }: { id: string }) => id === made.json.id))).toEqual(
      below(byName.url),
    );
    const seen = { headers: { "if-none-match": all.headers.get("etag") ?? "" } };
    expect((await request(byName, "GET", "/rooms", seen)).status).toBe(304);
    expect((await request(server, "GET", "/rooms", seen)).status).toBe(200);
  });

  it("[ROOM1] a wrong shape is 422, a wrong thumbnail 400, a password room without password 422", async () => {
    for (const body of [
      {},
      { name: "" },
      { name: "   " },
      { name: 5 },
      { name: "x".repeat(201) },
      { name: "x", tags: "one" },
      { name: "x", tags: [1] },
      { name: "x", privacy: "secret" },
      { name: "x", privacy: "password" },
      { name: "x", privacy: "password", password: "" },
      { name: "x", max_members: "many" },
      { name: "x", max_members: 0 },
      { name: "x", host: "me" },
      { name: "x", host: { id: "a b" } },
      { name: "x", thumbnail_url: `data:image/png;base64,${"A".repeat(70_000)}` },
      { name: "x", host: { id: newId(), avatar_urls: { small: "x".repeat(70_000) } } },
    ]) {
      expect((await create(body)).status, JSON.stringify(body).slice(0, 60)).toBe(422);
    }
    for (const url of [
      "javascript:alert(1)",
      "data:text/html;base64,AAAA",
      "data:image/svg+xml;base64,AAAA",
      "x",
    ]) {
      expect((await create({ name: "x", thumbnail_url: url })).status, url).toBe(400);
    }
    expect(
      (await create({ name: "x", thumbnail_url: "", tags: null, password: null, host: null })).status,
    ).toBe(200);
  });

  it("[ROOM1] nobody makes a room in the name of a held guest of somebody else; of an open one yes", async () => {
    const guest = await makeGuest(server, newName());
    const fields = [{ created_by: guest.id }, { host: { id: guest.id } }];
    for (const field of fields) expect((await create({ name: "x", ...field })).status).toBe(200);
    for (const field of fields) {
      expect((await guest.request("POST", "/rooms", { body: { name: "x", ...field } })).status).toBe(200);
    }
    for (const field of fields) expect((await create({ name: "x", ...field })).status).toBe(403);
    expect((await create({ name: "x", created_by: newId() })).status).toBe(200);
  });

  it("[ROOM2] the list has the newest first, filters by category, pages, and answers 304", async () => {
    const category = newName("cat");
    const made: string[] = [];
    for (let at = 0; at < 5; at++)
      made.unshift(await makeRoom(server, { category: at % 2 ? "other" : category }));
    expect(ids(await list("?limit=5"))).toEqual(made);
    expect(ids(await list(`?category=${category}`))).toEqual(made.filter((_id, at) => at % 2 === 0));
    expect(ids(await list(`?limit=2&before=${made[1]}`))).toEqual(made.slice(2, 4));
    expect(ids(await list(`?category=${category}&limit=1&before=${made[0]}`))).toEqual([made[2]]);
    expect(await list(`?before=${newId()}`)).toEqual([]);
    const first = await request(server, "GET", "/rooms?limit=5");
    const headers = { "if-none-match": first.headers.get("etag") ?? "" };
    const same = await request(server, "GET", "/rooms?limit=5", { headers });
    expect([same.status, same.text]).toEqual([304, ""]);
    await join(made[0] ?? "", { user_id: newId() });
    expect((await request(server, "GET", "/rooms?limit=5", { headers })).status).toBe(200);
  });

  it("[ROOM2] users are the newest 100 members, memberCount is exact, onlineCount is live", async () => {
    const room = await makeRoom(server);
    const joined = Array.from({ length: 103 }, newId);
    for (const user_id of joined.slice(0, 3)) expect((await join(room, { user_id })).status).toBe(200);
    await Promise.all(joined.slice(3).map((user_id) => join(room, { user_id })));
    // Joining again counts nobody twice.
    await join(room, { user_id: joined[0] });
    const sockets = [
      await openSocket(server, room, joined[0] ?? ""),
      await openSocket(server, room, joined[0] ?? ""),
    ];
    const shown = [(await list("?limit=1"))[0], (await request(server, "GET", `/rooms/${room}`)).json];
    for (const entry of shown) {
      expect(entry).toMatchObject({ id: room, memberCount: 103, onlineCount: 1 });
      expect(new Set(entry.users)).toEqual(new Set(joined.slice(3)));
    }
    for (const socket of sockets) await socket.close();
  });

  it("[ROOM2] a private room is listed to its maker and members alone; with its id anybody enters", async () => {
    const maker = await makeGuest(server, newName());
    const account = await makeAccount(server, newName());
    const { json } = await maker.request("POST", "/rooms", {
      body: { name: "hush", privacy: "private", created_by: maker.id },
    });
    const sees = async (options: RequestOptions) => ids(await list("", options)).includes(json.id);
    expect(await sees({ cookie: maker.cookie })).toBe(true);
    expect(await sees({})).toBe(false);
    expect(await sees({ token: account.token })).toBe(false);
    expect((await request(server, "GET", `/rooms/${json.id}`)).json.privacy).toBe("private");
    expect(
      (await account.request("POST", `/rooms/${json.id}/join`, { body: { user_id: account.id } })).status,
    ).toBe(200);
    expect(await sees({ token: account.token })).toBe(true);
    expect(await sees({ cookie: account.cookie })).toBe(true);
    expect(await sees({})).toBe(false);
  });

  it("[ROOM3] a join answers what each seed reads, on both paths, and again", async () => {
    const { json: room } = await create({ name: "Lobby" });
    for (const path of [`/rooms/${room.id}/join`, `/${room.id}/join`]) {
      const user_id = newId();
      for (let time = 0; time < 2; time++) {
        const answer = await request(server, "POST", path, { body: { user_id, username: "Ann" } });
        expect(answer.status).toBe(200);
        expect(answer.json).toEqual({
          status: "success",
          room_id: room.id,
          user_id,
          message: "User Ann joined room Lobby",
        });
      }
      expect((await request(server, "GET", `/users/${user_id}`)).json.username).toBe("Ann");
    }
    expect((await request(server, "GET", `/rooms/${room.id}`)).json.memberCount).toBe(2);
  });

  it("[ROOM3] an unknown room is 404 on both paths and registers nobody; a wrong shape is 422", async () => {
    const user_id = newId();
    for (const path of [`/rooms/${newId()}/join`, "/mock-room-1/join", `/${newId()}/join`]) {
      const answer = await request(server, "POST", path, { body: { user_id, username: "Ann" } });
      expect([path, answer.status, answer.json.detail]).toEqual([path, 404, "Room not found"]);
    }
    expect((await request(server, "GET", `/users/${user_id}`)).status).toBe(404);
    const room = await makeRoom(server);
    for (const body of [
      {},
      { username: "Ann" },
      { user_id, username: 5 },
      { user_id, username: "x".repeat(101) },
    ]) {
      expect((await join(room, body)).status).toBe(422);
    }
    expect((await join(room, { user_id, username: "", avatar_url: null })).status).toBe(200);
  });

  it("[ROOM3] with AUTO_CREATE_ROOMS an unknown room is made, once, also by a socket", async () => {
    const lax = await startTestServer({ autoCreateRooms: true }, { database });
    const id = `mock-room-${newId()}`;
    const body = () => ({ user_id: newId() });
    const answers = await Promise.all(
      [1, 2, 3].map(() => request(lax, "POST", `/rooms/${id}/join`, { body: body() })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await request(lax, "GET", `/rooms/${id}`)).json).toMatchObject({
      id,
      memberCount: 3,
      privacy: "public",
    });
    const other = newId();
    const socket = await openSocket(lax, other, newId());
    await socket.next("user_joined");
    await socket.close();
    expect((await request(lax, "GET", `/rooms/${other}`)).status).toBe(200);
    for (const bad of ["dm", `dm:a:${newId()}`, "x".repeat(129)]) {
      expect((await request(lax, "POST", `/rooms/${bad}/join`, { body: body() })).status, bad).toBe(404);
    }
    expect((await (await openSocket(lax, `dm:a:${newId()}`, newId())).closed).code).toBe(4004);
    await lax.close();
  });

  it("[ROOM5] dm is no room on any route, and private conversations are in no list and no count", async () => {
    const before = (await request(server, "GET", "/health")).json;
    const [one, two] = [await makeGuest(server, newName()), await makeGuest(server, newName())];
    const user_id = one.id;
    for (const [method, path, body, status] of [
      ["GET", "/rooms/dm", undefined, 404],
      ["POST", "/rooms/dm/join", { user_id }, 404],
      ["POST", "/dm/join", { user_id }, 404],
      ["POST", "/rooms/dm/messages", { user_id, content: "x" }, 404],
      ["POST", "/rooms/dm/verify-password", { password: "x" }, 404],
      ["GET", "/rooms/dm/profiles", undefined, 404],
    ] as const) {
      expect([path, (await request(server, method, path, { body })).status]).toEqual([path, status]);
    }
    const [mine, theirs] = [
      await openSocket(server, "dm", one.id, { cookie: one.cookie }),
      await openSocket(server, "dm", two.id, { cookie: two.cookie }),
    ];
    mine.send({ type: "dm_message", receiver_id: two.id, content: "psst" });
    await theirs.next("dm_message");
    const id = [one.id, two.id].sort().join(":");
    for (const path of [`/rooms/dm:${id}`, "/rooms/dm"])
      expect((await one.request("GET", path)).status).toBe(404);
    const join = await request(server, "POST", `/rooms/dm:${id}/join`, { body: { user_id: newId() } });
    expect([403, 404]).toContain(join.status);
    const verify = await request(server, "POST", `/rooms/dm:${id}/verify-password`, {
      body: { password: "x" },
    });
    expect(verify.status).toBe(404);
    expect(JSON.stringify(await list("", { cookie: one.cookie }))).not.toContain("dm:");
    expect((await request(server, "GET", "/health")).json.active_rooms).toBe(before.active_rooms);
    await mine.close();
    await theirs.close();
  });

  it("[ROOM6] max_members is shown and keeps nobody out", async () => {
    const room = await makeRoom(server, { max_members: 1 });
    for (let at = 0; at < 3; at++) expect((await join(room, { user_id: newId() })).status).toBe(200);
    expect((await request(server, "GET", `/rooms/${room}`)).json).toMatchObject({
      max_members: 1,
      memberCount: 3,
    });
  });

  it("[ROOM2] a list holds the newest 1,000 at most, of rooms and of users", async () => {
    await inDatabase(server, async (sql) => {
      await sql`insert into rooms (id, name, created_at) select 'many-' || n, 'many', now() + n * interval '1 ms' from generate_series(1, 1005) n`;
      await sql`insert into users (id, shown_name, shown_key, profile_rev, created_at)
        select 'many-' || n, 'many', 'many', 0, now() + n * interval '1 ms' from generate_series(1, 1005) n`;
    });
    for (const path of ["/rooms", "/users", "/rooms?limit=5000"]) {
      const { json } = await request(server, "GET", path);
      expect(json).toHaveLength(1_000);
      expect([json[0].id, json[999].id]).toEqual(["many-1005", "many-6"]);
    }
    expect((await list("?before=many-6"))[0]?.id).toBe("many-5");
  });
});
