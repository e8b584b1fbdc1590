import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import { systemClock } from "../src/clock.js";
import {
  type Api,
  type CallClient,
  type CallPlatform,
  openCall,
  openInbox,
  type RoomClient,
} from "../src/index.js";
import { startProxy, type TestProxy } from "./support/proxy.js";
import { enter, type Guest, makeGuest, untilStatus } from "./support/talk.js";

/** Calls without media: what needs none is the same in every environment. */
const soon = { timeout: 20_000, interval: 20 };
let server: TestServer;
let proxy: TestProxy;
const open: { close(): void }[] = [];

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startProxy(server.port);
});
afterEach(() => {
  for (const one of open.splice(0).reverse()) one.close();
  proxy.refuseAll(false);
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

const NO_MEDIA: CallPlatform = {
  createConnection: () => {
    throw new Error("nobody to connect to");
  },
  createStream: () => {
    throw new Error("nothing to show");
  },
  createMeter: () => null,
  onPageHide: () => () => {},
};

async function comeIn(guest: Guest, roomId: string): Promise<{ room: RoomClient; call: CallClient }> {
  const room = enter(guest, proxy.url, roomId);
  const call = openCall(room, { platform: NO_MEDIA });
  open.push(room, call);
  await untilStatus(room, "live");
  return { room, call };
}

async function makeRoom(guest: Guest): Promise<string> {
  return (await guest.api.call("createRoom", { body: { name: "Kitchen" } })).id;
}

test("[CALL9] a call rings in the inbox and in the room, and stops when it is declined", async () => {
  const [alice, bob] = [await makeGuest(server.url, "Alice"), await makeGuest(server.url, "Bob")];
  const roomId = await makeRoom(alice);
  const inbox = openInbox({ url: server.url, token: () => bob.token, userId: bob.id, WebSocket });
  open.push(inbox);
  const { call: ofBob } = await comeIn(bob, roomId);
  const { call } = await comeIn(alice, roomId);
  await vi.waitFor(() => expect(inbox.state.rooms).toHaveLength(1), soon);
  await call.join({ ring: true });
  expect(call.state).toMatchObject({ status: "live", people: [], mode: "mesh" });
  await vi.waitFor(() => {
    expect(ofBob.state.isRinging).toBe(true);
    expect(inbox.state.calls.get(roomId)?.ringing).toEqual([bob.id]);
  }, soon);
  expect(ofBob.state.info?.people).toEqual([alice.id]);
  await ofBob.decline();
  await vi.waitFor(() => {
    expect(ofBob.state.isRinging).toBe(false);
    expect(inbox.state.calls.get(roomId)?.ringing).toEqual([]);
  }, soon);
  call.leave();
  expect(call.state).toMatchObject({ status: "ended", ending: { reason: "left" } });
  await vi.waitFor(() => {
    expect(ofBob.state.info).toBeNull();
    expect(inbox.state.calls.size).toBe(0);
  }, soon);
});

test("[CALL5] without the socket the call goes on, and comes back into the same place by itself", async () => {
  const alice = await makeGuest(server.url, "Alice");
  const roomId = await makeRoom(alice);
  const { room, call } = await comeIn(alice, roomId);
  await call.join();
  const { legId } = call.state.me;
  const { startedAt } = call.state;
  call.raiseHand(true);
  await vi.waitFor(() => expect(call.state.me.hand).toBe(1), soon);
  proxy.refuseAll(true);
  await vi.waitFor(() => expect(call.state.status).toBe("reconnecting"), soon);
  proxy.refuseAll(false);
  room.reconnectNow();
  await vi.waitFor(() => expect(call.state.status).toBe("live"), soon);
  await vi.waitFor(() => expect(call.state.info?.people).toEqual([alice.id]), soon);
  expect(call.state).toMatchObject({ startedAt, me: { legId, hand: 1 } });
  await server.restart();
  await vi.waitFor(() => expect(room.state.status).not.toBe("live"), soon);
  await vi.waitFor(
    () => expect(call.state).toMatchObject({ status: "live", me: { legId, hand: null } }),
    soon,
  );
});

test("[CALL4] a refused join says why, and can be tried again", async () => {
  const alice = await makeGuest(server.url, "Alice");
  const roomId = (await alice.api.call("createRoom", { body: { name: "Kitchen", created_by: alice.id } })).id;
  const bob = await makeGuest(server.url, "Bob");
  const { call } = await comeIn(alice, roomId);
  const { call: ofBob } = await comeIn(bob, roomId);
  await call.join();
  call.moderate("lock");
  await vi.waitFor(() => expect(ofBob.state.info?.locked).toBe(true), soon);
  await expect(ofBob.join()).rejects.toMatchObject({ code: "call_locked" });
  expect(ofBob.state).toMatchObject({ status: "ended", ending: { reason: "refused", code: "call_locked" } });
  call.moderate("unlock");
  call.moderate("lobby");
  await vi.waitFor(() => expect(ofBob.state.info?.lobby).toBe(true), soon);
  await ofBob.join();
  expect(ofBob.state.status).toBe("waiting");
  await vi.waitFor(() => expect(call.state.waiting).toMatchObject([{ username: "Bob" }]), soon);
  call.moderate("deny", call.state.waiting[0]?.leg_id);
  await vi.waitFor(
    () => expect(ofBob.state).toMatchObject({ status: "ended", ending: { reason: "denied" } }),
    soon,
  );
});

test("[CALL11] in a long call the credentials of the relay are asked for anew before they end", async () => {
  const turn = { stunUrls: [], turnUrls: ["turn:turn.example"], secret: "a secret of many letters" };
  const own = await startTestServer({ turn });
  const alice = await makeGuest(own.url, "Alice");
  const roomId = await makeRoom(alice);
  let asked = 0;
  const far: { run: () => void; after: number }[] = [];
  const api: Api = {
    ...alice.api,
    call(name, ...input) {
      if (name === "getIceServers") asked += 1;
      return alice.api.call(name, ...input);
    },
  };
  // A wait of most of an hour is over when the test says so.
  const clock = {
    ...systemClock,
    after(milliseconds: number, run: () => void) {
      if (milliseconds < 40 * 60_000) return systemClock.after(milliseconds, run);
      far.push({ run, after: milliseconds });
      return () => {};
    },
  };
  const room = enter(alice, own.url, roomId, { api, clock });
  const call = openCall(room, { platform: NO_MEDIA });
  open.push(room, call);
  await untilStatus(room, "live");
  await call.join();
  expect(asked).toBe(1);
  expect(far).toHaveLength(1);
  expect(far[0]?.after).toBeLessThanOrEqual(50 * 60_000);
  far[0]?.run();
  await vi.waitFor(() => expect([asked, far.length]).toEqual([2, 2]), soon);
  call.leave();
  far[1]?.run();
  expect(asked).toBe(2);
  for (const one of open.splice(0).reverse()) one.close();
  await own.close();
});
