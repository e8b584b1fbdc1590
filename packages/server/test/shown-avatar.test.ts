import { afterAll, beforeAll, expect, it } from "vitest";
import { plainPicture } from "./avatars-pictures.js";
import { makeGuest, makeRoom, newId, openSocket, type Person, request } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { post, readHistory } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("which avatar shows", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const placeholder = "https://i.pravatar.cc/150?u=1";
  const real = (name: string) => `https://pics.test/${name}.png`;

  /** Joins or connects with a picture, sends, and answers what the live frame and the history show; they must agree. */
  async function shows(
    room: string,
    person: Person,
    by: { join?: string; query?: string; message?: string },
  ): Promise<string | null> {
    const body = { user_id: person.id, avatar_url: by.join };
    if (by.join !== undefined) await person.request("POST", `/rooms/${room}/join`, { body });
    const query = by.query === undefined ? {} : { avatar_url: by.query };
    const socket = await openSocket(server, room, person.id, { cookie: person.cookie, query });
    socket.send({ content: "look", avatar: by.message });
    const live = await socket.next("message");
    await socket.close();
    const stored = (await readHistory(server, room)).at(-1);
    expect([live.avatar, stored?.avatar, stored?.avatar_url]).toEqual(Array(3).fill(live.avatar_url));
    return live.avatar_url;
  }

  it("[USER9] profile, then the newest real one of a join, then the message's own, then a placeholder", async () => {
    const room = await makeRoom(server);
    const alice = await makeGuest(server, "alice");
    expect(await shows(room, alice, {})).toBeNull();
    expect(await shows(room, alice, { join: placeholder })).toBe(placeholder);
    expect(await shows(room, alice, { message: real("own") })).toBe(real("own"));
    expect(await shows(room, alice, { join: real("join"), message: real("own") })).toBe(real("join"));
    expect(await shows(room, alice, { query: real("newer") })).toBe(real("newer"));
    expect(await shows(room, alice, { join: placeholder, query: "https://ui-avatars.com/api/?name=x" })).toBe(
      real("newer"),
    );
    expect(await shows(room, alice, { join: "data:image/png;base64,AAAA" })).toBe(real("newer"));
    const profile = { body: { avatar_url: real("profile") } };
    await alice.request("PUT", `/users/${alice.id}/profile`, profile);
    expect(await shows(room, alice, { join: real("late"), message: real("own") })).toBe(real("profile"));
    // All lines of before show it too.
    const shown = (await readHistory(server, room)).map(({ avatar_url }) => avatar_url);
    expect(new Set(shown)).toEqual(new Set([real("profile")]));
    expect((await request(server, "GET", `/users/${alice.id}`)).json.avatar_url).toBe(real("profile"));
  });

  it("[WS2] a picture that the query brings does not come between the own user_joined and the message", async () => {
    const room = await makeRoom(server);
    for (let n = 0; n < 15; n++) {
      const user = newId();
      const body = { user_id: user, username: "named" };
      await request(server, "POST", `/rooms/${room}/join`, { body });
      const query = { username: "named", avatar_url: `https://i.pravatar.cc/150?u=${user}` };
      const socket = await openSocket(server, room, user, { query });
      await socket.next("user_joined");
      socket.send({ content: "hello" });
      await socket.next("message");
      expect(socket.frames.map(({ type }) => type)).toEqual(["user_joined", "message"]);
      await socket.close();
    }
  });

  it("[USER9] a message's own picture is an http(s) address or one of ours, else it has none", async () => {
    const room = await makeRoom(server);
    const bad = [
      "javascript:alert(1)",
      "data:image/png;base64,AAAA",
      "/etc/passwd",
      `/avatars/${"x".repeat(3_000)}`,
      "/avatars/../../secret",
      `https://pics.test/${"x".repeat(2_000)}`,
      "https://pics.test/a b",
    ];
    for (const avatar_url of bad) {
      expect([avatar_url, (await post(server, room, newId(), "x", { avatar_url })).avatar_url]).toEqual([
        avatar_url,
        null,
      ]);
    }
  });

  it("[AV1] an uploaded picture has the address that each reader used, live, in the replay and in the history", async () => {
    const room = await makeRoom(server);
    const alice = await makeGuest(server, "alice");
    const form = new FormData();
    form.set("file", new Blob([new Uint8Array(await plainPicture("png"))], { type: "image/png" }), "a.png");
    const uploaded = await alice.request("PUT", `/users/${alice.id}/avatar`, { body: form });
    expect(uploaded.status).toBe(200);
    const path = new URL(uploaded.json.avatar_url).pathname;
    const byName = { url: `http://localhost:${server.port}`, wsUrl: `ws://localhost:${server.port}` };
    const sockets = await Promise.all(
      [server, byName].map(async (where) => ({
        where,
        live: await openSocket(where, room, newId()),
      })),
    );
    await post(server, room, alice, "look");
    for (const { where, live } of sockets) {
      const expected = where.url + path;
      expect((await live.next("message")).avatar_url).toBe(expected);
      expect((await readHistory(where, room))[0]?.avatar_url).toBe(expected);
      const replay = await openSocket(where, room, newId(), { query: { after: 0, profiles_after: 0 } });
      expect((await replay.next("message")).avatar_url).toBe(expected);
      const { profiles } = await replay.next("welcome");
      const own = profiles.find(({ user_id }) => user_id === alice.id);
      expect([own?.avatar_url, own?.avatar_urls?.medium]).toEqual([expected, expected]);
      expect((await fetch(expected)).headers.get("content-type")).toBe("image/webp");
      await Promise.all([live.close(), replay.close()]);
    }
    // A join that brings our own address in full is the same picture, whatever address it is read from.
    const bob = await makeGuest(server, "bob");
    await bob.request("POST", `/rooms/${room}/join`, {
      body: { user_id: bob.id, avatar_url: server.url + path },
    });
    await post(server, room, bob, "me too");
    expect((await readHistory(byName, room)).at(-1)?.avatar_url).toBe(byName.url + path);
  });
});
