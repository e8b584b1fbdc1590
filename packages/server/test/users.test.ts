import { afterAll, beforeAll, expect, it } from "vitest";
import {
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  personOf,
  request,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

describeWithDatabase("users and profiles", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  const read = async (id: string) => (await request(server, "GET", `/users/${id}`)).json;
  const create = (username: unknown) => request(server, "POST", "/users", { body: { username } });

  it("[USER3] [AV10] own pictures and media of a profile come below the reader's address, other texts as they are", async () => {
    const user = await makeGuest(server, newName());
    const byName = { url: `http://localhost:${server.port}` };
    const file = "/avatars/0123456789abcdef0123456789abcdef-large.webp";
    const body = {
      avatar_url: `${server.url}${file}`,
      banner_media_url: `${server.url}${file}`,
      profile_video_url: "/videos/1.mp4",
      profile_audio_url: `${server.url}/avatars/../sound.mp3`,
    };
    expect((await user.request("PUT", `/users/${user.id}/profile`, { body })).json.user).toMatchObject(body);
    expect((await request(byName, "GET", `/users/${user.id}`)).json).toMatchObject({
      ...body,
      avatar_url: byName.url + file,
      banner_media_url: byName.url + file,
    });
  });

  it("[USER3] an address of ours that is no picture's path stays an address like any other", async () => {
    const user = await makeGuest(server, newName());
    for (const avatar_url of [
      `${server.url}/avatars/face.webp?t=1`,
      `${server.url}/avatars/a/b.webp`,
      `${server.url}/avatars/${"x".repeat(201)}`,
    ]) {
      const changed = await user.request("PUT", `/users/${user.id}/profile`, { body: { avatar_url } });
      expect([changed.status, changed.json.user?.avatar_url]).toEqual([200, avatar_url]);
    }
    for (const avatar_url of ["/avatars/../x", "/avatars/a b", '/avatars/"><script>', "/avatars/"]) {
      const refused = await user.request("PUT", `/users/${user.id}/profile`, { body: { avatar_url } });
      expect([avatar_url, refused.status]).toEqual([avatar_url, 400]);
    }
  });

  it("[USER1] POST /users answers the user with all fields of the contract", async () => {
    const name = newName();
    const { status, json } = await create(name);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      username: name,
      display_name: null,
      bio: null,
      avatar_url: null,
      avatar_urls: null,
    });
    expect(json.id).toMatch(UUID);
    expect(json.joined_at).toMatch(/^\d{4}-\d\d-\d\dT.*Z$/);
    expect(json.created_at).toBe(json.joined_at);
    expect(JSON.stringify(json)).not.toContain("password");
  });

  it("[USER1] a name that a guest has is given again, each time with a new id", async () => {
    const answers = [await create("test_user"), await create("test_user"), await create("TEST_USER")];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(new Set(answers.map(({ json }) => json.id)).size).toBe(3);
  });

  it("[USER1] a name of fewer than 2 or more than 100 letters, or of none that show, is 422", async () => {
    const bad = [
      undefined,
      null,
      "",
      "a",
      "  a  ",
      " ",
      "\u200b\u200b\u200b",
      "\u3164\u3164",
      "\u2800\u2800",
    ];
    for (const name of [...bad, "x".repeat(101), "x".repeat(10_000), 12, {}, ["ab"]]) {
      expect((await create(name)).status, JSON.stringify(name)?.slice(0, 20)).toBe(422);
    }
    expect((await create("ab")).status).toBe(200);
    expect((await create("x".repeat(100))).status).toBe(200);
    expect((await create("  trimmed name  ")).json.username).toBe("trimmed name");
  });

  it("[USER2] an unknown user is 404, and a name is no id", async () => {
    const name = newName();
    await create(name);
    for (const id of [newId(), name, "dm"]) {
      const answer = await request(server, "GET", `/users/${id}`);
      expect(answer.status).toBe(404);
      expect(answer.json.detail).toBe("User not found");
    }
  });

  it("[USER2] GET /users lists the newest first, pages with limit and before, and knows no mail or hash", async () => {
    const made: string[] = [];
    for (let at = 0; at < 5; at++) made.unshift((await create(newName())).json.id);
    const member = await makeAccount(server, newName(), { email: "listed@example.org" });
    made.unshift(member.id);
    const first = await member.request("GET", "/users?limit=4");
    expect(first.json.map((user: { id: string }) => user.id)).toEqual(made.slice(0, 4));
    const rest = await request(server, "GET", `/users?limit=2&before=${made[3]}`);
    expect(rest.json.map((user: { id: string }) => user.id)).toEqual(made.slice(4));
    // Not even the own one: the list is for everybody.
    expect(first.text).not.toMatch(/email|listed@example|hash|password|argon/);
    expect((await request(server, "GET", "/users")).text).not.toMatch(/email|hash|password|argon/);
  });

  it("[USER2] the e-mail goes to a presented session of its owner alone, never into frames", async () => {
    const email = "secret-address@example.org";
    const guest = await makeGuest(server, newName());
    const room = await makeRoom(server);
    const other = newId();
    const watcher = await openSocket(server, room, other);
    const resuming = await openSocket(server, room, newId(), { query: { after: 0 } });
    await guest.request("POST", `/rooms/${room}/join`, { body: { user_id: guest.id } });
    const saved = await guest.request("PUT", `/users/${guest.id}/profile`, { body: { email, bio: "b" } });
    expect(saved.json.user.email).toBe(email);
    expect((await guest.request("GET", `/users/${guest.id}`)).json.email).toBe(email);
    await guest.request("POST", `/rooms/${room}/messages`, { body: { user_id: guest.id, content: "hi" } });
    await watcher.next("profile_updated");
    await watcher.next("message");
    await resuming.next("message");
    const stranger = await makeGuest(server, newName());
    for (const path of [
      `/users/${guest.id}`,
      "/users",
      `/rooms/${room}/messages`,
      `/rooms/${room}/profiles`,
    ]) {
      expect((await request(server, "GET", path)).text, path).not.toContain(email);
      expect((await stranger.request("GET", path)).text, path).not.toContain(email);
    }
    expect(JSON.stringify([watcher.frames, resuming.frames])).not.toContain(email);
    await watcher.close();
    await resuming.close();
  });

  it("[USER2] an open guest's e-mail is stored, and shown to no anonymous caller", async () => {
    const { json } = await create(newName());
    const saved = await request(server, "PUT", `/users/${json.id}/profile`, {
      body: { email: "open@example.org" },
    });
    expect(saved.status).toBe(200);
    expect(saved.text + JSON.stringify(await read(json.id))).not.toContain("open@example.org");
  });

  it("[USER3] every field is stored, alone, and is there after a restart; an empty text clears", async () => {
    const guest = await makeGuest(server, newName());
    const fields: Record<string, unknown> = {
      display_name: newName("Shown"),
      bio: "a bio",
      avatar_url: "https://a.example/a.png",
      accent_color: "#fff",
      banner_color: "#000",
      name_font: "serif",
      bio_font: "mono",
      about_font: "sans",
      about_text: "about",
      banner_media_url: "https://a.example/b.mp4",
      banner_media_type: "video",
      profile_video_url: "https://a.example/v.mp4",
      profile_audio_url: "https://a.example/a.mp3",
    };
    const put = (body: unknown) => guest.request("PUT", `/users/${guest.id}/profile`, { body });
    const expected: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(fields)) {
      const answer = await put({ [name]: value });
      expect([name, answer.status, answer.json.success]).toEqual([name, 200, true]);
      expected[name] = value;
      expect(answer.json.user).toMatchObject({ ...expected, username: guest.name });
    }
    await server.restart();
    expect(await read(guest.id)).toMatchObject(fields);
    for (const name of Object.keys(fields)) expect((await put({ [name]: "" })).status, name).toBe(200);
    const cleared = await read(guest.id);
    for (const name of Object.keys(fields)) expect(cleared[name] ?? null, name).toBeNull();
    expect(cleared.username).toBe(guest.name);
    expect((await put({})).status).toBe(200);
    expect((await put({ unknown: 1, id: newId(), account: true, held: false, profile_rev: 0 })).status).toBe(
      200,
    );
    expect(await read(guest.id)).toMatchObject({ id: guest.id, account: false });
  });

  it("[USER3] limits: 400 for what breaks a rule, 422 for a wrong type, 404 for an unknown id", async () => {
    const guest = await makeGuest(server, newName());
    const put = async (body: unknown, id = guest.id) =>
      (await guest.request("PUT", `/users/${id}/profile`, { body })).status;
    const url = (length: number) => `https://a.example/${"x".repeat(length - 18)}`;
    expect(url(2_000)).toHaveLength(2_000);
    expect(await put({ avatar_url: url(2_000) })).toBe(200);
    for (const avatar of [
      url(2_001),
      "data:image/png;base64,AAAA",
      "DATA:image/png;base64,AAAA",
      "javascript:alert(1)",
      "ftp://a.example/a.png",
      "//a.example/a.png",
      "a.png",
      'https://a.example/"><script>',
    ]) {
      expect(await put({ avatar_url: avatar }), avatar.slice(0, 40)).toBe(400);
      expect(await put({ avatar_urls: { medium: avatar } }), avatar.slice(0, 40)).toBe(400);
    }
    for (const field of ["display_name", "username"]) expect(await put({ [field]: "a" }), field).toBe(400);
    expect(await put({ display_name: "\u200b\u200b" })).toBe(400);
    expect(await put({ email: "no address" })).toBe(400);
    for (const [field, value] of [
      ["display_name", 1],
      ["bio", {}],
      ["avatar_url", ["x"]],
      ["avatar_urls", "x"],
      ["email", 5],
      ["accent_color", false],
      ["display_name", "x".repeat(101)],
    ] as const) {
      expect(await put({ [field]: value }), `${field}: ${value}`).toBe(422);
    }
    expect(await put([])).toBe(422);
    expect(await put({ bio: "x" }, newId())).toBe(404);
    expect(await read(guest.id)).toMatchObject({ avatar_url: url(2_000), bio: null });
  });

  it("[USER4] the shown name is the display name, else the username, in messages, frames and lists", async () => {
    const guest = await makeGuest(server, newName("raw"));
    const room = await makeRoom(server);
    const shown = newName("Shown");
    await guest.request("PUT", `/users/${guest.id}/profile`, { body: { display_name: shown } });
    const socket = await openSocket(server, room, guest.id, {
      cookie: guest.cookie,
      query: { username: "Liar" },
    });
    expect(await socket.next("user_joined")).toMatchObject({
      username: shown,
      message: `${shown} joined the chat`,
    });
    socket.send({ content: "x", username: "Liar" });
    expect((await socket.next("message")).username).toBe(shown);
    const second = await openSocket(server, room, newId());
    const state = await second.next("room_state");
    expect(state.users).toContainEqual(expect.objectContaining({ user_id: guest.id, username: shown }));
    const posted = await guest.request("POST", `/rooms/${room}/messages`, {
      body: { user_id: guest.id, username: "Liar", content: "y" },
    });
    expect(posted.json.username).toBe(shown);
    expect(await read(guest.id)).toMatchObject({ username: guest.name, display_name: shown });
    await guest.request("PUT", `/users/${guest.id}/profile`, { body: { display_name: "" } });
    expect(await second.next("profile_updated")).toMatchObject({ username: guest.name, prevUsername: shown });
    const history = (await request(server, "GET", `/rooms/${room}/messages`)).json;
    for (const message of history) expect(message.username).toBe(guest.name);
    await socket.close();
    await second.close();
  });

  it("[USER6] an account keeps its login name when both fields come equal; a guest changes both", async () => {
    const account = await makeAccount(server, newName("login"));
    const put = (id: string, body: unknown) => account.request("PUT", `/users/${id}/profile`, { body });
    const shown = newName("Shown");
    await put(account.id, { display_name: shown, username: shown });
    expect(await read(account.id)).toMatchObject({ username: account.name, display_name: shown });
    const renamed = newName("renamed");
    await put(account.id, { username: renamed });
    expect(await read(account.id)).toMatchObject({ username: renamed, display_name: shown });
    const guest = await makeGuest(server, newName("guest"));
    const both = newName("both");
    await guest.request("PUT", `/users/${guest.id}/profile`, {
      body: { display_name: both, username: both },
    });
    expect(await read(guest.id)).toMatchObject({ username: both, display_name: both });
  });

  it("[USER7] a name in a join, a message or a query names only a user who has none", async () => {
    const room = await makeRoom(server);
    const id = newId();
    await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id } });
    expect((await read(id)).username).toBe("Anonymous");
    await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id, username: "First" } });
    expect((await read(id)).username).toBe("First");
    await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id, username: "Second" } });
    const said = await request(server, "POST", `/rooms/${room}/messages`, {
      body: { user_id: id, username: "Third", content: "x" },
    });
    expect(said.json.username).toBe("First");
    const socket = await openSocket(server, room, id, { query: { username: "Fourth" } });
    expect((await socket.next("user_joined")).username).toBe("First");
    await socket.close();
    expect((await read(id)).username).toBe("First");
  });

  it("[USER8] a changed profile takes the next number and is told in every room of the user", async () => {
    const guest = await makeGuest(server, newName());
    const rooms = [await makeRoom(server), await makeRoom(server)];
    const watchers = [];
    for (const room of rooms) {
      await guest.request("POST", `/rooms/${room}/join`, { body: { user_id: guest.id } });
      watchers.push(await openSocket(server, room, newId()));
    }
    const elsewhere = await openSocket(server, await makeRoom(server), newId());
    const before = (await read(guest.id)).profile_rev;
    const shown = newName("Shown");
    await guest.request("PUT", `/users/${guest.id}/profile`, {
      body: { display_name: shown, bio: "news", avatar_url: "https://a.example/n.png" },
    });
    const after = (await read(guest.id)).profile_rev;
    expect(after).toBeGreaterThan(before);
    for (const [at, watcher] of watchers.entries()) {
      expect(await watcher.next("profile_updated")).toMatchObject({
        room_id: rooms[at],
        user_id: guest.id,
        username: shown,
        prevUsername: guest.name,
        bio: "news",
        avatar: "https://a.example/n.png",
        avatar_url: "https://a.example/n.png",
        profile_rev: after,
      });
      await watcher.close();
    }
    expect(elsewhere.frames.map((frame) => frame.type)).toEqual(["user_joined"]);
    await elsewhere.close();
  });

  it("[USER9] the order of pictures: profile, newest real one of a join, the message's own, a placeholder", async () => {
    const room = await makeRoom(server);
    const id = newId();
    const generated = "https://i.pravatar.cc/150?u=x";
    const join = (avatar_url: unknown) =>
      request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id, username: "Pic", avatar_url } });
    const shown = async () => (await request(server, "GET", `/rooms/${room}/messages`)).json[0].avatar_url;
    expect((await join(generated)).status).toBe(200);
    const posted = await request(server, "POST", `/rooms/${room}/messages`, {
      body: { user_id: id, content: "x" },
    });
    expect(posted.json.avatar).toBe(posted.json.avatar_url);
    expect(await shown()).toBe(generated);
    await join("https://a.example/one.png");
    await join(generated);
    for (const bad of [
      "data:image/png;base64,AA",
      "javascript:1",
      `https://a.example/${"x".repeat(2_000)}`,
      "",
    ]) {
      expect((await join(bad)).status, bad.slice(0, 20)).toBe(200);
    }
    expect(await shown()).toBe("https://a.example/one.png");
    await join("https://a.example/two.png");
    expect(await shown()).toBe("https://a.example/two.png");
    const person = personOf(server, id, "Pic", null);
    await person.request("PUT", `/users/${id}/profile`, {
      body: { avatar_urls: { medium: "https://a.example/m.png", large: "https://a.example/l.png" } },
    });
    expect((await read(id)).avatar_url).toBe("https://a.example/m.png");
    await join("https://a.example/three.png");
    expect(await shown()).toBe("https://a.example/m.png");
    // An explicit choice clears the sizes, which the front end reads first.
    await person.request("PUT", `/users/${id}/profile`, { body: { avatar_url: generated } });
    expect(await read(id)).toMatchObject({ avatar_url: generated, avatar_urls: null });
    expect(await shown()).toBe(generated);
  });
});
