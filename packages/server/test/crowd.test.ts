import { setImmediate as nextTurn } from "node:timers/promises";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import { makeRoom, newId, openSocket, request } from "./support/client.js";
import { createTestDatabase, describeWithDatabase, type TestDatabase } from "./support/database.js";
import { type DatabaseProxy, startDatabaseProxy } from "./support/database-proxy.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("a crowd at the door", () => {
  let database: TestDatabase;
  let proxy: DatabaseProxy;
  let server: TestServer;
  beforeAll(async () => {
    database = await createTestDatabase();
    proxy = await startDatabaseProxy(database.url);
    server = await startTestServer({}, { database: { ...database, url: proxy.url } });
  });
  afterAll(async () => {
    await server.close();
    await proxy.close();
    await database.drop();
  });

  /** Statements that the database got for a piece of work. */
  async function statementsOf<T>(work: () => Promise<T>): Promise<{ result: T; statements: number }> {
    const before = proxy.statements();
    const result = await work();
    return { result, statements: proxy.statements() - before };
  }

  it("[HTTP1] 1,000 people who come at once all get in; of 4,000 all beyond 2,000 that wait hear that it is busy, and when to come back", async ({
    signal,
  }) => {
    const come = async () =>
      await request(server, "POST", "/users", { body: { username: `Crowd ${newId()}` } });
    const first = await Promise.all(Array.from({ length: 1_000 }, come));
    expect(new Set(first.map(({ status }) => status))).toEqual(new Set([200]));

    // The database does nothing until the last of them was refused, and no time passes: it is certain how many wait.
    const release = proxy.hold();
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"],
    });
    onTestFinished(() => void vi.useRealTimers());
    let refused = 0;
    const coming = Array.from({ length: 4_000 }, async () => {
      const answer = await come();
      if (answer.status === 503) refused += 1;
      return answer;
    });
    // 2,000 wait, and up to 50 are on their way to the database.
    while (refused < 1_950 && !signal.aborted) await nextTurn();
    release();
    const answers = await Promise.all(coming);
    const made = answers.filter(({ status }) => status === 200);
    const busy = answers.filter(({ status }) => status === 503);
    expect(made.length + busy.length).toBe(4_000);
    expect(made.length).toBeGreaterThan(2_000);
    expect(made.length).toBeLessThanOrEqual(2_050);
    expect(new Set([...first, ...made].map(({ json }) => json.id)).size).toBe(1_000 + made.length);
    for (const { json, headers } of busy) {
      expect(json).toMatchObject({ code: "overloaded", retry: true });
      expect(headers.get("retry-after")).toBe("1");
    }
  });

  it("[OPS21] who comes back costs few statements, and no write", async () => {
    const room = await makeRoom(server);
    const user = await statementsOf(
      async () => await request(server, "POST", "/users", { body: { username: newId(), want_token: true } }),
    );
    const { id, token } = user.result.json;
    const join = await statementsOf(
      async () => await request(server, "POST", `/rooms/${room}/join`, { body: { user_id: id }, token }),
    );
    expect(join.result.status).toBe(200);
    const protocols = ["parlor.v1", `parlor.token.${token}`];
    const plain = await statementsOf(async () => await openSocket(server, room, id, { protocols }));
    const hello = await plain.result.next("user_joined");
    expect(hello.user_id).toBe(id);
    await plain.result.close();
    const back = await statementsOf(async () => {
      const socket = await openSocket(server, room, id, { protocols, query: { after: "0" } });
      await socket.next("synced");
      return socket;
    });
    await back.result.close();
    // Begin, the counter, the name, the user, its device, its token, commit.
    expect(user.statements).toBeLessThanOrEqual(7);
    // Who is who, that it has presented a session now, all that decides, the new member.
    expect(join.statements).toBeLessThanOrEqual(4);
    // Who is who, and all that decides; with a cursor the room's head.
    expect(plain.statements).toBeLessThanOrEqual(2);
    expect(back.statements).toBeLessThanOrEqual(3);
  });
});
