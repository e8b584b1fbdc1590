import { expect, test } from "vitest";
import { createFakeClock, settle } from "../test/support/fake-clock.js";
import { createFakeServer } from "../test/support/fake-server.js";
import { createApi } from "./api.js";
import { openRoom } from "./room.js";

test("[READ6] receipts are asked for with each connection, and what is told meanwhile is not lost", async () => {
  const server = createFakeServer();
  const time = createFakeClock();
  const api = createApi({ url: "http://parlor.test", fetch: server.fetch, token: () => null });
  server.post("alice", "one");
  let answer = (_: { user_id: string; seq: number }[]) => {};
  server.receipts = new Promise((resolve) => {
    answer = resolve;
  });
  const base = { url: api.url, api, roomId: "lobby", userId: "alice", clock: time.clock, random: () => 0.5 };
  const room = openRoom({ ...base, WebSocket: server.WebSocket, receipts: true });
  await time.until(() => room.state.status === "live");
  server.broadcast({ type: "receipt", room_id: "lobby", receipts: [{ user_id: "bob", seq: 1 }] });
  answer([
    { user_id: "carol", seq: 1 },
    { user_id: "alice", seq: 1 },
  ]);
  await settle();
  expect(Object.fromEntries(room.state.receipts)).toEqual({ bob: 1, carol: 1 });
  // Carol tells it no more.
  server.receipts = Promise.resolve([{ user_id: "bob", seq: 1 }]);
  server.cut();
  await time.until(() => room.state.status !== "live");
  await time.until(() => room.state.status === "live");
  await settle();
  expect(Object.fromEntries(room.state.receipts)).toEqual({ bob: 1 });
  room.close();
});
