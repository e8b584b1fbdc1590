import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type Answer,
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  PASSWORD,
  type RequestOptions,
  request,
  type Socket,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { type DatabaseProxy, startDatabaseProxy } from "./support/database-proxy.js";
import { inDatabase, overtaken } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

const FRONT_END = "http://localhost:3000";

describeWithDatabase("sessions", () => {
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

  const join = (room: string, userId: string, options: RequestOptions = {}) =>
    request(server, "POST", `/rooms/${room}/join`, {
      body: { user_id: userId, username: "Somebody" },
      ...options,
    });
  const me = async (options: RequestOptions) => (await request(server, "GET", "/auth/me", options)).status;
  const login = (name: string, options: RequestOptions = {}) =>
    request(server, "POST", "/auth/login", { body: { username: name, password: PASSWORD }, ...options });

  it("[AUTH2] the cookie is HttpOnly and long-lived; Lax over http, None and Partitioned over https", async () => {
    const create = async (at: TestServer, headers: Record<string, string> = {}) =>
      (
        await request(at, "POST", "/users", { body: { username: newName() }, headers })
      ).headers.getSetCookie();
    const [plain, ...more] = await create(server);
    expect(more).toEqual([]);
    expect(plain).toMatch(
      /^parlor_[0-9a-f]{8}=[\w-]{22,}; Path=\/; Max-Age=34560000; HttpOnly; SameSite=Lax$/,
    );
    expect((await create(server, { "x-forwarded-proto": "https" }))[0]).toContain("SameSite=Lax");
    const behind = await startTestServer({ trustProxy: true }, { database });
    const [secure] = await create(behind, {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "chat.example",
    });
    expect(secure).toMatch(/HttpOnly; SameSite=None; Secure; Partitioned$/);
    expect((await create(behind))[0]).toContain("SameSite=Lax");
    // The name follows the database, since cookies of one host ignore ports.
    expect(secure?.split("=")[0]).toBe(plain?.split("=")[0]);
    await behind.close();
  });

  it("[AUTH1] only hashes are kept, and use extends the end of a session and of its device", async () => {
    const account = await makeAccount(server, newName());
    const secret = account.cookie?.split("=")[1] ?? "";
    expect(Buffer.from(account.token, "base64url").length).toBeGreaterThanOrEqual(16);
    await inDatabase(server, async (sql) => {
      for (const table of ["tokens", "device_secrets", "devices", "magic_links"]) {
        const rows = JSON.stringify(await sql`select * from ${sql(table)}`);
        expect(rows).not.toContain(account.token);
        expect(rows).not.toContain(secret);
      }
      await sql`update tokens set used_at = now() - interval '2 days', expires_at = now() + interval '1 hour'`;
      await sql`update devices set used_at = now() - interval '2 days', expires_at = now() + interval '1 hour'`;
    });
    const ends = () =>
      inDatabase(server, async (sql) => {
        const [row] = await sql`
          select t.expires_at > now() + interval '399 days' as token, d.expires_at > now() + interval '399 days' as device
          from tokens t join devices d on d.id = t.device_id where t.user_id = ${account.id}`;
        return row;
      });
    expect(await ends()).toEqual({ token: false, device: false });
    expect(await me({ token: account.token })).toBe(200);
    expect(await ends()).toEqual({ token: true, device: true });
    // A cookie that was in use is sent anew, with its whole life before it.
    const renewed = await request(server, "GET", "/rooms", { cookie: account.cookie });
    expect(renewed.cookie).toBe(account.cookie);
    expect((await request(server, "GET", "/rooms", { cookie: account.cookie })).cookie).toBeNull();
    await inDatabase(server, (sql) => sql`update devices set expires_at = now() - interval '1 second'`);
    expect(await me({ cookie: account.cookie })).toBe(401);
    await inDatabase(server, (sql) => sql`update tokens set expires_at = now() - interval '1 second'`);
    expect(await me({ token: account.token })).toBe(401);
  });

  it("[AUTH6] a guest is open to a script, and held from the first request that presents its session", async () => {
    const room = await makeRoom(server);
    const guest = await makeGuest(server, newName());
    expect((await join(room, guest.id)).status).toBe(200);
    const put = (options: RequestOptions) =>
      request(server, "PUT", `/users/${guest.id}/profile`, { body: { bio: "b" }, ...options });
    expect((await put({})).status).toBe(200);
    const open = await openSocket(server, room, guest.id);
    await open.next("user_joined");
    // Any request holds it, also a read.
    expect((await request(server, "GET", "/rooms", { cookie: guest.cookie })).status).toBe(200);
    expect((await open.closed).code).toBe(4403);
    const stranger = await makeGuest(server, newName());
    const account = await makeAccount(server, newName());
    // Never 401: the front end would log its visitor out.
    const cases = [
      {},
      { cookie: stranger.cookie },
      { token: account.token },
      { cookie: account.cookie },
      { token: "dead" },
    ];
    for (const options of cases) {
      expect((await put(options)).status).toBe(403);
      expect((await join(room, guest.id, options)).status).toBe(403);
      const socket = await openSocket(server, room, guest.id, { cookie: options.cookie });
      expect((await socket.closed).code).toBe(4403);
    }
    expect((await put({ cookie: guest.cookie })).status).toBe(200);
    const own = await openSocket(server, room, guest.id, { cookie: guest.cookie });
    await own.next("user_joined");
    await own.close();
  });

  it("[AUTH6] with REQUIRE_SESSION nobody is open, from the first moment", async () => {
    const strict = await startTestServer({ requireSession: true }, { database });
    const room = await makeRoom(strict);
    const guest = await makeGuest(strict, newName());
    const post = (userId: string, options: RequestOptions = {}) =>
      request(strict, "POST", `/rooms/${room}/messages`, {
        body: { user_id: userId, content: "x" },
        ...options,
      });
    expect((await post(guest.id)).status).toBe(403);
    expect((await post(guest.id, { cookie: guest.cookie })).status).toBe(200);
    const brought = newId();
    const first = await post(brought);
    expect([first.status, first.cookie]).toEqual([200, expect.stringMatching(/^parlor_/)]);
    expect((await post(brought)).status).toBe(403);
    expect((await post(brought, { cookie: first.cookie })).status).toBe(200);
    const socket = await openSocket(strict, room, brought);
    expect((await socket.closed).code).toBe(4403);
    // An account that a script left open is closed as well.
    const left = await makeGuest(server, newName());
    const body = { new_password: "long enough" };
    expect((await request(server, "PUT", `/users/${left.id}/password`, { body })).status).toBe(200);
    expect((await post(left.id)).status).toBe(401);
    await strict.close();
  });

  it("[AUTH3] a session comes with the answer that makes the user, over any way in, and with no other", async () => {
    const room = await makeRoom(server);
    const ways: ((id: string, options?: RequestOptions) => Promise<string | null>)[] = [
      async (id) => (await join(room, id)).cookie,
      async (id) =>
        (await request(server, "POST", `/rooms/${room}/messages`, { body: { user_id: id, content: "x" } }))
          .cookie,
      async (id) => {
        const socket = await openSocket(server, room, id);
        await socket.next("user_joined");
        await socket.close();
        return [socket.headers["set-cookie"]].flat()[0]?.split(";")[0] ?? null;
      },
    ];
    for (const create of ways) {
      const id = newId();
      const cookie = await create(id);
      expect(cookie).toMatch(/^parlor_/);
      for (const again of ways) expect(await again(id)).toBeNull();
      expect((await request(server, "GET", `/users/${id}`)).cookie).toBeNull();
      expect((await join(room, id, { cookie })).status).toBe(200);
      expect((await join(room, id)).status).toBe(403);
    }
  });

  it("[AUTH3] of two joins that bring one id at once, one gets the session", async () => {
    const room = await makeRoom(server);
    for (let round = 0; round < 5; round++) {
      const id = newId();
      const answers = await Promise.all([1, 2, 3, 4].map(() => join(room, id)));
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
      expect(answers.filter(({ cookie }) => cookie !== null)).toHaveLength(1);
      expect(
        (await request(server, "GET", `/rooms/${room}`)).json.users.filter((user: string) => user === id),
      ).toHaveLength(1);
    }
  });

  it("[AUTH3] a Bearer request from an allowed origin gets its session's cookie, many at once too", async () => {
    const { token, id } = await makeAccount(server, newName());
    const read = (options: RequestOptions) => request(server, "GET", "/auth/me", { token, ...options });
    expect((await read({})).cookie).toBeNull();
    expect((await read({ origin: "https://evil.example" })).cookie).toBeNull();
    const answers = await Promise.all(Array.from({ length: 12 }, () => read({ origin: FRONT_END })));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
    const room = await makeRoom(server);
    for (const { cookie } of answers) {
      expect(await me({ cookie })).toBe(200);
      expect((await read({ origin: FRONT_END, cookie })).cookie).toBeNull();
    }
    const socket = await openSocket(server, room, id, { cookie: answers[0]?.cookie, origin: FRONT_END });
    await socket.next("user_joined");
    await socket.close();
  });

  it("[AUTH3] a browser that sends a token beside a cookie of other guests keeps these guests", async () => {
    const account = await makeAccount(server, newName());
    const guest = await makeGuest(server, newName());
    const { token } = account;
    const moved = await request(server, "GET", "/auth/me", {
      token,
      cookie: guest.cookie,
      origin: FRONT_END,
    });
    const room = await makeRoom(server);
    for (const userId of [guest.id, account.id]) {
      expect((await join(room, userId, { cookie: moved.cookie })).status).toBe(200);
    }
  });

  it("[AUTH2] a second guest of one browser keeps the first; one account at most", async () => {
    const room = await makeRoom(server);
    const first = await makeGuest(server, newName());
    const cookie = first.cookie;
    const second = await request(server, "POST", "/users", { body: { username: newName() }, cookie });
    const third = newId();
    const brought = await join(room, third, { cookie });
    expect([second.cookie, brought.cookie]).toEqual([null, null]);
    const guests = [first.id, second.json.id, third];
    for (const id of guests) expect((await join(room, id, { cookie })).status).toBe(200);
    for (const id of guests) expect((await join(room, id)).status).toBe(403);
    const one = await makeAccount(server, newName(), { cookie });
    const two = await makeAccount(server, newName(), { cookie: one.cookie });
    for (const id of [...guests, two.id])
      expect((await join(room, id, { cookie: two.cookie })).status).toBe(200);
    expect(await me({ token: one.token })).toBe(401);
    expect((await join(room, one.id, { cookie: two.cookie })).status).toBe(403);
  });

  it("[AUTH6] a socket that brings a new guest to a known browser stays when the guest is held", async () => {
    const room = await makeRoom(server);
    const first = await makeGuest(server, newName());
    const id = newId();
    const socket = await openSocket(server, room, id, { cookie: first.cookie });
    await socket.next("user_joined");
    expect((await request(server, "GET", "/rooms", { cookie: first.cookie })).status).toBe(200);
    expect((await join(room, id)).status).toBe(403);
    socket.send({ content: "still here" });
    expect((await socket.next("message")).content).toBe("still here");
    await socket.close();
  });

  it("[AUTH4] fixation: a planted cookie is dead after login, signup and password change", async () => {
    const account = await makeAccount(server, newName());
    for (const begin of [
      (cookie: string | null) => login(account.name, { cookie }),
      (cookie: string | null) =>
        request(server, "POST", "/auth/signup", {
          body: { username: newName(), password: PASSWORD },
          cookie,
        }),
      async (cookie: string | null) => {
        const made = await request(server, "POST", "/users", { body: { username: newName() }, cookie });
        const body = { new_password: PASSWORD };
        return await request(server, "PUT", `/users/${made.json.id}/password`, { body, cookie });
      },
    ]) {
      const body = { username: newName(), want_token: true };
      const planted = await request(server, "POST", "/users", { body });
      const begun = await begin(planted.cookie);
      expect(begun.status).toBe(200);
      expect(begun.cookie).not.toBe(planted.cookie);
      expect(await me({ cookie: begun.cookie })).toBe(200);
      expect(await me({ cookie: planted.cookie })).toBe(401);
      // Nor does the attacker's own token of a guest on that device ask for the new cookie.
      const lent = await request(server, "GET", "/rooms", { token: planted.json.token, origin: FRONT_END });
      expect(lent.status).toBe(200);
      expect(await me({ cookie: lent.cookie })).toBe(401);
      expect((await request(server, "GET", "/auth/me", { token: planted.json.token })).json.id).toBe(
        planted.json.id,
      );
    }
  });

  it("[AUTH4] a renewal leaves a guest's open sockets alone", async () => {
    const room = await makeRoom(server);
    const guest = await makeGuest(server, newName());
    await guest.request("GET", "/rooms");
    const socket = await openSocket(server, room, guest.id, { cookie: guest.cookie });
    const account = await makeAccount(server, newName(), { cookie: guest.cookie });
    expect((await join(room, guest.id, { cookie: guest.cookie })).status).toBe(403);
    expect((await join(room, guest.id, { cookie: account.cookie })).status).toBe(200);
    socket.send({ content: "open" });
    await socket.next("message");
    await socket.close();
  });

  it("[AUTH4] [AUTH7] a socket of before a new password goes on, opens by the old cookie no more, and ends with a logout", async () => {
    const room = await makeRoom(server);
    const account = await makeAccount(server, newName());
    const { cookie } = account;
    const socket = await openSocket(server, room, account.id, { cookie });
    const body = { new_password: "another horse", current_password: PASSWORD };
    const renewed = await request(server, "PUT", `/users/${account.id}/password`, { body, cookie });
    expect(renewed.status).toBe(200);
    socket.send({ content: "open" });
    await socket.next("message");
    const again = await openSocket(server, room, account.id, { cookie });
    expect((await again.closed).code).toBe(4401);
    await request(server, "POST", "/auth/logout", { cookie: renewed.cookie });
    expect((await socket.closed).code).toBe(4401);
  });

  it("[AUTH8] a password that was asked for before the session ended, or before the guest was held, is not set", async () => {
    const body = { new_password: "a thief's own word" };
    const account = await makeAccount(server, newName());
    const late = await overtaken(
      server,
      () => request(server, "PUT", `/users/${account.id}/password`, { body, token: account.token }),
      () => request(server, "POST", "/auth/logout", { token: account.token }),
    );
    expect(late.status).toBe(401);
    const guest = await makeGuest(server, newName());
    const stranger = await overtaken(
      server,
      () => request(server, "PUT", `/users/${guest.id}/password`, { body }),
      () => guest.request("GET", `/users/${guest.id}`),
    );
    expect(stranger.status).toBe(403);
    for (const { name } of [account, guest]) {
      const login = { username: name, password: body.new_password };
      expect((await request(server, "POST", "/auth/login", { body: login })).status).toBe(401);
    }
  });

  it("[AUTH7] a socket that came by a token and by another device's cookie ends with the later of the two sessions", async () => {
    const name = newName();
    const first = await makeAccount(server, name);
    const body = { username: name, password: PASSWORD };
    const second = await request(server, "POST", "/auth/login", { body });
    const room = await makeRoom(server);
    const protocols = ["parlor.v1", `parlor.token.${first.token}`];
    const socket = await openSocket(server, room, first.id, { cookie: second.cookie, protocols });
    await request(server, "POST", "/auth/logout", { cookie: second.cookie });
    socket.send({ content: "still here" });
    await socket.next("message");
    await request(server, "POST", "/auth/logout", { token: first.token });
    expect((await socket.closed).code).toBe(4401);
  });

  it("[AUTH7] logout ends the sockets of the device's guests in password rooms that it had opened, and no others", async () => {
    const account = await makeAccount(server, newName());
    const secret = await request(server, "POST", "/rooms", {
      body: { name: "secret", privacy: "password", password: "open sesame" },
      cookie: account.cookie,
    });
    const open = await makeRoom(server);
    const guest = newId();
    const sockets = [
      await openSocket(server, secret.json.id, guest, { cookie: account.cookie }),
      await openSocket(server, open, guest, { cookie: account.cookie }),
    ];
    await account.request("POST", "/auth/logout");
    expect((await sockets[0]?.closed)?.code).toBe(4003);
    sockets[1]?.send({ content: "still here" });
    await sockets[1]?.next("message");
  });

  it("[ROOM4] a guest whom the grant of its device's account lets in stays, whoever's session changes meanwhile", async () => {
    const room = await makeRoom(server, { privacy: "password", password: "open sesame" });
    const account = await makeAccount(server, newName());
    const { cookie } = account;
    const guest = (await request(server, "POST", "/users", { body: { username: newName() }, cookie })).json;
    const elsewhere = (await login(account.name)).cookie;
    const opened = { body: { password: "open sesame" }, cookie: elsewhere };
    expect((await request(server, "POST", `/rooms/${room}/verify-password`, opened)).status).toBe(200);
    // So that no session is presented for the first time by the handshake.
    await request(server, "GET", "/rooms", { cookie });
    const other = await makeAccount(server, newName());
    const query = { avatar_url: `https://example.com/${newName()}.png` };
    const socket = await overtaken(
      server,
      () => openSocket(server, room, guest.id, { cookie, query }),
      () => login(other.name),
    );
    for (const content of ["one", "two", "three"]) {
      socket.send({ content });
      await socket.next("message", (message) => message.content === content);
    }
    // It ends with what let it in.
    await account.request("POST", "/auth/logout");
    expect((await socket.closed).code).toBe(4003);
  });

  describe("an end that was committed without an answer", () => {
    let proxy: DatabaseProxy;
    let fragile: TestServer;
    beforeAll(async () => {
      proxy = await startDatabaseProxy(database.url);
      fragile = await startTestServer({}, { database: { ...database, url: proxy.url } });
    });
    afterAll(async () => {
      await fragile.close();
      await proxy.close();
    });

    /** Breaks the connection of the device's next transaction behind its commit. */
    async function unanswered(userId: string, send: () => Promise<Answer>): Promise<void> {
      const [row] = await inDatabase(
        server,
        async (sql) =>
          await sql<{ id: string }[]>`select device_id as id from device_users where user_id = ${userId}`,
      );
      const struck = proxy.strike({ sent: row?.id ?? "", cut: { answer: "COMMIT\0" } });
      expect((await send()).status).toBe(503);
      await struck;
    }

    it("[AUTH7] closes the sockets of a logout, and of guests that its grant had let in", async () => {
      const account = await makeAccount(fragile, newName());
      const { cookie } = account;
      const [room, shut] = [
        await makeRoom(fragile),
        await makeRoom(fragile, { privacy: "password", password: "secret" }),
      ];
      const verify = { body: { password: "secret" }, cookie };
      expect((await request(fragile, "POST", `/rooms/${shut}/verify-password`, verify)).status).toBe(200);
      const mine = await openSocket(fragile, room, account.id, { cookie });
      const guest = newId();
      const [theirs, open] = [
        await openSocket(fragile, shut, guest, { cookie }),
        await openSocket(fragile, room, guest, { cookie }),
      ];
      await unanswered(account.id, () => request(fragile, "POST", "/auth/logout", { cookie }));
      expect((await mine.closed).code).toBe(4401);
      expect((await theirs.closed).code).toBe(4003);
      open.send({ content: "still here" });
      await open.next("message");
      await open.close();
    });

    it("[AUTH8] closes the other sessions' sockets after a new password, and not its own", async () => {
      const account = await makeAccount(fragile, newName());
      const room = await makeRoom(fragile);
      const mine = await openSocket(fragile, room, account.id, { cookie: account.cookie });
      const body = { new_password: "another horse", current_password: PASSWORD };
      let other: Socket | undefined;
      await unanswered(account.id, async () => {
        const signIn = { username: account.name, password: PASSWORD };
        const { cookie } = await request(server, "POST", "/auth/login", { body: signIn });
        other = await openSocket(fragile, room, account.id, { cookie });
        return await request(fragile, "PUT", `/users/${account.id}/password`, {
          body,
          cookie: account.cookie,
        });
      });
      expect((await other?.closed)?.code).toBe(4401);
      mine.send({ content: "still here" });
      await mine.next("message");
      await mine.close();
    });
  });

  it("[AUTH7] logout ends the account, its token, grants and sockets; guests stay", async () => {
    const guest = await makeGuest(server, newName());
    const account = await makeAccount(server, newName(), { cookie: guest.cookie });
    const { token, cookie } = account;
    const shut = await makeRoom(server, { privacy: "password", password: "secret" });
    const room = await makeRoom(server);
    const verify = { body: { password: "secret" }, cookie, token };
    expect((await request(server, "POST", `/rooms/${shut}/verify-password`, verify)).status).toBe(200);
    const mine = await openSocket(server, room, account.id, { cookie });
    const theirs = await openSocket(server, room, guest.id, { cookie });
    await theirs.next("user_joined");
    const elsewhere = await login(account.name);
    const out = await request(server, "POST", "/auth/logout", { token, cookie });
    expect([out.status, out.json]).toEqual([200, { success: true }]);
    expect((await mine.closed).code).toBe(4401);
    expect(await me({ token })).toBe(401);
    expect(await me({ cookie })).toBe(401);
    expect((await join(room, account.id, { cookie })).status).toBe(401);
    expect((await join(room, guest.id, { cookie })).status).toBe(200);
    expect((await join(shut, guest.id, { cookie })).status).toBe(403);
    theirs.send({ content: "a guest" });
    await theirs.next("message");
    await theirs.close();
    // Other devices go on, and the account's own grants stay with it.
    expect(await me({ token: elsewhere.json.token })).toBe(200);
    expect((await join(shut, account.id, { token: elsewhere.json.token })).status).toBe(200);
    expect((await request(server, "POST", "/auth/logout")).status).toBe(200);
    expect((await request(server, "POST", "/auth/logout", { token })).status).toBe(200);
  });
});
