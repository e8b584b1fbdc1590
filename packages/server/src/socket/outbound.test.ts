import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { Duplex } from "node:stream";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { Connection } from "./connection.js";
import { type Backlog, createBacklog, Outbound } from "./outbound.js";
import { textFrame } from "./wire.js";

/** More than the system takes on its own for one connection. */
const MUCH = 8 * 1024 * 1024;
const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** The two ends of a connection; the far one does not read. */
async function pair(): Promise<{ near: Socket; far: WebSocket; ws: WebSocket }> {
  const http = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(http, "listening");
  const far = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const [[ws, request]] = await Promise.all([once(http, "connection"), once(far, "open")]);
  far.pause();
  ended.push(() => {
    far.terminate();
    http.close();
    ws.terminate();
  });
  return { near: request.socket, far, ws };
}

function backlogOf(options: Parameters<typeof createBacklog>[0]): Backlog {
  const backlog = createBacklog(options);
  ended.push(() => backlog.close());
  return backlog;
}

const peer = { userId: "u", username: "u", deviceIds: new Set<string>(), base: "" };

/** Sends so much that the system takes no more. */
function block(connection: Connection): void {
  connection.write(textFrame("x".repeat(MUCH)));
}

/** Sends `bytes` that wait. */
function fill(connection: Connection, bytes: number): void {
  for (let sent = 0; sent < bytes; sent += 1_000) connection.write(textFrame("y".repeat(1_000)));
}

test("[WS11] beyond the bound of all sockets the slowest are closed with 4008, until a quarter is free", async () => {
  const backlog = backlogOf({ inAll: 410_000 });
  const pairs = await Promise.all([pair(), pair(), pair()]);
  const [small, large, last] = pairs.map(
    ({ ws, near }) => new Connection(ws, near, peer, { resume: true, backlog }),
  );
  if (!small || !large || !last) throw new Error("three were made");
  for (const connection of [small, large, last]) block(connection);
  fill(small, 50_000);
  fill(large, 200_000);
  expect([small.closed, large.closed]).toEqual([false, false]);
  fill(last, 140_000);
  expect([small.closed, large.closed, last.closed]).toEqual([false, false, false]);
  fill(last, 20_000);
  expect([small.closed, large.closed, last.closed]).toEqual([false, true, false]);
  expect(backlog.bytes).toBeLessThan(300_000);
  const closed = once(pairs[1]?.far ?? small, "close") as Promise<[number]>;
  pairs[1]?.far.resume();
  expect((await closed)[0]).toBe(4008);
});

test("[WS11] a socket that takes nothing of what waits is closed with 4008; one that takes some stays", async () => {
  const backlog = backlogOf({ stalledAfter: 300, lookEvery: 20 });
  const [still, slow] = [await pair(), await pair()];
  const stalled = new Connection(still.ws, still.near, peer, { resume: true, backlog });
  const reading = new Connection(slow.ws, slow.near, peer, { resume: true, backlog });
  block(stalled);
  block(reading);
  fill(stalled, 1_000);
  fill(reading, 1_000_000);
  slow.far.resume();
  const ready = stalled.ready();
  expect(await reading.ready()).toBe(true);
  expect(await ready).toBe(false);
  expect([stalled.closed, reading.closed]).toEqual([true, false]);
  expect(backlog.bytes).toBe(0);
});

test("[WS11] a replay whose socket takes nothing is ended as well, though no frame waits behind its page", async () => {
  const backlog = backlogOf({ stalledAfter: 100, lookEvery: 20 });
  const { ws, near } = await pair();
  const connection = new Connection(ws, near, peer, { resume: true, backlog });
  block(connection);
  expect(backlog.bytes).toBe(0);
  expect(await connection.ready()).toBe(false);
  expect(connection.closed).toBe(true);
});

test("[WS11] what waited goes out whole and in order when the peer reads again", async () => {
  const backlog = backlogOf({});
  const { ws, near, far } = await pair();
  const connection = new Connection(ws, near, peer, { resume: true, backlog });
  block(connection);
  for (let n = 0; n < 20_000; n += 1) connection.write(textFrame(`${n}`));
  expect(backlog.bytes).toBeGreaterThan(0);
  const got: string[] = [];
  far.on("message", (data) => got.push(String(data)));
  far.resume();
  expect(await connection.ready()).toBe(true);
  connection.closeWith(1012, "");
  await once(far, "close");
  expect(got.slice(1)).toEqual(Array.from({ length: 20_000 }, (_, n) => `${n}`));
  expect(backlog.bytes).toBe(0);
});

