import type { ErrorCode } from "@parlor/protocol";
import { expect, test } from "vitest";
import { createFakeClock } from "../test/support/fake-clock.js";
import { createFakeServer } from "../test/support/fake-server.js";
import { createApi } from "./api.js";
import { createCourier } from "./courier.js";
import { createMemoryOutbox, outboxKey } from "./outbox.js";

const URL = "http://parlor.test";

function setUp() {
  const server = createFakeServer();
  const time = createFakeClock();
  const outbox = createMemoryOutbox();
  const api = createApi({ url: URL, fetch: server.fetch });
  const refused: ErrorCode[] = [];
  const start = (userId = "alice") =>
    createCourier({
      api,
      userId,
      outbox,
      clock: time.clock,
      random: () => 0.5,
      onRefused: (code) => refused.push(code),
    });
  const leave = (content: string, roomId = "lobby", userId = "alice") =>
    outbox.put(outboxKey(URL, roomId, userId), {
      client_id: content,
      content,
      created_at: 0,
      status: "pending",
    });
  return { server, time, outbox, start, leave, refused };
}

const contents = (server: ReturnType<typeof createFakeServer>) =>
  server.visible.map(({ user_id, content }) => `${user_id}: ${content}`);

test("[OUT4] sends what is left, in its order, for its own user alone", async () => {
  const { server, time, outbox, start, leave } = setUp();
  for (const text of ["one", "two"]) await leave(text);
  await leave("not mine", "lobby", "bob");
  const courier = start();
  await time.until(() => courier.unsent.get("lobby")?.waiting === 2);
  expect(contents(server)).toEqual([]);
  await time.until(() => courier.unsent.size === 0 && server.head === 2);
  await time.pass(60_000);
  expect(contents(server)).toEqual(["alice: one", "alice: two"]);
  expect(await outbox.list(outboxKey(URL, "lobby", "bob"))).toHaveLength(1);
  courier.close();
});

test("[OUT4] hears of what is written later, and waits for the network", async () => {
  const { server, time, start, leave } = setUp();
  server.isDown = true;
  const courier = start();
  await time.pass(1_000);
  await leave("one");
  await time.pass(120_000);
  expect(courier.unsent.get("lobby")).toEqual({ waiting: 1, failed: 0 });
  server.isDown = false;
  await time.until(() => courier.unsent.size === 0);
  expect(contents(server)).toEqual(["alice: one"]);
  courier.close();
});

test("[OUT3] a room that is gone becomes a failure to be seen, beside the rooms that are well", async () => {
  const { server, time, start, leave } = setUp();
  server.refusals.set("cellar", "room_not_found");
  await leave("lost", "cellar");
  await leave("one");
  const courier = start();
  await time.until(() => courier.unsent.get("cellar")?.failed === 1 && server.head === 1);
  expect(courier.unsent.get("cellar")).toEqual({ waiting: 0, failed: 1 });
  expect(contents(server)).toEqual(["alice: one"]);
  courier.close();
});

test("[OUT4] what waits for a password or a sign-in stays, and goes when the person has mended that", async () => {
  const { server, time, outbox, start, leave, refused } = setUp();
  server.refusals.set("lobby", "password_required");
  await leave("secret");
  const courier = start();
  await time.until(() => server.requests.some((line) => line.startsWith("POST")));
  await time.pass(300_000);
  expect(server.requests.filter((line) => line.startsWith("POST"))).toHaveLength(1);
  expect(courier.unsent.get("lobby")).toEqual({ waiting: 1, failed: 0 });
  server.refusals.delete("lobby");
  courier.wake();
  await time.until(() => courier.unsent.size === 0);
  server.refusals.set("lobby", "session_ended");
  await leave("one");
  await time.until(() => refused.length > 0);
  expect(refused).toEqual(["session_ended"]);
  expect(await outbox.list(outboxKey(URL, "lobby", "alice"))).toMatchObject([{ status: "pending" }]);
  courier.close();
});
