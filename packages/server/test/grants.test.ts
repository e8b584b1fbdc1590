import { afterAll, beforeAll, expect, it } from "vitest";
import {
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  PASSWORD,
  type RequestOptions,
  request,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

const SECRET = "open sesame";

describeWithDatabase("password rooms", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const makeShut = () => makeRoom(server, { privacy: "password", password: SECRET });
  const verify = (room: string, password: unknown, options: RequestOptions = {}) =>
    request(server, "POST", `/rooms/${room}/verify-password`, { body: { password }, ...options });

  /** What a caller is answered by each way into a room. */
  async function enter(
    room: string,
    userId: string,
    options: RequestOptions = {},
  ): Promise<(number | string)[]> {
    const body = { user_id: userId, content: "x" };
    const socket = await openSocket(server, room, userId, { cookie: options.cookie });
    const closed = socket.closed.then(({ code }) => code);
    const first = await Promise.race([
      closed,
      socket.next("user_joined").then(
        ({ type }) => type,
        () => "nothing",
      ),
    ]);
    if (first === "user_joined") await socket.close();
    return [
      (await request(server, "POST", `/rooms/${room}/join`, { body, ...options })).status,
      (await request(server, "POST", `/rooms/${room}/messages`, { body, ...options })).status,
      (await request(server, "GET", `/rooms/${room}/messages`, options)).status,
      (await request(server, "GET", `/rooms/${room}/profiles`, options)).status,
      first,
    ];
  }
  const SHUT = [403, 403, 403, 403, 4003];
  const OPEN = [200, 200, 200, 200, "user_joined"];

  it("[ROOM4] verify-password: 403 wrong, 404 unknown, 422 without, 200 for an open room", async () => {
    const room = await makeShut();
    expect((await verify(room, "wrong")).status).toBe(403);
    expect((await verify(room, "")).status).toBe(403);
    expect((await verify(room, SECRET.toUpperCase())).status).toBe(403);
    expect((await verify(newId(), SECRET)).status).toBe(404);
    for (const bad of [undefined, 5, null, "x".repeat(2_000)])
      expect((await verify(room, bad)).status).toBe(422);
    const open = await verify(await makeRoom(server), "anything");
    expect([open.status, open.cookie]).toEqual([200, null]);
    const right = await verify(room, SECRET);
    expect(right.status).toBe(200);
    expect(right.json).toMatchObject({ success: true, valid: true });
    expect(right.cookie).toMatch(/^parlor_/);
    expect((await request(server, "GET", "/rooms")).json).toContainEqual(
      expect.objectContaining({ id: room, privacy: "password" }),
    );
  });

  it("[ROOM4] without a grant every way in is shut, and with the device's cookie every way is open", async () => {
    const room = await makeShut();
    const guest = newId();
    expect(await enter(room, guest)).toEqual(SHUT);
    const stranger = await makeGuest(server, newName());
    expect(await enter(room, stranger.id, { cookie: stranger.cookie })).toEqual(SHUT);
    const { cookie } = await verify(room, SECRET);
    expect(await enter(room, guest, { cookie })).toEqual(OPEN);
    // Membership opens nothing: ids are public.
    expect(await enter(room, guest)).toEqual(SHUT);
    expect(await enter(room, newId())).toEqual(SHUT);
    expect(await enter(await makeShut(), newId(), { cookie })).toEqual(SHUT);
    await server.restart();
    expect(await enter(room, newId(), { cookie })).toEqual(OPEN);
  });

  it("[ROOM4] a device that has guests keeps its cookie when it opens a room", async () => {
    const room = await makeShut();
    const guest = await makeGuest(server, newName());
    const opened = await guest.request("POST", `/rooms/${room}/verify-password`, {
      body: { password: SECRET },
    });
    expect([opened.status, opened.cookie]).toEqual([200, null]);
    expect(await enter(room, guest.id, { cookie: guest.cookie })).toEqual(OPEN);
  });

  it("[ROOM4] join and message take the password too, and leave a grant; a wrong one is 403", async () => {
    const room = await makeShut();
    const user_id = newId();
    const wrong = await request(server, "POST", `/rooms/${room}/join`, { body: { user_id, password: "no" } });
    expect(wrong.status).toBe(403);
    expect((await request(server, "GET", `/users/${user_id}`)).status).toBe(404);
    const joined = await request(server, "POST", `/rooms/${room}/join`, {
      body: { user_id, password: SECRET },
    });
    expect(joined.status).toBe(200);
    expect(await enter(room, user_id, { cookie: joined.cookie })).toEqual(OPEN);
    const body = { user_id: newId(), content: "x", password: SECRET };
    const posted = await request(server, "POST", `/rooms/${room}/messages`, { body });
    expect(posted.status).toBe(200);
    expect(
      (await request(server, "GET", `/rooms/${room}/messages`, { cookie: posted.cookie })).json,
    ).not.toEqual([]);
  });

  it("[ROOM4] who set the password enters; who is named as host does not by that", async () => {
    const maker = await makeGuest(server, newName());
    const host = newId();
    const made = await maker.request("POST", "/rooms", {
      body: { name: "mine", privacy: "password", password: SECRET, created_by: host, host: { id: host } },
    });
    expect(await enter(made.json.id, maker.id, { cookie: maker.cookie })).toEqual(OPEN);
    expect(await enter(made.json.id, host)).toEqual(SHUT);
    const script = await request(server, "POST", "/rooms", { body: { name: "mine", password: SECRET } });
    expect(script.json.privacy).toBe("password");
    expect(await enter(script.json.id, newId(), { cookie: script.cookie })).toEqual(OPEN);
  });

  it("[ROOM4] an account takes its grant to its other devices, by token and by cookie", async () => {
    const room = await makeShut();
    const account = await makeAccount(server, newName());
    const { id, token } = account;
    // By token alone: no cookie carries it, the account does.
    expect((await verify(room, SECRET, { token })).status).toBe(200);
    const login = { body: { username: account.name, password: PASSWORD } };
    const elsewhere = await request(server, "POST", "/auth/login", login);
    expect(await enter(room, id, { cookie: elsewhere.cookie })).toEqual(OPEN);
    const read = (options: RequestOptions) => request(server, "GET", `/rooms/${room}/messages`, options);
    expect((await read({ token: elsewhere.json.token })).status).toBe(200);
    expect((await read({ token: (await makeAccount(server, newName())).token })).status).toBe(403);
    // 403 without a grant also for an account without its session: nothing to log out for.
    expect((await read({})).status).toBe(403);
  });
});
