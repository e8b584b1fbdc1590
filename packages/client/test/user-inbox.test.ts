import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import { type InboxClient, openInbox, openRoom } from "../src/index.js";
import { startProxy, type TestProxy } from "./support/proxy.js";
import { type Guest, makeGuest } from "./support/talk.js";

let server: TestServer;
let proxy: TestProxy;
const open = new Set<InboxClient>();

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startProxy(server.port);
});
afterEach(() => {
  for (const inbox of open) inbox.close();
  open.clear();
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

function enter(guest: Guest): InboxClient {
  const inbox = openInbox({ url: proxy.url, token: () => guest.token, userId: guest.id, WebSocket });
  open.add(inbox);
  return inbox;
}

async function post(guest: Guest, roomId: string, content: string, mentions: string[] = []): Promise<void> {
  const body = { user_id: guest.id, content, mentions };
  await guest.api.call("postMessage", { params: { room_id: roomId }, body });
}

const counts = (inbox: InboxClient, roomId: string) => {
  const room = inbox.state.rooms.find(({ id }) => id === roomId);
  return room && { unread: room.unread, mentions: room.mentions, last: room.last_message?.content };
};
const soon = { timeout: 10_000, interval: 20 };

test("[INBOX1] [INBOX3] two devices agree on counts, over a cut, to the last message", async () => {
  const alice = await makeGuest(server.url, "Alice");
  const bob = await makeGuest(server.url, "Bob");
  const [phone, desk] = [enter(alice), enter(alice)];
  const both = (check: (inbox: InboxClient) => void) =>
    vi.waitFor(() => {
      for (const inbox of [phone, desk]) check(inbox);
    }, soon);
  await both((inbox) => expect(inbox.state.status).toBe("live"));
  const { id } = await alice.api.call("createRoom", { body: { name: "Kitchen", created_by: alice.id } });
  for (const guest of [alice, bob]) {
    await guest.api.call("joinRoom", { params: { room_id: id }, body: { user_id: guest.id } });
  }
  await both((inbox) => expect(counts(inbox, id)).toMatchObject({ unread: 0 }));

  await post(bob, id, "one");
  await post(bob, id, "two", [alice.id]);
  await both((inbox) => expect(counts(inbox, id)).toEqual({ unread: 2, mentions: 1, last: "two" }));
  phone.markRead(id, phone.state.rooms[0]?.head_seq ?? 0);
  await both((inbox) => expect(counts(inbox, id)).toEqual({ unread: 0, mentions: 0, last: "two" }));

  proxy.refuseAll(true);
  await vi.waitFor(() => expect(phone.state.status).not.toBe("live"), soon);
  await post(bob, id, "three");
  const direct = await bob.api.call("openDirect", {
    params: { user_id: bob.id },
    body: { with: alice.id },
  });
  await post(bob, direct.id, "psst");
  proxy.refuseAll(false);
  await both((inbox) => expect(counts(inbox, id)).toEqual({ unread: 1, mentions: 0, last: "three" }));
  await both((inbox) => {
    expect(counts(inbox, direct.id)).toMatchObject({ unread: 1, last: "psst" });
    expect(inbox.state.rooms[0]).toMatchObject({ kind: "direct", other: { username: "Bob" } });
  });

  await phone.setLevel(id, "mentions");
  await both((inbox) => expect(inbox.state.rooms.find((room) => room.id === id)?.level).toBe("mentions"));
  await desk.leave(id);
  await both((inbox) => expect(counts(inbox, id)).toBeUndefined());
});

test("[ROOM8] a room that its host changes is told, and the list is what a fresh reading brings", async () => {
  const alice = await makeGuest(server.url, "Alice");
  const bob = await makeGuest(server.url, "Bob");
  const { id } = await alice.api.call("createRoom", { body: { name: "Kitchen", created_by: alice.id } });
  for (const guest of [alice, bob])
    await guest.api.call("joinRoom", { params: { room_id: id }, body: { user_id: guest.id } });
  const inbox = enter(bob);
  await vi.waitFor(() => expect(inbox.state.status).toBe("live"), soon);
  await vi.waitFor(() => expect(inbox.state.rooms).toHaveLength(1), soon);
  const told: unknown[] = [];
  inbox.onRoom((frame) => told.push(frame));
  const words = { name: "Pantry", description: "Jam", category: null };
  await alice.api.call("updateRoom", { params: { room_id: id }, body: words });
  await vi.waitFor(() => expect(inbox.state.rooms[0]?.name).toBe("Pantry"), soon);
  expect(told).toEqual([{ type: "room_updated", room_id: id, ...words }]);
  // Whoever was away meanwhile learns it from the list.
  const fresh = enter(bob);
  await vi.waitFor(() => expect(fresh.state.rooms).toHaveLength(1), soon);
  expect(inbox.state.rooms).toEqual(fresh.state.rooms);
});

test("[ROOM9] a deleted room goes from the list at once, and fails what waits for it", async () => {
  const alice = await makeGuest(server.url, "Alice");
  const bob = await makeGuest(server.url, "Bob");
  const { id } = await alice.api.call("createRoom", { body: { name: "Kitchen", created_by: alice.id } });
  await bob.api.call("joinRoom", { params: { room_id: id }, body: { user_id: bob.id } });
  const inbox = enter(bob);
  await vi.waitFor(() => expect(inbox.state.rooms).toHaveLength(1), soon);
  const told: unknown[] = [];
  inbox.onRoom((frame) => told.push(frame));
  const polling = openRoom({
    url: proxy.url,
    token: () => bob.token,
    roomId: id,
    userId: bob.id,
    WebSocket: null,
  });
  const live = openRoom({ url: proxy.url, token: () => bob.token, roomId: id, userId: bob.id, WebSocket });
  await vi.waitFor(
    () => expect([live.state.status, polling.state.status]).toEqual(["live", "polling"]),
    soon,
  );
  await alice.api.call("deleteRoom", { params: { room_id: id } });
  for (const room of [live, polling])
    await vi.waitFor(() => expect(room.state.failure?.code).toBe("room_not_found"), soon);
  await vi.waitFor(() => expect(inbox.state.rooms).toEqual([]), soon);
  expect(told).toEqual([{ type: "room_deleted", room_id: id }]);
  expect(() => live.send("too late")).toThrow("Room not found");
  for (const room of [live, polling]) room.close();
});
