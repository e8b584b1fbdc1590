import { afterAll, beforeAll, expect, it } from "vitest";
import {
  makeGuest,
  makeRoom,
  newId,
  newName,
  openSocket,
  request,
  requestPath,
  sendRaw,
  until,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { rawRequest, rawSocket } from "./support/raw.js";
import { post } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

const ORIGIN = "http://localhost:3000";

describeWithDatabase("every answer", () => {
  let database: TestDatabase;
  let server: TestServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({ environment: "staging" }, { database });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  it("[HTTP2] /health has the seeds' fields with live counts, and those of the legacy backend", async () => {
    const before = (await request(server, "GET", "/health")).json;
    await makeRoom(server);
    await makeGuest(server, newName());
    const answer = await request(server, "GET", "/health");
    expect(answer.status).toBe(200);
    expect(answer.json).toMatchObject({
      status: "healthy",
      environment: "staging",
      active_rooms: before.active_rooms + 1,
      active_connections: 0,
      version: "2.0.0",
      services: { api: "running", websocket: "running" },
      stats: { active_rooms: before.active_rooms + 1, active_users: before.stats.active_users + 1 },
    });
    expect(answer.json.services).toHaveProperty("bunny_stream");
    expect(answer.json.timestamp).toMatch(/Z$/);
    expect(Date.now() - Date.parse(answer.json.timestamp)).toBeLessThan(60_000);
  });

  it("[HTTP2] / is JSON for a JSON client, and /_debug tells two things only", async () => {
    for (const accept of ["application/json", "*/*"]) {
      const root = await request(server, "GET", "/", { headers: { accept } });
      expect(root.status).toBe(200);
      expect(root.json).toMatchObject({ status: "ok", version: "2.0.0", docs: "/docs", health: "/health" });
      expect(root.json.message).toBeTypeOf("string");
      expect(root.json.time).toMatch(/Z$/);
    }
    const debug = await request(server, "GET", "/_debug");
    expect(debug.json).toEqual({ bunny_enabled: false, environment: "staging" });
  });

  it("[HTTP2] without its database it is unhealthy, and work is refused with 503 and Retry-After", async () => {
    await database.setAway(true);
    const health = await request(server, "GET", "/health");
    expect(health.status).toBe(503);
    expect(health.json.status).toBe("unhealthy");
    expect((await request(server, "GET", "/")).status).toBe(200);
    for (const [method, path, body] of [
      ["GET", "/rooms", undefined],
      ["POST", "/users", { username: "nobody" }],
      ["GET", "/users/x", undefined],
    ] as const) {
      const refused = await request(server, method, path, { body, origin: ORIGIN });
      expect(refused.status, path).toBe(503);
      expect(refused.json).toMatchObject({ code: "unavailable", retry: true });
      expect(Number(refused.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(refused.headers.get("access-control-allow-origin")).toBe(ORIGIN);
    }
    await database.setAway(false);
    await until(async () => (await request(server, "GET", "/health")).status === 200, "it is healthy again");
    expect((await request(server, "GET", "/rooms")).status).toBe(200);
  });

  it("[HTTP1] an unknown path is 404, a wrong method 405 with Allow, all as JSON", async () => {
    for (const path of [
      "/nowhere",
      "/posts",
      "/users/a/b/c",
      "/rooms/a/b",
      "/api/games",
      "/.env",
      "/assets/x",
    ]) {
      const answer = await request(server, "GET", path);
      expect(answer.status, path).toBe(404);
      expect(answer.json.detail, path).toBeTypeOf("string");
    }
    const wrong: [string, string, string[]][] = [
      ["DELETE", "/users", ["GET", "POST"]],
      ["GET", "/users/x/password", ["PUT"]],
      ["PATCH", "/rooms/x/messages", ["GET", "POST"]],
      ["GET", "/auth/login", ["POST"]],
      ["POST", "/health", ["GET"]],
      ["PUT", "/rooms/x/join", ["POST"]],
      ["POST", "/docs", ["GET"]],
      ["DELETE", "/openapi.json", ["GET"]],
      ["HEAD", "/auth/login", ["POST"]],
    ];
    for (const [method, path, allowed] of wrong) {
      const answer = await request(server, method, path);
      expect(answer.status, `${method} ${path}`).toBe(405);
      const allow = answer.headers.get("allow")?.split(", ");
      expect(allow, path).toEqual(expect.arrayContaining(allowed));
      expect(allow).not.toContain(method);
      if (method !== "HEAD") expect(answer.json.detail).toBe("Method not allowed");
    }
  });

  it("[HTTP2] a browser gets a page for an unknown path alone: what is known under another method stays 405", async () => {
    const headers = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };
    const answers = ["/auth/login", "/rooms/x/join", "/users/x/password"].map((path) =>
      request(server, "GET", path, { headers }),
    );
    for (const answer of await Promise.all(answers))
      expect([answer.status, answer.json.code]).toEqual([405, "method_not_allowed"]);
    expect((await request(server, "POST", "/nowhere", { headers })).json.code).toBe("not_found");
    expect((await request(server, "GET", `/users/${newId()}`, { headers })).json.code).toBe("user_not_found");
  });

  it("[HTTP1] a strange path is a 4xx in JSON with CORS headers, and never a file", async () => {
    const long = "a".repeat(3_000);
    const paths: [string, number][] = [
      ["/rooms/..%2f..", 422],
      ["/rooms/..%2f..%2f..%2fetc%2fpasswd", 422],
      ["/rooms/%2e%2e/%2e%2e/etc/passwd", 404],
      ["/docs/static/..%2f..%2fpackage.json", 404],
      ["/docs/static/package.json", 404],
      ["/assets/..%2findex.html", 404],
      ["/rooms/%00", 422],
      ["/users/%00/profile", 405],
      ["/users/a%0d%0aSet-Cookie:%20x=y", 422],
      ["/users/%zz", 422],
      ["/rooms/%c3%28/messages", 422],
      ["/%", 422],
      [`/users/${"a".repeat(129)}`, 422],
      [`/users/${long}`, 422],
      [`/rooms/${long}/messages`, 422],
      [`/rooms/${"a".repeat(300)}/messages`, 422],
      ["/users/a%20b", 422],
      ["/users/é", 400],
      ["//users", 404],
      ["/users//profile", 404],
      ["/rooms/%2Fdm", 422],
      ["/ws/a/b", 404],
      ["/avatars/..%2f..%2fpackage.json", 404],
    ];
    const got: [string, number][] = [];
    for (const [path, status] of paths) {
      const answer = await requestPath(server, "GET", path, { Origin: ORIGIN });
      got.push([path, answer.status]);
      expect(answer.json.detail, path).toBeTypeOf("string");
      if (status !== 400) expect(answer.headers.get("access-control-allow-origin"), path).toBe(ORIGIN);
      expect(answer.headers.get("set-cookie")).toBeNull();
    }
    expect(got).toEqual(paths);
    // Versions of the file server differ in what they call this.
    const above = await requestPath(server, "GET", "/docs/static/../../package.json");
    expect([404, 422]).toContain(above.status);
  });

  it("[HTTP1] what is not HTTP, and too many headers, are answered in JSON and harm nobody", async () => {
    const nonsense = await sendRaw(server, "HELLO\r\n\r\n");
    expect(nonsense.status).toBe(400);
    expect(nonsense.json.detail).toBeTypeOf("string");
    const large = await requestPath(server, "GET", "/health", { "X-Large": "x".repeat(40_000) });
    expect(large.status).toBe(431);
    expect(large.json.detail).toBeTypeOf("string");
    expect((await requestPath(server, "PROPFIND", "/users")).status).toBe(405);
    expect((await requestPath(server, "TRACE", "/nowhere")).status).toBe(404);
    expect((await request(server, "GET", "/health")).status).toBe(200);
  });

  it("[HTTP1] a body of the wrong shape is 422 that says where, of the wrong kind 415, too large 413", async () => {
    const send = (body: string, type = "application/json") =>
      request(server, "POST", "/users", { body, headers: { "content-type": type } });
    for (const body of ["", "{", "null", "[]", '"x"', "1", "{}", '{"username":1}', '{"username":["ab"]}']) {
      const answer = await send(body);
      expect(answer.status, body).toBe(422);
      expect(answer.json.detail, body).toBeTypeOf("string");
    }
    expect((await send('{"username":7}')).json.detail).toContain("username");
    expect((await send("username=ab", "application/x-www-form-urlencoded")).status).toBe(415);
    expect((await send('{"username":"ab"}', "text/plain")).status).toBe(415);
    expect((await send(JSON.stringify({ username: "x".repeat(3_000_000) }))).status).toBe(413);
    expect((await send('{"__proto__":{"username":"ab"}}')).status).toBe(422);
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    expect((await send(`{"username":${deep}}`)).status).toBe(422);
    expect((await send('{"username":"charset"}', "application/json; charset=utf-8")).status).toBe(200);
  });

  it("[HTTP1] a JSON route takes JSON under any of its types or none, and no other kind of body", async () => {
    const json = '{"username":"typed"}';
    const send = (body: string, type: string | null, path = "/users", method = "POST") => {
      const kind = type === null ? {} : { "content-type": type };
      return rawRequest(server, method, path, { headers: { ...kind, origin: ORIGIN }, body });
    };
    for (const type of [
      "application/json",
      "Application/JSON; charset=UTF-8",
      "application/vnd.parlor+json",
      null,
    ]) {
      expect((await send(json, type)).status, String(type)).toBe(200);
    }
    expect((await send("username=typed", null)).status).toBe(422);
    const form = '--x\r\nContent-Disposition: form-data; name="username"\r\n\r\ntyped\r\n--x--\r\n';
    const room = await makeRoom(server);
    const { id } = await post(server, room, newId(), "react");
    for (const [path, method] of [
      ["/users", "POST"],
      ["/auth/login", "POST"],
      ["/rooms", "POST"],
      [`/rooms/${room}/join`, "POST"],
      [`/rooms/${room}/messages`, "POST"],
      [`/rooms/${room}/messages/${id}/reactions/ok`, "PUT"],
      [`/users/${newId()}/profile`, "PUT"],
    ] as const) {
      for (const [body, type] of [
        [form, "multipart/form-data; boundary=x"],
        [json, "multipart/form-data; boundary=x"],
        [json, "multipart/form-data"],
        [json, "multipart/mixed"],
        [json, "text/plain"],
        [json, "text/plain;charset=UTF-8"],
        ["username=typed", "application/x-www-form-urlencoded"],
        [json, "application/octet-stream"],
        [json, "nonsense"],
      ] as const) {
        const answer = await send(body, type, path, method);
        expect([path, type, answer.status]).toEqual([path, type, 415]);
        expect(answer.headers["access-control-allow-origin"]).toBe(ORIGIN);
      }
    }
    const upload = `/users/${(await request(server, "POST", "/users", { body: { username: "open" } })).json.id}/avatar`;
    for (const type of [null, "application/json"])
      expect((await send(json, type, upload)).status, `upload of ${type}`).toBe(415);
    // Routes that need no body do not mind the type of an empty one.
    for (const type of ["text/plain", "application/json", "multipart/form-data; boundary=x", null])
      expect((await send("", type, "/auth/logout")).status, String(type)).toBe(200);
  });

  it("[HTTP9] an offer of another protocol is declined by answering the request, with and without a body", async () => {
    const room = await makeRoom(server);
    const body = '{"username":"upgraded"}';
    for (const upgrade of ["h2c", "TLS/1.0", "h2c, websocket", "nonsense"]) {
      const offer = [
        "Host: localhost",
        "Connection: Upgrade, HTTP2-Settings",
        `Upgrade: ${upgrade}`,
        "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA",
      ];
      const requests = [
        [["GET /health HTTP/1.1", ...offer, "", ""], '"status":"healthy"'],
        [
          ["POST /users HTTP/1.1", ...offer, `Content-Length: ${body.length}`, "", body],
          '"display_name":null',
        ],
        [["POST /users HTTP/1.1", ...offer, "Content-Length: 2", "", "{}"], '"code":"invalid_request"'],
        [[`GET /ws/${room}/x HTTP/1.1`, ...offer, "", ""], '"code":"not_found"'],
      ] as const;
      // One connection for all: it goes on as HTTP/1.1.
      const { socket, text } = await rawSocket(server);
      for (const [lines, answer] of requests) {
        socket.write(lines.join("\r\n"));
        await until(() => text().includes(answer), `${upgrade}: ${answer}`);
      }
      socket.destroy();
    }
  });

  it("[HTTP6] ids that a client makes are 1 to 128 of [A-Za-z0-9._:-], wherever they stand", async () => {
    const room = await makeRoom(server);
    const join = (userId: unknown) =>
      request(server, "POST", `/rooms/${room}/join`, { body: { user_id: userId } });
    const longest = `Aa9._:-${newId()}`.padEnd(128, "z");
    expect((await join(longest)).status).toBe(200);
    expect((await request(server, "GET", `/users/${longest}`)).json.id).toBe(longest);
    for (const bad of ["", "a b", "a/b", "ä", "a".repeat(129), "a\u0000", "a\n", 7, null, {}, undefined]) {
      expect((await join(bad)).status, String(bad)).toBe(422);
    }
    expect((await request(server, "POST", "/rooms", { body: { name: "x", created_by: "a b" } })).status).toBe(
      422,
    );
    expect((await request(server, "GET", "/users?before=%00")).status).toBe(422);
    expect((await request(server, "GET", "/rooms?before=%00")).status).toBe(422);
    expect((await request(server, "GET", "/rooms?category=%00")).json).toEqual([]);
  });

  it("[HTTP6] limit is clamped to 1..1000; what is no number is 422", async () => {
    await makeRoom(server);
    await makeRoom(server);
    for (const path of ["/rooms", "/users"]) {
      for (const few of ["1", "0", "-5", "0001"]) {
        expect((await request(server, "GET", `${path}?limit=${few}`)).json, few).toHaveLength(1);
      }
      expect((await request(server, "GET", `${path}?limit=999999`)).status).toBe(200);
      for (const bad of ["abc", "", "1.5", "1e3", "NaN", "1&limit=2", "%31x"]) {
        expect((await request(server, "GET", `${path}?limit=${bad}`)).status, bad).toBe(422);
      }
    }
  });

  it("[HTTP7] NUL and lone surrogates become U+FFFD in every text, and never a 5xx", async () => {
    const bad = "a\u0000b\ud800c";
    const good = "a\ufffdb\ufffdc";
    const guest = await makeGuest(server, `${bad}${newName()}`);
    const profile = await guest.request("PUT", `/users/${guest.id}/profile`, {
      body: {
        bio: bad,
        about_text: bad,
        avatar_url: `https://a.example/${bad}.png`,
        avatar_urls: { medium: `https://a.example/${bad}.png` },
      },
    });
    expect(profile.status).toBe(200);
    const user = (await request(server, "GET", `/users/${guest.id}`)).json;
    expect(user).toMatchObject({ bio: good, about_text: good, avatar_url: `https://a.example/${good}.png` });
    expect(user.username).toContain(good);
    expect(user.avatar_urls.medium).toContain(good);
    const room = await request(server, "POST", "/rooms", {
      body: {
        name: bad,
        description: bad,
        tags: [bad],
        category: bad,
        host: { id: newId(), username: bad, avatar_urls: { small: `https://a.example/${bad}` } },
      },
    });
    expect(room.json).toMatchObject({ name: good, description: good, tags: [good], category: good });
    expect(room.json.host).toMatchObject({
      username: good,
      avatar_urls: { small: `https://a.example/${good}` },
    });
    for (const [path, body] of [
      ["/auth/signup", { username: newName(), password: `${bad}longer`, email: "a\u0000@b.c" }],
      ["/auth/signup", { username: newName(), password: `${bad}longer`, email: "a\ud800@b.c" }],
      ["/auth/login", { username: bad, password: bad }],
      [`/rooms/${room.json.id}/verify-password`, { password: bad }],
      [`/rooms/${room.json.id}/join`, { user_id: newId(), username: bad, avatar_url: bad, password: bad }],
      ["/auth/magic-link/verify", { token: bad }],
    ] as const) {
      expect((await request(server, "POST", path, { body })).status, path).toBeLessThan(500);
    }
  });

  it("[HTTP4] JSON is private and varies by who asks; /auth is never stored", async () => {
    for (const path of ["/rooms", "/users", "/health", "/nowhere", `/users/${newId()}`]) {
      const { headers } = await request(server, "GET", path);
      expect(headers.get("cache-control"), path).toBe("private, no-cache");
      expect(headers.get("vary"), path).toBe("Origin, Cookie, Authorization");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
    }
    expect((await request(server, "GET", "/")).headers.get("vary")).toContain("Accept");
    for (const [method, path] of [
      ["GET", "/auth/me"],
      ["POST", "/auth/login"],
      ["POST", "/auth/logout"],
    ] as const) {
      expect((await request(server, method, path)).headers.get("cache-control"), path).toBe("no-store");
    }
  });

  it("[HTTP1] HEAD answers what GET does, without a body", async () => {
    const room = await makeRoom(server);
    const user = await makeGuest(server, newName());
    for (const path of [
      "/",
      "/health",
      "/rooms",
      `/rooms/${room}`,
      `/rooms/${room}/messages`,
      `/users/${user.id}`,
    ]) {
      const [head, get] = [await request(server, "HEAD", path), await request(server, "GET", path)];
      expect([path, head.status]).toEqual([path, get.status]);
      expect(head.text).toBe("");
      expect(head.headers.get("content-type")).toBe(get.headers.get("content-type"));
    }
  });

  it("[HTTP2] active_connections follows the sockets that are open", async () => {
    const room = await makeRoom(server);
    const [one, two] = [await openSocket(server, room, newId()), await openSocket(server, room, newId())];
    const count = async () => (await request(server, "GET", "/health")).json.active_connections;
    expect(await count()).toBe(2);
    await one.close();
    await two.close();
    await until(async () => (await count()) === 0, "no connection is counted");
  });
});
