import { afterAll, beforeAll, expect, it } from "vitest";
import { builtInOrigins } from "../src/config.js";
import { HandshakeRefused, newName, openSocket, request, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { keepLog, startTestServer, type TestServer } from "./support/server.js";

/** The seeds' own verification commands, by clients without a cookie jar. */
describeWithDatabase("the seeds' verification", () => {
  const kept = keepLog();
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({}, { log: kept.log });
  });
  afterAll(async () => {
    await server.close();
  });

  it("[AUTH8] the PowerShell sequence of the first seed goes through, again and again", async () => {
    for (let run = 0; run < 3; run++) {
      const username = newName("e2e_user");
      const user = await request(server, "POST", "/users", { body: { username } });
      const { id } = user.json;
      const profile = {
        display_name: "Alice",
        email: "alice@example.com",
        bio: "Hello",
        avatar_url: "https://ui-avatars.com/api/?name=Alice&background=random",
      };
      const saved = await request(server, "PUT", `/users/${id}/profile`, { body: profile });
      expect([run, saved.status, saved.json.success]).toEqual([run, 200, true]);
      const { email: _, ...open } = profile;
      expect((await request(server, "GET", `/users/${id}`)).json).toMatchObject({ ...open, username });
      const new_password = "Str0ngPassw0rd!";
      const set = await request(server, "PUT", `/users/${id}/password`, { body: { new_password } });
      expect([set.status, set.json]).toEqual([200, { success: true }]);
      // The account stays open to the script until a session of it is presented; then its profile is safe.
      const bio = { bio: "still open" };
      expect((await request(server, "PUT", `/users/${id}/profile`, { body: bio })).status).toBe(200);
      if (run < 2) continue;
      const body = { username, password: new_password };
      const login = await request(server, "POST", "/auth/login", { body });
      expect(login.status).toBe(200);
      expect((await request(server, "PUT", `/users/${id}/profile`, { body: bio })).status).toBe(401);
      const { token } = login.json;
      expect((await request(server, "PUT", `/users/${id}/profile`, { body: bio, token })).status).toBe(200);
      expect((await request(server, "GET", `/users/${id}`, { token })).json.email).toBe(profile.email);
    }
  });

  it("[ROOM3] the curl sequence of the fifth seed goes through, then its WebSocket and its log lines", async () => {
    const origin = builtInOrigins[1];
    const health = await request(server, "GET", "/health", { origin });
    expect(health.headers.get("access-control-allow-origin")).toBe(origin);
    expect(health.headers.get("access-control-allow-credentials")).toBe("true");
    const user = await request(server, "POST", "/users", { body: { username: "testuser" }, origin });
    const room = await request(server, "POST", "/rooms", { body: { name: "testroom" }, origin });
    const [userId, roomId] = [user.json.id, room.json.id];
    const avatar_url = "https://ui-avatars.com/api/?name=Test";
    const body = { user_id: userId, username: "testuser", avatar_url };
    const joined = await request(server, "POST", `/rooms/${roomId}/join`, { body, origin });
    expect(joined.status).toBe(200);
    expect(joined.json.message).toBe("User testuser joined room testroom");
    for (const answer of [user, room, joined]) {
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
    }
    const socket = await openSocket(server, roomId, userId, { origin, query: { username: "testuser" } });
    expect(await socket.next("user_joined")).toMatchObject({
      user_id: userId,
      username: "testuser",
      message: "testuser joined the chat",
      avatar_url,
    });
    socket.send({ type: "keep_alive" });
    socket.send({ content: "Hello" });
    const message = await socket.next("message");
    expect(message).toMatchObject({ content: "Hello", username: "testuser", avatar: avatar_url, avatar_url });
    expect(message.timestamp).toMatch(/Z$/);
    const backup = { user_id: userId, username: "testuser", content: "backup", avatar_url };
    const posted = await request(server, "POST", `/rooms/${roomId}/messages`, { body: backup, origin });
    expect(posted.json).toMatchObject({ content: "backup", avatar_url, type: "message" });
    expect(await socket.next("message")).toMatchObject({ id: posted.json.id, content: "backup" });
    const history = await request(server, "GET", `/rooms/${roomId}/messages?limit=100`);
    expect(history.json.map(({ content }: { content: string }) => content)).toEqual(["Hello", "backup"]);
    for (const { avatar_url: shown } of history.json) expect(shown).toBe(avatar_url);
    const listed = (await request(server, "GET", "/rooms")).json.find(
      ({ id }: { id: string }) => id === roomId,
    );
    expect(listed).toMatchObject({ name: "testroom", users: [userId] });
    await socket.close();
    const lines = [
      `✅ WebSocket accepted: user=${userId}, room=${roomId}, origin=${origin}`,
      `✅ User testuser joined room ${roomId}`,
      `💬 Message stored: testuser in ${roomId}`,
    ];
    await until(() => lines.every((line) => kept.messages().includes(line)), "the log lines of the seed");
    expect(kept.messages().some((line) => line.startsWith("❌"))).toBe(false);
    const foreign = openSocket(server, roomId, userId, { origin: "https://evil.example" });
    await expect(foreign).rejects.toMatchObject({ status: 403 });
    await expect(foreign).rejects.toBeInstanceOf(HandshakeRefused);
  });

  it("[USER2] the front end's way back from an unknown user: 404, then POST /users", async () => {
    const unknown = await request(server, "GET", "/users/3f2b8a54-0000-4000-8000-000000000000");
    expect([unknown.status, unknown.json.detail]).toEqual([404, "User not found"]);
    const made = await request(server, "POST", "/users", { body: { username: "comes back" } });
    expect((await request(server, "GET", `/users/${made.json.id}`)).status).toBe(200);
  });
});
