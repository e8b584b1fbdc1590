import { once } from "node:events";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { pino } from "pino";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { createPeerWatch, startHeartbeats } from "./heartbeat.js";

const ended: (() => void)[] = [];
afterEach(() => {
  for (const end of ended.splice(0)) end();
});

/** The two ends of a connection; what the far one answers is up to it. */
async function pair() {
  const http = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
  await once(http, "listening");
  const far = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}`);
  const [[ws, request]] = await Promise.all([once(http, "connection"), once(far, "open")]);
  ended.push(() => {
    far.terminate();
    http.close();
    ws.terminate();
  });
  return { far, ws: ws as WebSocket, socket: request.socket };
}

test("[WS17] a peer that answers no ping is ended, one that answers stays", async () => {
  const watch = createPeerWatch({ pingEvery: 500, lookEvery: 100 });
  ended.push(() => watch.stop());
  const [silent, alive] = await Promise.all([pair(), pair()]);
  silent.far.pause();
  let pings = 0;
  alive.far.on("ping", () => {
    pings += 1;
  });
  watch.watch(silent.ws, silent.socket);
  watch.watch(alive.ws, alive.socket);
  await once(silent.ws, "close");
  await expect.poll(() => pings, { timeout: 20_000 }).toBeGreaterThan(3);
  expect(alive.ws.readyState).toBe(WebSocket.OPEN);
}, 30_000);

test("[WS17] a peer is pinged every 30 seconds, and ended when the next ping is due and nothing came since", () => {
  vi.useFakeTimers();
  ended.push(() => void vi.useRealTimers());
  const watch = createPeerWatch();
  ended.push(() => watch.stop());
  const pings: number[] = [];
  const ends: number[] = [];
  const started = performance.now();
  const at = () => performance.now() - started;
  const ws = { on() {}, ping: () => pings.push(at()), terminate: () => ends.push(at()) };
  const socket = { bytesRead: 0 };
  watch.watch(ws as unknown as WebSocket, socket as unknown as Duplex);
  for (let round = 1; round <= 4; round += 1) {
    vi.advanceTimersByTime(30_000);
    // The answer to its ping, or anything else.
    socket.bytesRead += 6;
  }
  const [first = 0] = pings;
  expect(pings).toEqual([first, first + 30_000, first + 60_000, first + 90_000]);
  expect(ends).toEqual([]);
  vi.advanceTimersByTime(60_000);
  expect(ends[0]).toBe(first + 150_000);
  expect(pings).toHaveLength(5);
});

test("[WS17] of 3,000 that came at once ten are pinged in each tenth of a second", () => {
  vi.useFakeTimers();
  ended.push(() => void vi.useRealTimers());
  const watch = createPeerWatch();
  ended.push(() => watch.stop());
  let pings = 0;
  const ping = () => {
    pings += 1;
  };
  const ws = { on() {}, ping } as unknown as WebSocket;
  for (let peer = 0; peer < 3_000; peer += 1) watch.watch(ws, { bytesRead: 0 } as unknown as Duplex);
  for (let round = 1; round <= 300; round += 1) {
    vi.advanceTimersByTime(100);
    expect(pings).toBe(round * 10);
  }
});

/** Heartbeats of three rooms whose heads are answered when the test says so. */
function beatRooms() {
  vi.useFakeTimers();
  ended.push(() => void vi.useRealTimers());
  const answers: (() => void)[] = [];
  const beaten: string[] = [];
  const ids = ["attic", "hall", "lobby"];
  let onBeat = () => {};
  const parts = {
    hub: {
      roomsToBeat: () => ids,
      profilesTold: () => 0,
      deliver(roomId: string) {
        beaten.push(roomId);
        onBeat();
      },
    },
    presence: { settle: () => ({ count: 0, hash: 0 }) },
    rooms: {
      heads: () =>
        new Promise((resolve) =>
          answers.push(() => resolve(new Map(ids.map((id): [string, number] => [id, 1])))),
        ),
    },
    messages: { catchUp: async () => {} },
    log: pino({ level: "silent" }),
  } as unknown as Parameters<typeof startHeartbeats>[0];
  const beats = startHeartbeats(parts);
  ended.push(() => beats.stop());
  return {
    answers,
    beaten,
    stopAt(count: number) {
      onBeat = () => {
        if (beaten.length === count) beats.stop();
      };
    },
  };
}

test("[WS4] while the database does not answer for one round of heartbeats, no other begins", async () => {
  const { answers, beaten } = beatRooms();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(answers).toHaveLength(1);
  answers[0]?.();
  await vi.advanceTimersByTimeAsync(0);
  expect(beaten).toEqual(["attic", "hall", "lobby"]);
  await vi.advanceTimersByTimeAsync(4_000);
  expect(answers).toHaveLength(2);
});

test("[WS4] heartbeats that are stopped in the middle of a round end there", async () => {
  const { answers, beaten, stopAt } = beatRooms();
  await vi.advanceTimersByTimeAsync(4_000);
  stopAt(1);
  answers[0]?.();
  await vi.advanceTimersByTimeAsync(30_000);
  expect(beaten).toEqual(["attic"]);
  expect(answers).toHaveLength(1);
});
