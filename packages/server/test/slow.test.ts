import { afterAll, beforeAll, expect, it } from "vitest";
import { makeRoom, newId, openSocket, request, type Socket, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { fillRoom, numbersOf, openResumed, range, slowCloses } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

/** Messages of a sender that wait for their acknowledgement. */
const AHEAD = 2_000;

describeWithDatabase("slow readers", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  /** Sends messages as fast as they are stored, up to a number. */
  async function flow(sender: Socket, first: number, last: number, content: string): Promise<void> {
    const acknowledged = () => sender.frames.length;
    const before = acknowledged();
    for (let n = first; n <= last; n += 1) {
      sender.send({ content });
      if (n - first + 1 - (acknowledged() - before) >= AHEAD)
        await until(
          () => n - first + 1 - (acknowledged() - before) < AHEAD / 2,
          "messages are stored",
          60_000,
        );
    }
    await until(() => numbersOf(sender.frames).at(-1) === last, `message ${last} is stored`, 60_000);
  }

  it("[WS11] [REL7] one that stops reading while 50,000 messages flow is closed with 4008 and ends contiguous", async () => {
    const room = await makeRoom(server);
    const user = newId();
    const slow = await openResumed(server, room, { user });
    const reader = await openResumed(server, room);
    const sender = await openResumed(server, room);
    slow.ws.pause();
    const since = performance.now();
    const total = 50_000;
    await flow(
      sender,
      1,
      total,
      "a line of about one hundred letters, as people write them in a room where much is going on, all day.",
    );
    expect(numbersOf(reader.frames)).toEqual(range(1, total));
    slow.ws.resume();
    const { code } = await slow.closed;
    expect(slowCloses(since)).toContain(code);
    const seen = numbersOf(slow.frames);
    const cursor = seen.at(-1) ?? 0;
    expect(cursor).toBeLessThan(total);
    expect(seen).toEqual(range(1, cursor));
    const resumed = await openSocket(server, room, user, { query: { after: cursor } });
    // A heartbeat may stand behind it.
    const synced = () => resumed.frames.find(({ type }) => type === "synced");
    await until(() => synced() !== undefined, "the replay is complete", 30_000);
    expect(numbersOf(resumed.frames)).toEqual(range(cursor + 1, total));
    expect(synced()).toMatchObject({ head_seq: total, count: total - cursor });
    await Promise.all([reader, sender, resumed].map((socket) => socket.close()));
  }, 120_000);

  it("[WS11] [REL7] a hundred that stop at once delay nobody, and each ends contiguous", async () => {
    const room = await makeRoom(server);
    const slow = await Promise.all(range(1, 100).map(() => openResumed(server, room)));
    const reader = await openResumed(server, room);
    const sender = await openResumed(server, room);
    for (const { ws } of slow) ws.pause();
    const since = performance.now();
    const total = 70;
    await flow(sender, 1, total, "字".repeat(100_000));
    expect(numbersOf(reader.frames)).toEqual(range(1, total));
    for (const { ws } of slow) ws.resume();
    for (const socket of slow) {
      const { code } = await socket.closed;
      expect(slowCloses(since)).toContain(code);
      const cursor = numbersOf(socket.frames).length;
      expect(numbersOf(socket.frames)).toEqual(range(1, cursor));
    }
    const resumed = await openResumed(server, room, { after: 20 });
    expect(numbersOf(resumed.frames)).toEqual(range(21, total));
    await Promise.all([reader, sender, resumed].map((socket) => socket.close()));
  }, 120_000);

  it("[WS13] long and short messages come whole to many who resume at once, while one of them does not read", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 1_200, "short");
    const sender = await openResumed(server, room, { after: 1_200 });
    await flow(sender, 1_201, 1_230, "字".repeat(100_000));
    const still = await openSocket(server, room, newId(), { query: { after: 0 } });
    still.ws.pause();
    const all = await Promise.all(range(1, 12).map(() => openResumed(server, room)));
    for (const socket of all) expect(numbersOf(socket.frames)).toEqual(range(1, 1_230));
    still.ws.resume();
    await still.next("synced");
    expect(numbersOf(still.frames)).toEqual(range(1, 1_230));
    await Promise.all([still, sender, ...all].map((socket) => socket.close()));
  });

  it("[MSG20] a page of changes holds about 1 MiB of text, at least one message, and `X-Next-After` goes on", async () => {
    const room = await makeRoom(server);
    await fillRoom(server, room, 40, "字".repeat(100_000));
    const seen: number[] = [];
    const sizes: number[] = [];
    for (let after = 0; ; ) {
      const page = await request(server, "GET", `/rooms/${room}/messages?after=${after}&limit=1000`);
      if (page.json.length === 0) break;
      sizes.push(page.json.length);
      seen.push(...page.json.map(({ updated_seq }: { updated_seq: number }) => updated_seq));
      after = Number(page.headers.get("x-next-after"));
      expect(after).toBe(seen.at(-1));
    }
    expect(seen).toEqual(range(1, 40));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
    expect(Math.min(...sizes)).toBeGreaterThan(0);
  });
});