test("[WS11] after its end nothing waits for a socket", async () => {
  const backlog = backlogOf({});
  const { ws, near } = await pair();
  const outbound = new Outbound({ socket: near, backlog, owner: { isOpen: true, tooSlow: () => {} } });
  outbound.write(Buffer.alloc(MUCH));
  outbound.write(Buffer.alloc(1_000));
  expect(backlog.bytes).toBe(1_016);
  const drained = outbound.drained();
  ws.terminate();
  await drained;
  expect(backlog.bytes).toBe(0);
});

const MIB = 1024 * 1024;
/** Waits for many sockets at no cost but a reference each. */
const ONE_MIB = Buffer.alloc(MIB);

/** The way out of a socket that takes nothing until the test says so, on the test's own clock. */
function stuck(backlog: Backlog) {
  let took = () => {};
  const socket = new Duplex({
    read() {},
    write(_chunk, _encoding, done) {
      took = done;
    },
  });
  const owner = {
    isOpen: true,
    tooSlow() {
      owner.isOpen = false;
      outbound.drop();
    },
  };
  const outbound = new Outbound({ socket, backlog, owner });
  outbound.write(Buffer.alloc(socket.writableHighWaterMark));
  return {
    owner,
    wait: (bytes: Buffer, times = 1): void => {
      for (let n = 0; n < times && owner.isOpen; n += 1) outbound.write(bytes);
    },
    async takeSome(): Promise<void> {
      const drained = once(socket, "drain");
      took();
      await drained;
    },
  };
}

/** From here on the clock stands until the test moves it. */
function stopClock(): void {
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval"] });
  ended.push(() => void vi.useRealTimers());
}

test("[WS11] with more than 4 MiB waiting it must have taken something within a second, with 4 MiB it need not", () => {
  stopClock();
  const backlog = backlogOf({});
  const [more, enough] = [stuck(backlog), stuck(backlog)];
  more.wait(ONE_MIB, 5);
  enough.wait(ONE_MIB, 3);
  vi.advanceTimersByTime(1_000);
  more.wait(Buffer.alloc(1));
  expect(more.owner.isOpen).toBe(true);
  vi.advanceTimersByTime(1);
  more.wait(Buffer.alloc(1));
  enough.wait(ONE_MIB);
  expect([more.owner.isOpen, enough.owner.isOpen]).toEqual([false, true]);
  enough.wait(Buffer.alloc(1));
  expect(enough.owner.isOpen).toBe(false);
});

test("[WS11] one that took something within the second stays, with up to 16 MiB waiting", async () => {
  stopClock();
  const backlog = backlogOf({});
  const slow = stuck(backlog);
  slow.wait(ONE_MIB, 10);
  vi.advanceTimersByTime(1_500);
  await slow.takeSome();
  vi.advanceTimersByTime(1_000);
  // One was handed over.
  slow.wait(ONE_MIB, 7);
  expect(slow.owner.isOpen).toBe(true);
  slow.wait(Buffer.alloc(1));
  expect(slow.owner.isOpen).toBe(false);
});

test("[WS11] one for which anything waits must take some of it within 30 seconds", async () => {
  stopClock();
  const backlog = backlogOf({});
  const [still, slow] = [stuck(backlog), stuck(backlog)];
  still.wait(Buffer.alloc(1));
  slow.wait(ONE_MIB, 3);
  vi.advanceTimersByTime(10_000);
  await slow.takeSome();
  vi.advanceTimersByTime(20_000);
  expect([still.owner.isOpen, slow.owner.isOpen]).toEqual([true, true]);
  // Looked at every five seconds.
  vi.advanceTimersByTime(5_000);
  expect([still.owner.isOpen, slow.owner.isOpen]).toEqual([false, true]);
});

test("[WS11] 128 MiB may wait for all together, what several wait for counted once; then until 96 MiB are left", () => {
  stopClock();
  const backlog = backlogOf({});
  const shared = Array.from({ length: 40 }, () => stuck(backlog));
  for (const outbound of shared) outbound.wait(ONE_MIB, 8);
  expect(backlog.bytes).toBeLessThan(2 * MIB);
  expect(shared.every(({ owner }) => owner.isOpen)).toBe(true);
  for (const { owner } of shared) owner.tooSlow();

  const own = Array.from({ length: 12 }, () => stuck(backlog));
  for (const outbound of own) outbound.wait(Buffer.allocUnsafeSlow(10 * MIB));
  const most = stuck(backlog);
  most.wait(Buffer.allocUnsafeSlow(8 * MIB - 1_024));
  expect([...own, most].every(({ owner }) => owner.isOpen)).toBe(true);
  most.wait(Buffer.allocUnsafeSlow(3 * MIB));
  // 131 MiB without the one for which 11 waited, and three of those for which 10 did.
  expect(most.owner.isOpen).toBe(false);
  expect(own.filter(({ owner }) => owner.isOpen)).toHaveLength(9);
  expect(backlog.bytes).toBeLessThanOrEqual(96 * MIB);
});
