import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
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
