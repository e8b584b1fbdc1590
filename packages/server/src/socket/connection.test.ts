import { Duplex } from "node:stream";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { WebSocket } from "ws";
import { roomFrame } from "../bus/frame.js";
import { Connection } from "./connection.js";
import { createBacklog } from "./outbound.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A connection, and what it does to its socket. */
function connect() {
  const done: (number | "ended")[] = [];
  let onClose = () => {};
  const ws = {
    readyState: 1,
    OPEN: 1,
    once: (_: string, listener: () => void) => {
      onClose = listener;
    },
    close: (code: number) => void done.push(code),
    terminate: () => void done.push("ended"),
  } as unknown as WebSocket;
  const socket = new Duplex({ read() {}, write: (_chunk, _encoding, taken) => taken() });
  const backlog = createBacklog();
  const peer = { userId: "ann", username: "Ann", deviceIds: new Set<string>(), base: "" };
  const connection = new Connection(ws, socket, peer, { resume: true, backlog });
  return { connection, done, peerCloses: () => onClose() };
}

test("[WS11] a socket that does not take its close frame is ended after 10 seconds", () => {
  const { connection, done } = connect();
  connection.close("too_slow");
  expect(done).toEqual([4008]);
  vi.advanceTimersByTime(9_999);
  expect(done).toEqual([4008]);
  vi.advanceTimersByTime(1);
  expect(done).toEqual([4008, "ended"]);
});

test("[WS11] one that takes it is left alone", () => {
  const { connection, done, peerCloses } = connect();
  connection.close("too_slow");
  peerCloses();
  vi.advanceTimersByTime(60_000);
  expect(done).toEqual([4008]);
});

const pong = roomFrame({ type: "pong" });
const logged = (seq: number) => roomFrame({ type: "pong" }, { seq });

test("[WS11] 5,000 live frames wait for the end of a replay; the next one closes with 4008", () => {
  const { connection, done } = connect();
  connection.hold();
  for (let n = 0; n < 5_000; n += 1) connection.keep(pong);
  expect(done).toEqual([]);
  connection.keep(pong);
  expect(done).toEqual([4008]);
});

test("[WS11] 1 MiB of live frames waits for the end of a replay; one that goes beyond it closes with 4008", () => {
  const { connection, done } = connect();
  const units = 64 * 1024;
  const large = { ...pong, json: "x".repeat(units) };
  connection.hold();
  for (let held = 0; held < 1024 * 1024; held += units) connection.keep(large);
  expect(done).toEqual([]);
  connection.keep(pong);
  expect(done).toEqual([4008]);
});

test("[WS11] frames of the log that find no room during a replay close nothing: the replay reads them", () => {
  const { connection, done } = connect();
  connection.hold();
  for (let n = 1; n <= 5_000; n += 1) connection.keep(logged(n));
  expect(connection.takeMissedLog()).toBe(false);
  connection.keep(logged(5_001));
  expect(connection.takeMissedLog()).toBe(true);
  // Since the replay reads those that were held as well, there is room again.
  connection.keep(pong);
  expect(done).toEqual([]);
});
