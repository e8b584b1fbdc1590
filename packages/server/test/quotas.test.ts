import { afterAll, beforeAll, expect, it } from "vitest";
import {
  HandshakeRefused,
  makeAccount,
  makeRoom,
  newId,
  newName,
  openSocket,
  PASSWORD,
  type RequestOptions,
  request,
} from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { startTestServer, type TestServer } from "./support/server.js";

/** Runs `count` times, `atOnce` side by side. */
async function many<T>(count: number, atOnce: number, run: (at: number) => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  let next = 0;
  const worker = async () => {
    while (next < count) results.push(await run(next++));
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return results;
}

describeWithDatabase("quotas", () => {
  let database: TestDatabase;
  let server: TestServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    server = await startTestServer({ rateLimit: true, trustProxy: true }, { database });
  });
  afterAll(async () => {
    await server.close();
    await database.drop();
  });

  let addresses = 0;
  /** Headers of an address of its own. */
  const from = (address = `10.0.0.${++addresses}`) => ({ "x-forwarded-for": `spoofed, ${address}` });
  const login = (username: string, password: string, headers: Record<string, string>) =>
    request(server, "POST", "/auth/login", { body: { username, password }, headers });
  /** The texts of errors among answers, so that a failure shows them. */
  const refusals = (answers: { status: number; text: string }[]) =>
    answers.filter(({ status }) => status !== 200).map(({ text }) => text);
  const byStatus = (answers: { status: number }[], status: number) =>
    answers.filter((answer) => answer.status === status).length;

  it("[HTTP5] 1,000 requests and 300 sockets of one address pass, and then it is 429 with CORS", async () => {
    const headers = { "x-forwarded-for": "192.0.2.1" };
    const room = await makeRoom(server);
    const paths = [`/rooms/${room}/messages?limit=100`, "/nowhere", "/_debug"];
    const answers = await many(1_000, 40, (at) => request(server, "GET", paths[at % 3] ?? "", { headers }));
    expect(byStatus(answers, 429)).toBe(0);
    const last = answers.at(-1);
    expect(Number(last?.headers.get("x-ratelimit-limit"))).toBeGreaterThanOrEqual(1_000);
    expect(Number(last?.headers.get("x-ratelimit-remaining"))).toBeGreaterThan(0);
    expect(Number(last?.headers.get("x-ratelimit-reset"))).toBeGreaterThan(0);
    const sockets = await many(300, 20, async () => await openSocket(server, room, newId()));
    expect(sockets).toHaveLength(300);
    await Promise.all(sockets.map((socket) => socket.close()));

    const origin = "http://localhost:3000";
    let refused: Awaited<ReturnType<typeof request>> | undefined;
    for (let round = 0; round < 40 && refused?.status !== 429; round++) {
      await many(100, 40, () => request(server, "GET", "/_debug", { headers }));
      refused = await request(server, "GET", "/nowhere", { headers, origin });
    }
    expect(refused?.json).toMatchObject({ code: "rate_limited", retry: true });
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(refused?.headers.get("access-control-allow-origin")).toBe(origin);
    // What monitors ask is free, and others are not concerned.
    for (const path of ["/health", "/"]) {
      const free = await request(server, "GET", path, { headers });
      expect([path, free.status, free.headers.get("x-ratelimit-limit")]).toEqual([path, 200, null]);
    }
    expect((await request(server, "GET", "/rooms", { headers: from() })).status).toBe(200);
  }, 120_000);

  it("[HTTP5] one wrong login after the other is 429 within 40 tries, for the right password too", async () => {
    const account = await makeAccount(server, newName(), { headers: from() });
    const headers = from();
    const answers: { status: number; headers: Headers }[] = [];
    for (let at = 0; at < 40; at++) answers.push(await login(account.name, `wrong ${at}`, headers));
    const refused = answers.find(({ status }) => status === 429);
    expect(Number(refused?.headers.get("retry-after"))).toBeGreaterThanOrEqual(1);
    expect(byStatus(answers, 401) + byStatus(answers, 429)).toBe(40);
    expect((await login(account.name, PASSWORD, headers)).status).toBe(429);
    // Nobody is locked out from elsewhere, nor another account from there.
    expect((await login(account.name, PASSWORD, from())).status).toBe(200);
    const other = await makeAccount(server, newName(), { headers: from() });
    expect((await login(other.name, PASSWORD, headers)).status).toBe(200);
  });

  it("[HTTP5] wrong logins side by side gain no tries over those one after the other", async () => {
    const account = await makeAccount(server, newName(), { headers: from() });
    const headers = from();
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, at) => login(account.name, `wrong ${at}`, headers)),
    );
    expect(byStatus(answers, 401)).toBeLessThanOrEqual(11);
    expect(byStatus(answers, 401) + byStatus(answers, 429)).toBe(40);
  });

  it("[HTTP5] trying many names from one address is 429 as well, and IPv6 counts by its /64", async () => {
    const statuses: number[] = [];
    for (let at = 0; at < 40; at++) {
      const headers = from(`2001:db8:0:1:${at.toString(16)}::1`);
      statuses.push((await login(newName(), "wrong", headers)).status);
    }
    expect(statuses).toContain(429);
    expect(statuses.slice(0, 20)).not.toContain(429);
  });

  it("[HTTP5] a class that logs in and opens a password room at once from one address all passes", async () => {
    const headers = from();
    const pupils = await many(40, 8, () => makeAccount(server, newName(), { headers: from() }));
    const logins = await Promise.all(pupils.map(({ name }) => login(name, PASSWORD, headers)));
    expect(refusals(logins)).toEqual([]);
    const room = await makeRoom(server, { privacy: "password", password: "secret" });
    const joins = await Promise.all(
      pupils.map((_pupil) =>
        request(server, "POST", `/rooms/${room}/join`, {
          body: { user_id: newId(), password: "secret" },
          headers,
        }),
      ),
    );
    expect(refusals(joins)).toEqual([]);
    const [one] = pupils;
    const again = await many(40, 4, () => login(one?.name ?? "", PASSWORD, headers));
    expect(refusals(again)).toEqual([]);
  });

  it("[HTTP5] a room's password, a current password and a sign-in link are guarded the same way", async () => {
    const room = await makeRoom(server, { privacy: "password", password: "secret" });
    const account = await makeAccount(server, newName(), { headers: from() });
    const guess = (method: string, path: string, body: unknown, options: RequestOptions = {}) => {
      const headers = from();
      return many(40, 1, () => request(server, method, path, { body, headers, ...options }));
    };
    for (const [wrong, answers] of [
      [403, await guess("POST", `/rooms/${room}/verify-password`, { password: "x" })],
      [403, await guess("POST", `/rooms/${room}/join`, { user_id: newId(), password: "x" })],
      [
        403,
        await guess("POST", `/rooms/${room}/messages`, { user_id: newId(), content: "x", password: "x" }),
      ],
      [
        403,
        await guess(
          "PUT",
          `/users/${account.id}/password`,
          { new_password: "long enough", current_password: "x" },
          account,
        ),
      ],
      [401, await guess("POST", "/auth/magic-link/verify", { token: "x" })],
    ] as const) {
      expect(byStatus([...answers], wrong)).toBeLessThanOrEqual(12);
      expect(byStatus([...answers], 429)).toBeGreaterThanOrEqual(28);
    }
  });

  it("[HTTP5] sockets of one address have a quota too; RATE_LIMIT=off ends all of them", async () => {
    const off = await startTestServer({ rateLimit: false }, { database });
    const wrong = { body: { username: "nobody", password: "wrong" } };
    const answers = await many(45, 4, () => request(off, "POST", "/auth/login", wrong));
    expect(byStatus(answers, 401)).toBe(45);
    const free = await many(1_700, 40, () => request(off, "GET", "/_debug"));
    expect(byStatus(free, 200)).toBe(1_700);
    expect(free[0]?.headers.get("x-ratelimit-limit")).toBeNull();
    await off.close();
    // Handshakes count before anything else is asked, also those of unknown rooms.
    const refusals = await many(1_200, 40, async () => {
      try {
        await openSocket(server, newId(), newId());
        return 101;
      } catch (error) {
        return error instanceof HandshakeRefused ? error.status : 0;
      }
    });
    expect(refusals).toContain(429);
  }, 120_000);
});
