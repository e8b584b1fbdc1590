import { afterAll, beforeAll, expect, it } from "vitest";
import { makeRoom, newId, openSocket, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { numbersOf, openResumed, post, range } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("bounds of a socket", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer({ rateLimit: true });
  });
  afterAll(async () => {
    await server.close();
  });

  it("[WS10] 1,000 frames at once, then `rate_limited`, and 4429 after 5,000 refused ones", async () => {
    const room = await makeRoom(server);
    const socket = await openSocket(server, room, newId());
    const other = await openSocket(server, room, newId());
    for (let n = 0; n < 1_000; n++) socket.send({ type: "keep_alive" });
    socket.send({ type: "ping" });
    for (let n = 0; n < 9_000; n++) socket.send({ type: "keep_alive", client_id: "over" });
    const error = await socket.next("error");
    expect(error).toMatchObject({ code: "rate_limited", retry: true });
    expect((await socket.closed).code).toBe(4429);
    expect(socket.frames.filter(({ type }) => type === "error")).toHaveLength(5_000);
    expect(socket.frames.at(-1)).toMatchObject({ client_id: "over" });
    other.send({ content: "others go on" });
    await other.next("message");
    await other.close();
  });

  it("[WS11] who stops reading is closed with 4008, delays nobody, and resumes without a gap", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const slow = await openResumed(server, room, { user });
    const reader = await openResumed(server, room);
    const sender = await openSocket(server, room, newId());
    slow.ws.pause();
    const total = 120;
    for (let n = 1; n <= total; n++) {
      sender.send({ content: "字".repeat(100_000), client_id: `c${n}` });
      if (n % 10 === 0) await reader.next("message", ({ seq }) => seq === n);
    }
    expect(numbersOf(reader.frames)).toEqual(range(1, total));
    slow.ws.resume();
    expect((await slow.closed).code).toBe(4008);
    const seen = numbersOf(slow.frames);
    const cursor = seen.at(-1) ?? 0;
    expect(cursor).toBeLessThan(total);
    expect(seen).toEqual(range(1, cursor));
    const resumed = await openResumed(server, room, { user, after: cursor });
    await post(server, room, user, "last");
    await until(() => numbersOf(resumed.frames).includes(total + 1), "the last message came");
    expect(numbersOf(resumed.frames)).toEqual(range(cursor + 1, total + 1));
    await Promise.all([reader, sender, resumed].map((socket) => socket.close()));
  });
});
