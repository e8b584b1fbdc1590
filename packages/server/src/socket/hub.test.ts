import { Duplex } from "node:stream";
import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { WebSocket } from "ws";
import { roomFrame } from "../bus/frame.js";
import { noMetrics } from "../metrics/metrics.js";
import { Connection } from "./connection.js";
import { createHub } from "./hub.js";
import { createBacklog } from "./outbound.js";

/** Milliseconds that each write to a socket takes here. */
const WRITE = 1;

test("[WS12] rooms that are written at one time leave turns of the loop to all else, and each gets its frame", async () => {
  const hub = createHub(noMetrics, { utilization: () => 0 });
  const backlog = createBacklog();
  const ws = { readyState: 1, OPEN: 1, once() {}, on() {} } as unknown as WebSocket;
  const written = new Map<string, number>();
  const rooms = Array.from({ length: 200 }, (_, index) => `r${index}`);
  for (const room of rooms) {
    const socket = new Duplex({
      read() {},
      write(_chunk, _, done) {
        const end = performance.now() + WRITE;
        while (performance.now() < end);
        written.set(room, (written.get(room) ?? 0) + 1);
        done();
      },
    });
    const peer = {
      userId: "alice",
      username: "alice",
      deviceIds: new Set<string>(),
      base: "http://parlor.test",
    };
    hub.join(room, new Connection(ws, socket, peer, { resume: true, backlog }));
  }
  for (const room of rooms) hub.deliver(room, roomFrame({ type: "pong" }));
  let turns = 0;
  while (written.size < rooms.length && turns < 1_000) {
    await nextTurn();
    turns += 1;
  }
  backlog.close();
  expect([...written.values()]).toEqual(rooms.map(() => 1));
  // Two milliseconds of each turn: two or three rooms; of many turns, since one that was kept waiting writes more.
  expect(turns).toBeGreaterThan(50);
});
