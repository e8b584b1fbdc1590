import { afterAll, beforeAll, expect, it } from "vitest";
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
  type RequestOptions,
  request,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("accounts", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const post = (path: string, body: unknown, options: RequestOptions = {}) =>
    request(server, "POST", path, { body, ...options });
  const login = (username: string, password: string, options: RequestOptions = {}) =>
    post("/auth/login", { username, password }, options);

  /** The close code of a socket that is accepted and then refused. */
  async function closeOf(roomId: string, userId: string, options: { cookie?: string | null } = {}) {
    const socket = await openSocket(server, roomId, userId, options);
    return (await socket.closed).code;
  }

  /** Everything that somebody can do in a user's name, with what it is answered. */
  async function actAs(
    userId: string,
    roomId: string,
    options: RequestOptions,
  ): Promise<Record<string, number>> {
    const form = new FormData();
    form.set("file", new Blob(["no picture"]), "a.png");
    const attempts: [string, string, string, unknown][] = [
      ["join", "POST", `/rooms/${roomId}/join`, { user_id: userId }],
      ["short join", "POST", `/${roomId}/join`, { user_id: userId }],
      ["message", "POST", `/rooms/${roomId}/messages`, { user_id: userId, content: "x" }],
      ["profile", "PUT", `/users/${userId}/profile`, { bio: "b" }],
      ["avatar", "PUT", `/users/${userId}/avatar`, form],
      ["avatar alias", "POST", `/avatars/upload/${userId}`, form],
      ["no avatar", "DELETE", `/avatars/delete/${userId}`, undefined],
    ];
    const got: Record<string, number> = {};
    for (const [name, method, path, body] of attempts) {
      got[name] = (await request(server, method, path, { body, ...options })).status;
    }
    return got;
  }

  const names = ["join", "short join", "message", "profile", "avatar", "avatar alias", "no avatar"];
  const all = (status: number) => Object.fromEntries(names.map((name) => [name, status]));

  it("[AUTH9] signup answers the user and a token; short is 400, a wrong shape 422", async () => {
    const name = newName();
    const made = await post("/auth/signup", { username: name, email: "me@example.org", password: "6chars" });
    expect(made.status).toBe(200);
    expect(Object.keys(made.json).sort()).toEqual(["token", "user"]);
    expect(made.json.user).toMatchObject({ username: name, email: "me@example.org", account: true });
    expect(made.json.token.length).toBeGreaterThanOrEqual(22);
    expect(made.cookie).toMatch(/^parlor_[0-9a-f]{8}=/);
    expect((await post("/auth/signup", { username: newName(), password: "5char" })).status).toBe(400);
    for (const body of [
      {},
      { username: newName() },
      { password: PASSWORD },
      { username: "a", password: PASSWORD },
      { username: newName(), password: 12345678 },
      { username: newName(), password: PASSWORD, email: "none" },
      { username: newName(), password: PASSWORD, email: "a@b.c\r\nBcc: d@e.f" },
      { username: newName(), password: "x".repeat(1_001) },
      { username: "x".repeat(10_000), password: PASSWORD },
    ]) {
      expect((await post("/auth/signup", body)).status, JSON.stringify(body).slice(0, 60)).toBe(422);
    }
    const taken = await post("/auth/signup", { username: name.toUpperCase(), password: PASSWORD });
    expect(taken.status).toBe(409);
    expect(taken.json.detail).toContain("already registered");
    expect(taken.cookie).toBeNull();
  });

  it("[AUTH9] two signups with one name at once make one account", async () => {
    const body = { username: newName(), password: PASSWORD };
    const answers = await Promise.all([1, 2, 3, 4].map(() => post("/auth/signup", body)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409]);
  });

  it("[AUTH9] login answers the same for an unknown name and a wrong password", async () => {
    const account = await makeAccount(server, newName("Login"));
    const guest = await makeGuest(server, newName());
    const good = await login(account.name, PASSWORD);
    expect(good.status).toBe(200);
    expect(good.json).toMatchObject({ user: { id: account.id, username: account.name } });
    expect(good.json.token).not.toBe(account.token);
    expect((await login(account.name.toUpperCase(), PASSWORD)).status).toBe(200);
    const refusals = [
      await login(account.name, "wrong password"),
      await login(account.name, ""),
      await login(newName(), PASSWORD),
      await login(guest.name, ""),
      await login("", ""),
    ];
    for (const refused of refusals) {
      expect(refused.status).toBe(401);
      expect(refused.text).toBe(refusals[0]?.text);
      expect(refused.cookie).toBeNull();
    }
    expect((await post("/auth/login", { username: account.name })).status).toBe(422);
  });

  it("[AUTH1] /auth/me answers the flat user to its token or cookie, else 401", async () => {
    const account = await makeAccount(server, newName(), { email: "me@example.org" });
    const { token, cookie } = account;
    for (const credentials of [{ token }, { cookie }, { token, cookie }]) {
      const me = await request(server, "GET", "/auth/me", credentials);
      expect(me.status).toBe(200);
      expect(me.json).toMatchObject({ id: account.id, username: account.name, email: "me@example.org" });
    }
    const guest = await makeGuest(server, newName());
    const bad: RequestOptions[] = [
      {},
      { token: "nonsense" },
      { token: `${token}x` },
      { token: "x".repeat(5_000) },
      { headers: { authorization: `Basic ${token}` } },
      { cookie: `parlor_00000000=${cookie?.split("=")[1]}` },
      { cookie: `${cookie}x` },
      { cookie: guest.cookie },
    ];
    for (const credentials of bad) {
      expect((await request(server, "GET", "/auth/me", credentials)).status).toBe(401);
    }
  });

  it("[AUTH5] an account acts on every route with its session alone; none is 401, another's 403", async () => {
    const room = await makeRoom(server);
    const account = await makeAccount(server, newName());
    const other = await makeAccount(server, newName());
    const guest = await makeGuest(server, newName());
    await guest.request("GET", "/rooms");
    expect(await actAs(account.id, room, {})).toEqual(all(401));
    expect(await actAs(account.id, room, { token: "nonsense" })).toEqual(all(401));
    // Guests alone count as no session.
    expect(await actAs(account.id, room, { cookie: guest.cookie })).toEqual(all(401));
    expect(await actAs(account.id, room, { token: other.token })).toEqual(all(403));
    expect(await actAs(account.id, room, { cookie: other.cookie })).toEqual(all(403));
    const own = { ...all(200), avatar: 415, "avatar alias": 415 };
    expect(await actAs(account.id, room, { token: account.token })).toEqual(own);
    expect(await actAs(account.id, room, { cookie: account.cookie })).toEqual(own);
    expect(await closeOf(room, account.id)).toBe(4401);
    expect(await closeOf(room, account.id, { cookie: guest.cookie })).toBe(4401);
    expect(await closeOf(room, account.id, { cookie: other.cookie })).toBe(4403);
    const socket = await openSocket(server, room, account.id, { cookie: account.cookie });
    await socket.next("user_joined");
    await socket.close();
  });

  it("[AUTH5] no name opens an account: not in a query, a join, a profile, a guest's id or a room's host", async () => {
    const account = await makeAccount(server, newName("Victim"));
    const room = await makeRoom(server);
    const thief = newId();
    const socket = await openSocket(server, room, thief, { query: { username: account.name } });
    expect((await socket.next("user_joined")).username).toBe(`${account.name} (guest)`);
    socket.send({ content: "x", user_id: account.id, username: account.name });
    expect(await socket.next("message")).toMatchObject({
      user_id: thief,
      username: `${account.name} (guest)`,
    });
    await socket.close();
    expect((await post("/users", { username: account.name })).status).toBe(409);
    for (const body of [
      { name: "theirs", created_by: account.id },
      { name: "theirs", host: { id: account.id, username: account.name } },
      { name: "theirs", created_by: thief, host: { id: account.id } },
    ]) {
      expect((await post("/rooms", body)).status).toBe(403);
    }
    expect(
      (await account.request("POST", "/rooms", { body: { name: "own", created_by: account.id } })).status,
    ).toBe(200);
    expect(
      (
        await request(server, "PUT", `/users/${account.id}/password`, {
          body: { new_password: "taken over" },
        })
      ).status,
    ).toBe(401);
    expect((await login(account.name, PASSWORD)).status).toBe(200);
  });

  it("[AUTH8] a guest's password makes an account that logs in; the guest's session stays, others end", async () => {
    const guest = await makeGuest(server, newName());
    const room = await makeRoom(server);
    await guest.request("GET", "/rooms");
    const old = guest.cookie;
    const socket = await openSocket(server, room, guest.id, { cookie: guest.cookie });
    const put = (body: unknown, options: RequestOptions = {}) =>
      guest.request("PUT", `/users/${guest.id}/password`, { body, ...options });
    expect((await put({ new_password: "7 chars" })).status).toBe(400);
    expect((await put({})).status).toBe(422);
    expect((await put({ new_password: 123456789 })).status).toBe(422);
    const set = await put({ new_password: "first password" });
    expect([set.status, set.json]).toEqual([200, { success: true }]);
    expect(guest.cookie).not.toBe(old);
    expect((await request(server, "GET", "/auth/me", { cookie: old })).status).toBe(401);
    expect((await guest.request("GET", "/auth/me")).json).toMatchObject({ id: guest.id, account: true });
    socket.send({ content: "still here" });
    await socket.next("message");

    const second = await login(guest.name, "first password");
    const elsewhere = await openSocket(server, room, guest.id, { cookie: second.cookie });
    await elsewhere.next("user_joined");
    expect((await put({ new_password: "second password", current_password: "wrong" })).status).toBe(403);
    expect((await login(guest.name, "first password")).status).toBe(200);
    const changed = await put({ new_password: "second password", current_password: "first password" });
    expect(changed.status).toBe(200);
    expect((await elsewhere.closed).code).toBe(4401);
    expect((await request(server, "GET", "/auth/me", { token: second.json.token })).status).toBe(401);
    expect((await request(server, "GET", "/auth/me", { cookie: second.cookie })).status).toBe(401);
    expect((await login(guest.name, "first password")).status).toBe(401);
    expect((await login(guest.name, "second password")).status).toBe(200);
    socket.send({ content: "kept" });
    await socket.next("message", (frame) => frame.content === "kept");
    await socket.close();
  });

  it("[AUTH8] with a token the change ends every older token, on the same device too", async () => {
    const account = await makeAccount(server, newName());
    const again = await login(account.name, PASSWORD, { cookie: account.cookie });
    expect((await request(server, "GET", "/auth/me", { token: account.token })).status).toBe(200);
    const { token } = again.json;
    const changed = await request(server, "PUT", `/users/${account.id}/password`, {
      token,
      cookie: again.cookie,
      body: { new_password: "another password" },
    });
    expect(changed.status).toBe(200);
    expect((await request(server, "GET", "/auth/me", { token })).status).toBe(200);
    expect((await request(server, "GET", "/auth/me", { cookie: changed.cookie })).status).toBe(200);
    expect((await request(server, "GET", "/auth/me", { token: account.token })).status).toBe(401);
    expect((await request(server, "GET", "/auth/me", { cookie: again.cookie })).status).toBe(401);
  });

  it("[AUTH8] of an account it needs the session: 401 without, 403 with another's, 404 for nobody", async () => {
    const account = await makeAccount(server, newName());
    const other = await makeAccount(server, newName());
    const put = async (id: string, options: RequestOptions) =>
      (
        await request(server, "PUT", `/users/${id}/password`, {
          body: { new_password: "long enough" },
          ...options,
        })
      ).status;
    expect(await put(account.id, {})).toBe(401);
    expect(await put(account.id, { token: other.token })).toBe(403);
    expect(await put(account.id, { cookie: other.cookie })).toBe(403);
    expect(await put(newId(), {})).toBe(404);
    const guest = await makeGuest(server, newName());
    await guest.request("GET", "/rooms");
    expect(await put(guest.id, {})).toBe(403);
    expect((await login(account.name, PASSWORD)).status).toBe(200);
  });

  it("[AUTH11] a password is kept as argon2id, and neither it nor its hash is ever answered", async () => {
    const account = await makeAccount(server, newName());
    const answers: Answer[] = [];
    const ask = async (person: Person, method: string, path: string, body?: unknown) =>
      void answers.push(await person.request(method, path, { body }));
    await ask(account, "PUT", `/users/${account.id}/profile`, { bio: "x" });
    await ask(account, "PUT", `/users/${account.id}/password`, { new_password: "a new password" });
    await ask(account, "PUT", `/users/${account.id}/profile`, { display_name: newName() });
    await ask(account, "GET", `/users/${account.id}`);
    await ask(account, "GET", "/users");
    await ask(account, "GET", "/auth/me");
    await ask(account, "POST", "/rooms", { name: "r", privacy: "password", password: "room secret" });
    await ask(account, "GET", "/rooms");
    answers.push(await login(account.name, "a new password"));
    const hashes = await inDatabase(server, async (sql) => [
      ...(await sql`select password_hash as hash from users where password_hash is not null`),
      ...(await sql`select password_hash as hash from rooms where password_hash is not null`),
    ]);
    expect(hashes.length).toBeGreaterThan(1);
    for (const { hash } of hashes) expect(hash).toMatch(/^\$argon2id\$/);
    for (const { status, text } of answers) {
      expect(status).toBe(200);
      expect(text).not.toMatch(/argon2|password_hash|"password":|a new password|room secret/);
    }
  });
});
