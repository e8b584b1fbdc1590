import { afterAll, beforeAll, expect, it } from "vitest";
import { builtInOrigins } from "../src/config.js";
import {
  HandshakeRefused,
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  request,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

const FRONT_END = "http://localhost:3000";
const FOREIGN = [
  "https://evil.example",
  "http://localhost:3001",
  "https://localhost:3000",
  "http://LOCALHOST:3000",
  "http://localhost:3000.evil.example",
  "http://localhost:3000/",
  "https://video-chat-frontend-seven.vercel.app.evil.example",
  "https://other.vercel.app",
  "null",
  "file://",
];

describeWithDatabase("other origins", () => {
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

  /** The status of a refused handshake, or 101. */
  async function handshake(at: TestServer, origin: string | undefined): Promise<number> {
    const room = await makeRoom(at);
    try {
      await (await openSocket(at, room, newId(), { origin })).close();
      return 101;
    } catch (error) {
      if (error instanceof HandshakeRefused) return error.status;
      throw error;
    }
  }

  it("[CORS1] the seeds' three origins and the server's own are echoed, with credentials", async () => {
    for (const origin of [...builtInOrigins, server.url]) {
      const { headers } = await request(server, "GET", "/health", { origin });
      expect(headers.get("access-control-allow-origin")).toBe(origin);
      expect(headers.get("access-control-allow-credentials")).toBe("true");
      expect(headers.get("access-control-expose-headers")).toBe(
        "ETag, X-Next-After, X-Epoch, Upload-Offset, Retry-After, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
      );
    }
    expect(builtInOrigins).toHaveLength(3);
  });

  it("[CORS1] every kind of answer has the headers: errors, HEAD, 304, pages and files too", async () => {
    const room = await makeRoom(server);
    const guest = await makeGuest(server, newName());
    const list = await request(server, "GET", "/rooms");
    const history = await request(server, "GET", `/rooms/${room}/messages`);
    const etag = (answer: { headers: Headers }) => ({ "if-none-match": answer.headers.get("etag") ?? "" });
    const cases: [number, string, string, { body?: unknown; headers?: Record<string, string> }?][] = [
      [200, "GET", "/"],
      [200, "HEAD", "/health"],
      [200, "GET", "/docs"],
      [200, "GET", "/docs/static/swagger-ui.css"],
      [200, "GET", "/openapi.json"],
      [304, "GET", "/rooms", { headers: etag(list) }],
      [304, "GET", `/rooms/${room}/messages`, { headers: etag(history) }],
      [400, "PUT", `/users/${guest.id}/password`, { body: { new_password: "x" } }],
      [401, "GET", "/auth/me"],
      [404, "GET", "/nowhere"],
      [404, "GET", `/users/${newId()}`],
      [405, "DELETE", "/users"],
      [413, "POST", "/users", { body: { username: "x".repeat(3_000_000) } }],
      [415, "POST", "/users", { body: "x", headers: { "content-type": "text/plain" } }],
      [422, "POST", "/users", { body: {} }],
      [422, "POST", "/users", { body: "{" }],
      [503, "POST", "/auth/magic-link/request", { body: { email: "a@b.example" } }],
    ];
    for (const [status, method, path, options] of cases) {
      const answer = await request(server, method, path, { origin: FRONT_END, ...options });
      expect([path, answer.status]).toEqual([path, status]);
      expect(answer.headers.get("access-control-allow-origin"), path).toBe(FRONT_END);
      expect(answer.headers.get("access-control-allow-credentials"), path).toBe("true");
      expect(answer.headers.get("vary"), path).toContain("Origin");
    }
  });

  it("[CORS2] a preflight is 204 and empty on any path, and allows what the seeds' front end sends", async () => {
    for (const path of [
      "/users",
      "/rooms/x/messages",
      "/avatars/upload/x",
      "/auth/login",
      "/nowhere/at/all",
      "/",
    ]) {
      const answer = await request(server, "OPTIONS", path, {
        origin: FRONT_END,
        headers: {
          "access-control-request-method": "PUT",
          "access-control-request-headers": "authorization,content-type,x-user-id",
        },
      });
      expect([path, answer.status, answer.text]).toEqual([path, 204, ""]);
      const { headers } = answer;
      expect(headers.get("access-control-allow-origin")).toBe(FRONT_END);
      expect(headers.get("access-control-allow-credentials")).toBe("true");
      expect(headers.get("access-control-allow-methods")).toBe("GET,POST,PUT,PATCH,DELETE,OPTIONS");
      expect(headers.get("access-control-allow-headers")?.split(",")).toEqual([
        "Authorization",
        "Content-Type",
        "Accept",
        "X-User-Id",
        "Idempotency-Key",
        "If-None-Match",
        "Upload-Offset",
      ]);
      expect(Number(headers.get("access-control-max-age"))).toBeGreaterThan(0);
      expect(headers.get("vary")).toContain("Origin");
    }
  });

  it("[CORS3] a foreign origin gets no CORS header, on a preflight neither", async () => {
    for (const origin of FOREIGN) {
      for (const [method, path] of [
        ["GET", "/health"],
        ["OPTIONS", "/users"],
        ["GET", "/nowhere"],
        ["POST", "/users"],
      ] as const) {
        const { headers } = await request(server, method, path, {
          origin,
          ...(method === "POST" ? { body: { username: newName() } } : {}),
        });
        const names = [...headers.keys()].filter((name) => name.startsWith("access-control"));
        expect(names, `${method} ${path} from ${origin}`).toEqual([]);
        expect(headers.get("vary")).toContain("Origin");
      }
    }
  });

  it("[CORS3] an unsafe request with the device cookie from a foreign origin changes nothing", async () => {
    const guest = await makeGuest(server, newName());
    const room = await makeRoom(server);
    const form = new FormData();
    form.set("file", new Blob(["x"]), "x.png");
    const attempts: [string, string, unknown][] = [
      ["PUT", `/users/${guest.id}/profile`, { bio: "stolen" }],
      ["PUT", `/users/${guest.id}/password`, { new_password: "long enough" }],
      ["POST", `/rooms/${room}/join`, { user_id: guest.id }],
      ["POST", `/rooms/${room}/messages`, { user_id: guest.id, content: "x" }],
      ["POST", `/avatars/upload/${guest.id}`, form],
      ["DELETE", `/avatars/delete/${guest.id}`, undefined],
      ["POST", "/auth/logout", undefined],
      ["POST", "/users", { username: newName() }],
    ];
    for (const origin of ["https://evil.example", "null"]) {
      for (const [method, path, body] of attempts) {
        const answer = await request(server, method, path, { body, origin, cookie: guest.cookie });
        expect([path, answer.status]).toEqual([path, 403]);
        expect(answer.json.code).toBe("origin_not_allowed");
        expect(answer.headers.get("set-cookie")).toBeNull();
      }
    }
    expect((await request(server, "GET", `/users/${guest.id}`)).json).toMatchObject({
      bio: null,
      account: false,
    });
    expect((await request(server, "GET", `/rooms/${room}`)).json.users).toEqual([]);
    const own = await guest.request("PUT", `/users/${guest.id}/profile`, {
      body: { bio: "mine" },
      origin: FRONT_END,
    });
    expect(own.status).toBe(200);
  });

  it("[CORS4] a WebSocket with a foreign Origin is 403 at the handshake; without Origin it passes", async () => {
    for (const origin of ["https://evil.example", "null", "http://localhost:3001"]) {
      expect(await handshake(server, origin), origin).toBe(403);
    }
    for (const origin of [...builtInOrigins, server.url, undefined]) {
      expect(await handshake(server, origin), String(origin)).toBe(101);
    }
  });

  it("[CORS4] STRICT_ORIGIN refuses a WebSocket without Origin, and REST goes on", async () => {
    const strict = await startTestServer({ strictOrigin: true }, { database });
    expect(await handshake(strict, undefined)).toBe(403);
    expect(await handshake(strict, FRONT_END)).toBe(101);
    expect((await request(strict, "GET", "/rooms")).status).toBe(200);
    await strict.close();
  });

  it("[CORS1] PUBLIC_URL and X-Forwarded-* decide what the server's own origin is", async () => {
    const behind = await startTestServer({ trustProxy: true }, { database });
    const forwarded = { "x-forwarded-proto": "https", "x-forwarded-host": "evil.example, chat.example" };
    const allowed = async (at: TestServer, origin: string, headers: Record<string, string>) =>
      (await request(at, "GET", "/health", { origin, headers })).headers.get("access-control-allow-origin");
    expect(await allowed(behind, "https://chat.example", forwarded)).toBe("https://chat.example");
    expect(await allowed(behind, "https://evil.example", forwarded)).toBeNull();
    expect(await allowed(behind, "http://chat.example", forwarded)).toBeNull();
    await behind.close();
    // Nobody but a proxy that is trusted names the host.
    expect(await allowed(server, "https://chat.example", forwarded)).toBeNull();
    const named = await startTestServer({ publicUrl: "https://parlor.example/chat" }, { database });
    expect(await allowed(named, "https://parlor.example", {})).toBe("https://parlor.example");
    expect(await allowed(named, named.url, {})).toBeNull();
    await named.close();
  });
});
