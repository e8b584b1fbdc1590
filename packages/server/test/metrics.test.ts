import { connect } from "node:net";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeRoom, newId, openSocket, request, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { openResumed, post, range } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("metrics", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ metricsPort: 0 });
  });
  afterAll(async () => {
    await server.close();
  });

  const endpoint = () => ({ url: `http://127.0.0.1:${server.metricsPort}` });

  /** The values by name, labels included. */
  async function read(): Promise<Map<string, number>> {
    const { status, text } = await request(endpoint(), "GET", "/metrics");
    expect(status).toBe(200);
    const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(" ")), Number(line.slice(line.lastIndexOf(" ")))]),
    );
  }

  it("[OPS20] counts what was stored, how it was committed, and when the sockets got it", async () => {
    const room = await makeRoom(server);
    const reader = await openSocket(server, room, newId());
    const before = await read();
    const author = newId();
    for (const number of range(1, 5)) await post(server, room, author, `m${number}`);
    await post(server, room, author, "again", { client_id: "once" });
    await post(server, room, author, "again", { client_id: "once" });
    await until(() => reader.frames.filter(({ type }) => type === "message").length === 6, "all messages");
    const after = await read();
    const grown = (name: string) => (after.get(name) ?? Number.NaN) - (before.get(name) ?? 0);
    expect(grown("parlor_messages_stored_total")).toBe(6);
    expect(grown("parlor_commit_batch_messages_sum")).toBe(6);
    // A repeat is a commit that stores nothing.
    expect(grown("parlor_commit_seconds_count")).toBe(7);
    expect(grown("parlor_commit_to_write_seconds_count")).toBeGreaterThan(0);
    expect(grown("parlor_commit_to_write_seconds_count")).toBeLessThanOrEqual(6);
    expect(grown("parlor_commit_to_write_seconds_sum")).toBeGreaterThan(0);
  });

  it("[OPS20] tells the sockets and rooms of the moment, and the replays", async () => {
    const before = await read();
    const room = await makeRoom(server);
    const sockets = [
      await openResumed(server, room, { user: newId(), after: 0 }),
      await openSocket(server, room, newId()),
    ];
    const during = await read();
    expect(during.get("parlor_connections")).toBe((before.get("parlor_connections") ?? 0) + 2);
    expect(during.get("parlor_rooms")).toBe((before.get("parlor_rooms") ?? 0) + 1);
    expect(during.get("parlor_replays_total")).toBe((before.get("parlor_replays_total") ?? 0) + 1);
    expect(during.get("parlor_unsent_bytes")).toBe(0);
    for (const socket of sockets) socket.close();
    await until(
      async () => (await read()).get("parlor_rooms") === before.get("parlor_rooms"),
      "the room is empty",
    );
  });

  it("[OPS20] tells what the process uses, and how late the event loop is", async () => {
    const values = await read();
    expect(values.get("process_cpu_seconds_total")).toBeGreaterThan(0);
    expect(values.get("process_resident_memory_bytes")).toBeGreaterThan(0);
    expect(values.has("nodejs_eventloop_lag_p99_seconds")).toBe(true);
  });

  it("[OPS20] answers nothing else, and nobody else", async () => {
    expect((await request(endpoint(), "GET", "/")).status).toBe(404);
    expect((await request(endpoint(), "POST", "/metrics")).status).toBe(404);
    expect((await request(server, "GET", "/metrics")).status).toBe(404);
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect(server.metricsPort ?? 0, "127.0.0.2");
      socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
      socket.once("connect", () => socket.destroy());
    });
    expect(reached).toBe(false);
  });

  it("[OPS20] is off unless METRICS_PORT is set", async () => {
    const plain = await startTestServer();
    expect(plain.metricsPort).toBeUndefined();
    await plain.close();
  });
});
