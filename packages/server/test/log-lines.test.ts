import { afterAll, beforeAll, expect, it } from "vitest";
import {
  HandshakeRefused,
  makeAccount,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  request,
  until,
} from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { keepLog, startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("log lines", () => {
  const kept = keepLog();
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({}, { log: kept.log });
  });
  afterAll(async () => {
    await server.close();
  });

  const logged = (line: string) => until(() => kept.messages().includes(line), `the log line ${line}`);
  const count = (start: string) => kept.messages().filter((line) => line.startsWith(start)).length;

  it("[OPS13] registered, accepted, joined and stored, as the seeds' operators look for them", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const origin = "http://localhost:3000";
    const socket = await openSocket(server, room, user, { origin, query: { username: "Ann" } });
    await logged(`✅ Auto-registered user ${user} in room ${room}`);
    await logged(`✅ WebSocket accepted: user=${user}, room=${room}, origin=${origin}`);
    socket.send({ content: "hello" });
    await logged(`💬 Message stored: Ann in ${room}`);
    await socket.close();
    await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: user } });
    await logged(`✅ User Ann joined room ${room}`);
    expect(count(`✅ Auto-registered user ${user}`)).toBe(1);
    const joined = newId();
    await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: joined, username: "Bob" } });
    await logged(`✅ Auto-registered user ${joined} in room ${room}`);
    await logged(`✅ User Bob joined room ${room}`);
  });

  it("[OPS13] stored messages are told at most once a second", async () => {
    const room = await makeRoom(server);
    const body = { user_id: newId(), username: "Ann", content: "x" };
    const began = Date.now();
    const before = count("💬 Message stored");
    for (let at = 0; at < 30; at++) await request(server, "POST", `/rooms/${room}/messages`, { body });
    const most = 1 + Math.ceil((Date.now() - began) / 1_000);
    expect(count("💬 Message stored") - before).toBeLessThanOrEqual(most);
    expect(most).toBeLessThan(30);
  });

  it("[OPS13] rejected sockets are told with their reason", async () => {
    const refused = openSocket(server, await makeRoom(server), newId(), { origin: "https://evil.example" });
    await expect(refused).rejects.toBeInstanceOf(HandshakeRefused);
    await logged("❌ WebSocket rejected: Origin https://evil.example not in whitelist");
    const unknown = newId();
    const socket = await openSocket(server, unknown, newId());
    expect((await socket.closed).code).toBe(4004);
    await logged(`❌ WebSocket rejected: Room ${unknown} not found`);
    expect(count("✅ WebSocket accepted")).toBe(1);
  });

  it("[OPS13] names and origins can forge no line", async () => {
    const room = await makeRoom(server);
    const forged = "\n✅ User root joined room all\u001b[31m\u202e\u2028\u0085";
    const body = { user_id: newId(), username: `Ann${forged}`, content: "x" };
    await request(server, "POST", `/rooms/${room}/join`, { body });
    await request(server, "POST", `/rooms/${room}/messages`, { body });
    await logged(`✅ User Ann✅ User root joined room all[31m joined room ${room}`);
    const origin = "https://evil.example\u0085\u009b31m";
    await expect(openSocket(server, room, newId(), { origin })).rejects.toBeInstanceOf(HandshakeRefused);
    const last = newId();
    await openSocket(server, last, newId());
    await logged(`❌ WebSocket rejected: Room ${last} not found`);
    for (const line of kept.messages()) expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
  });

  it("[OPS13] never content, tokens, cookies, passwords or addresses of mail", async () => {
    const secrets = {
      content: "TOPSECRET-content",
      password: "TOPSECRET-password",
      email: "topsecret@example.org",
    };
    const { content, password, email } = secrets;
    const account = await makeAccount(server, newName(), { email });
    const guest = await makeGuest(server, newName());
    await request(server, "POST", "/auth/login", { body: { username: account.name, password } });
    await account.request("PUT", `/users/${account.id}/profile`, { body: { email, bio: content } });
    await account.request("PUT", `/users/${account.id}/password`, { body: { new_password: password } });
    const made = await account.request("POST", "/rooms", {
      body: { name: "r", privacy: "password", password },
    });
    const room = made.json.id;
    await account.request("POST", `/rooms/${room}/messages`, { body: { user_id: account.id, content } });
    await request(server, "POST", `/rooms/${room}/verify-password`, {
      body: { password: `${password}-wrong` },
    });
    const socket = await openSocket(server, room, account.id, { cookie: account.cookie });
    socket.send({ content });
    await socket.next("message");
    socket.send(`{"broken ${content}`);
    await socket.next("error");
    await socket.close();
    await request(server, "POST", "/users", { body: `{"username": "${content}` });
    const all = kept.all();
    expect(all.length).toBeGreaterThan(1_000);
    for (const secret of [
      content,
      password,
      email,
      account.token,
      account.cookie?.split("=")[1],
      guest.cookie?.split("=")[1],
    ]) {
      expect(secret?.length).toBeGreaterThan(10);
      expect(all).not.toContain(secret);
    }
  });
});
