import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { fillRoom } from "../../server/test/support/room.js";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import type { RoomClient } from "../src/index.js";
import { startProxy, type TestProxy } from "./support/proxy.js";
import { enter, type Guest, makeGuest, until, untilStatus } from "./support/talk.js";

vi.setConfig({ testTimeout: 90_000 });

let server: TestServer;
let proxy: TestProxy;
let alice: Guest;
const open = new Set<RoomClient>();

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startProxy(server.port);
  alice = await makeGuest(server.url, "Alice");
});
afterEach(() => {
  for (const room of open) room.close();
  open.clear();
  proxy.refuseAll(false);
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

/** A room with a client that was there, and is cut off now while the room goes on to `count` messages. */
async function absent(count: number, options: Parameters<typeof enter>[3] = {}) {
  const { id } = await alice.api.call("createRoom", { body: { name: "Kitchen" } });
  const room = enter(alice, proxy.url, id, options);
  open.add(room);
  await untilStatus(room, "live");
  proxy.refuseAll(true);
  await until(room, "it is gone", () => room.state.status !== "live");
  await fillRoom(
    server,
    id,
    count,
    "a line of about a hundred letters, as people write them where much is going on",
  );
  return room;
}

const numbers = (room: RoomClient) => room.state.messages.map(({ seq }) => seq);
const upTo = (first: number, last: number) =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

test("[SDK3] a long absence opens the newest page; older ones fill back without hole or double, and what is unsent stays", async () => {
  const room = await absent(1_500);
  // They were written beside the server, which would take what it had published itself for all (WS19).
  await server.restart();
  for (const text of ["one", "two"]) room.send(text);
  await until(room, "they wait", () => room.state.pending.length === 2);
  proxy.refuseAll(false);
  room.reconnectNow();
  await untilStatus(room, "live");
  await until(room, "they are sent", () => room.state.pending.length === 0);
  await until(room, "they are shown", () => numbers(room).at(-1) === 1_502);
  const first = numbers(room)[0] ?? 0;
  expect(first).toBeGreaterThan(1_400);
  expect(numbers(room)).toEqual(upTo(first, 1_502));
  expect(room.state.hasOlder).toBe(true);
  while (room.state.hasOlder) {
    await room.loadOlder();
    expect(numbers(room)).toEqual(upTo(numbers(room)[0] ?? 0, 1_502));
  }
  expect(numbers(room)).toEqual(upTo(1, 1_502));
  expect(room.state.messages.slice(-2).map(({ content }) => content)).toEqual(["one", "two"]);
});

test("[SDK3] [REL3] with `replayLimit` all of 50,000 messages over a restart of the server come, contiguous", async () => {
  const room = await absent(50_000, { replayLimit: Number.POSITIVE_INFINITY });
  await server.restart();
  proxy.refuseAll(false);
  room.reconnectNow();
  await until(room, "all are here", () => room.state.messages.length === 50_000, 60_000);
  expect(numbers(room)).toEqual(upTo(1, 50_000));
  await untilStatus(room, "live");
});

test("[SDK3] [REL3] the same without a WebSocket", async () => {
  const room = await absent(10_000, { replayLimit: Number.POSITIVE_INFINITY });
  proxy.refuseSockets(true);
  proxy.refuseAll(false);
  room.reconnectNow();
  await until(room, "all are here", () => room.state.messages.length === 10_000, 60_000);
  expect(numbers(room)).toEqual(upTo(1, 10_000));
  proxy.refuseSockets(false);
});
