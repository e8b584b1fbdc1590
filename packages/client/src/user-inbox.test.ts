import type { RoomSummary, ServerFrame } from "@parlor/protocol";
import { afterEach, expect, test } from "vitest";
import { createFakeClock, settle } from "../test/support/fake-clock.js";
import { createMemoryHistory } from "../test/support/memory-history.js";
import { createApi } from "./api.js";
import type { RoomSnapshot } from "./history.js";
import type { WebSocketLike } from "./socket.js";
import { type InboxClient, type InboxOptions, openInbox } from "./user-inbox.js";

const open = new Set<InboxClient>();
afterEach(() => {
  for (const inbox of open) inbox.close();
  open.clear();
});

function summary(id: string, over: Partial<RoomSummary> = {}): RoomSummary {
  return {
    id,
    kind: "room",
    name: id,
    thumbnail_url: null,
    privacy: "public",
    created_by: null,
    host: null,
    host_proven: false,
    other: null,
    memberCount: 2,
    onlineCount: 0,
    joined_at: "2026-01-01T00:00:00.000Z",
    epoch: "e1",
    head_seq: 10,
    read_seq: 10,
    unread: 0,
    mentions: 0,
    last_message: null,
    level: "all",
    ...over,
  };
}

function preview(seq: number, user_id = "bob") {
  const timestamp = new Date(Date.UTC(2026, 1, 1) + seq * 1_000).toISOString();
  return {
    id: `m${seq}`,
    seq,
    user_id,
    username: user_id,
    content: `line ${seq}`,
    timestamp,
    attachment: null,
    about: null,
  };
}

/** The inbox's side of a server, in memory. */
function createServer() {
  const rooms = new Map<string, RoomSummary>();
  const sockets = new Set<FakeSocket>();
  const requests: string[] = [];
  const server = {
    rooms,
    requests,
    isDown: false,
    refusesSockets: false,
    staysSilent: false,
    /** Requests that go on without their page. */
    outliving: 0,
    refusesUser: false,
    refusesMarks: false,
    /** Lists that are made now come only after this. */
    slowness: Promise.resolve(),
    tell(frame: ServerFrame): void {
      for (const socket of sockets) socket.deliver(frame);
    },
    activity(id: string, messages: number, mentions_me = false): void {
      const room = rooms.get(id) ?? summary(id, { head_seq: 0, read_seq: 0 });
      const head_seq = room.head_seq + Math.max(1, messages);
      const last_message = messages > 0 ? preview(head_seq) : room.last_message;
      const mentions = room.mentions + (mentions_me ? 1 : 0);
      rooms.set(id, { ...room, head_seq, last_message, mentions, unread: room.unread + messages });
      const told = messages > 0 ? last_message : null;
      server.tell({
        type: "room_activity",
        room_id: id,
        head_seq,
        messages,
        last_message: told,
        mentions_me,
      });
    },
    cut(code = 1006): void {
      for (const socket of [...sockets]) socket.end(code);
    },
    reads: () => requests.filter((request) => request.startsWith("GET")).length,
    marks: () => requests.filter((request) => request.startsWith("PUT")),
    async fetch(input: string, init: RequestInit): Promise<Response> {
      const url = new URL(input);
      requests.push(`${init.method} ${url.pathname}${url.search} ${init.body ?? ""}`.trim());
      if (init.keepalive) server.outliving += 1;
      await Promise.resolve();
      if (server.isDown) throw new TypeError("fetch failed");
      if (server.refusesUser) {
        return Response.json({ detail: "", code: "session_required" }, { status: 401 });
      }
      if (init.method === "GET") {
        const one = url.searchParams.get("room_id");
        const found = [...rooms.values()].filter(({ id }) => one === null || id === one);
        await server.slowness;
        return Response.json(found);
      }
      if (server.refusesMarks) return Response.json({ detail: "", code: "forbidden" }, { status: 403 });
      const room_id = url.pathname.split("/")[2] ?? "";
      const room = rooms.get(room_id) ?? summary(room_id);
      const read_seq = Math.max(room.read_seq, JSON.parse(String(init.body)).seq);
      const next = { ...room, read_seq, ...(read_seq >= room.head_seq ? { unread: 0, mentions: 0 } : {}) };
      rooms.set(room_id, next);
      const { head_seq, unread, mentions } = next;
      return Response.json({ room_id, head_seq, read_seq, unread, mentions });
    },
  };

  class FakeSocket implements WebSocketLike {
    onmessage: ((event: never) => void) | null = null;
    onclose: ((event: never) => void) | null = null;
    onerror: ((event: never) => void) | null = null;
    readyState = 0;
    constructor(url: string) {
      requests.push(`WS ${new URL(url).pathname}${new URL(url).search}`);
      queueMicrotask(() => {
        if (this.readyState !== 0) return;
        if (server.isDown || server.refusesSockets) return this.end(1006);
        this.readyState = 1;
        sockets.add(this);
        if (!server.staysSilent)
          this.deliver({ type: "inbox_ready", user_id: "alice", server_time: "2026-01-01T00:00:00.000Z" });
      });
    }
    deliver(frame: ServerFrame): void {
      this.onmessage?.({ data: JSON.stringify(frame) } as never);
    }
    send(data: string): void {
      requests.push(`FRAME ${data}`);
      if (!server.staysSilent) this.deliver({ type: "pong" });
    }
    close(): void {
      this.readyState = 3;
      sockets.delete(this);
    }
    end(code: number): void {
      this.close();
      this.onclose?.({ code, reason: "" } as never);
    }
  }
  return { ...server, server, WebSocket: FakeSocket };
}

function setUp(
  options: Partial<InboxOptions> = {},
  prepare: (server: ReturnType<typeof createServer>["server"]) => void = () => {},
) {
  const { server, WebSocket } = createServer();
  server.rooms.set("kitchen", summary("kitchen", { last_message: preview(10) }));
  server.rooms.set("garden", summary("garden", { last_message: preview(9) }));
  prepare(server);
  const time = createFakeClock();
  const api = createApi({ url: "http://parlor.test", fetch: server.fetch as typeof fetch });
  const base = { url: api.url, api, userId: "alice", clock: time.clock, random: () => 0.5 };
  const inbox = openInbox({ ...base, WebSocket, ...options });
  open.add(inbox);
  const room = (id: string) => inbox.state.rooms.find((candidate) => candidate.id === id);
  const ids = () => inbox.state.rooms.map(({ id }) => id);
  const live = () => time.until(() => inbox.state.status === "live");
  return { server, time, inbox, room, ids, live };
}

test("[INBOX5] the list is read before the socket is there, and again when it is", async () => {
  const { server, time, inbox, ids, live } = setUp();
  await time.until(() => inbox.state.loaded);
  expect(ids()).toEqual(["kitchen", "garden"]);
  await live();
  await time.until(() => server.reads() === 2);
  expect(server.requests).toContain("WS /ws/dm/alice?inbox=1");
});

test("[INBOX1] counts go on from the frames, without a request where they are sure", async () => {
  const { server, time, room, ids, live } = setUp();
  await live();
  await time.pass(5_000);
  const before = server.reads();
  server.activity("garden", 2);
  server.activity("garden", 1, true);
  await time.pass(5_000);
  expect(room("garden")).toMatchObject({ unread: 3, mentions: 1, head_seq: 13 });
  expect(ids()).toEqual(["garden", "kitchen"]);
  expect(server.reads()).toBe(before);
});

test("[INBOX1] a deletion, several mentions and a room that was not known are asked about, within a second", async () => {
  const { server, time, room, live } = setUp();
  await live();
  await time.pass(5_000);
  server.activity("kitchen", 3);
  const kitchen = server.rooms.get("kitchen");
  if (kitchen) server.rooms.set("kitchen", { ...kitchen, unread: 1 });
  server.activity("kitchen", 0);
  server.activity("attic", 1);
  await time.pass(1_000);
  expect(room("kitchen")?.unread).toBe(1);
  expect(room("attic")?.unread).toBe(1);
});

test("[READ1] reading shows at once, is told gathered and never goes back", async () => {
  const { server, time, inbox, room, live } = setUp();
  await live();
  server.activity("kitchen", 5);
  await time.pass(1_000);
  inbox.markRead("kitchen", 12);
  expect(room("kitchen")).toMatchObject({ read_seq: 12, unread: 5 });
  inbox.markRead("kitchen", 15);
  expect(room("kitchen")).toMatchObject({ read_seq: 15, unread: 0 });
  inbox.markRead("kitchen", 13);
  await time.pass(1_000);
  expect(server.marks()).toEqual(['PUT /rooms/kitchen/read {"seq":15,"user_id":"alice"}']);
  inbox.markRead("kitchen", 15);
  await time.pass(1_000);
  expect(server.marks()).toHaveLength(1);
});

test("[UX51] a cursor that moves on through a busy room is told now and then, and with what changes a count", async () => {
  const { server, time, inbox, room, live } = setUp();
  await live();
  server.activity("kitchen", 30);
  await time.pass(1_000);
  let told = 0;
  inbox.subscribe(() => (told += 1));
  for (let seq = 11; seq <= 35; seq += 1) {
    inbox.markRead("kitchen", seq);
    expect(room("kitchen")?.read_seq).toBe(seq);
    await time.pass(20);
  }
  expect(told).toBeLessThanOrEqual(4);
  inbox.markRead("kitchen", 40);
  await time.pass(20);
  expect(room("kitchen")).toMatchObject({ read_seq: 40, unread: 0 });
  expect(told).toBeLessThanOrEqual(5);
  expect(told).toBeGreaterThan(1);
});

test("[READ1] a list that was made before the reading was told does not undo it", async () => {
  const { server, time, inbox, room, live } = setUp();
  await live();
  server.activity("kitchen", 3);
  await time.pass(1_000);
  let arrive = () => {};
  server.slowness = new Promise((resolve) => {
    arrive = resolve;
  });
  const before = server.reads();
  inbox.refresh();
  await time.until(() => server.reads() > before);
  inbox.markRead("kitchen", 13);
  await time.until(() => server.rooms.get("kitchen")?.read_seq === 13);
  await time.pass(1_000);
  arrive();
  await time.pass(1_000);
  expect(room("kitchen")).toMatchObject({ read_seq: 13, unread: 0 });
});

test("[READ1] an answer that is older than what arrived since leaves no count of before the reading", async () => {
  const { server, time, inbox, room, live } = setUp();
  await live();
  server.activity("kitchen", 3);
  await time.pass(1_000);
  inbox.markRead("kitchen", 12);
  const told = server.rooms.get("kitchen") ?? summary("kitchen");
  // Written, and told to the socket, but the answer to the cursor was made before.
  server.tell({
    type: "room_activity",
    room_id: "kitchen",
    head_seq: 14,
    messages: 1,
    last_message: preview(14),
    mentions_me: false,
  });
  await time.until(() => server.marks().length === 1);
  server.rooms.set("kitchen", { ...told, head_seq: 14, last_message: preview(14), read_seq: 12, unread: 2 });
  await time.pass(2_000);
  expect(room("kitchen")).toMatchObject({ read_seq: 12, head_seq: 14, unread: 2 });
});

test("[INBOX1] what was said is shown, and is no news, though the answer to the own cursor was faster", async () => {
  const { server, time, inbox, room, live } = setUp();
  await live();
  const news: string[] = [];
  inbox.onNews(({ message }) => news.push(message.content));
  server.activity("kitchen", 1);
  await time.pass(1_000);
  // Stored and read in the open room; what the inbox gathers is still on its way.
  const kitchen = server.rooms.get("kitchen") ?? summary("kitchen");
  server.rooms.set("kitchen", { ...kitchen, head_seq: 12, last_message: preview(12) });
  inbox.markRead("kitchen", 12);
  await time.until(() => room("kitchen")?.head_seq === 12);
  server.tell({
    type: "room_activity",
    room_id: "kitchen",
    head_seq: 12,
    messages: 1,
    last_message: preview(12),
    mentions_me: false,
  });
  expect(room("kitchen")).toMatchObject({ unread: 0, last_message: { content: "line 12" } });
  expect(news).toEqual(["line 11"]);
  // A room that tells no text is asked.
  server.rooms.set("kitchen", {
    ...kitchen,
    head_seq: 13,
    read_seq: 13,
    unread: 0,
    last_message: preview(13),
  });
  inbox.markRead("kitchen", 13);
  await time.until(() => room("kitchen")?.head_seq === 13);
  server.tell({
    type: "room_activity",
    room_id: "kitchen",
    head_seq: 13,
    messages: 1,
    last_message: null,
    mentions_me: false,
  });
  await time.pass(1_000);
  expect(room("kitchen")).toMatchObject({ unread: 0, last_message: { content: "line 13" } });
});

test("[INBOX1] what was deleted in the moment in which it was gathered is not shown for good", async () => {
  const { server, time, inbox, room, live } = setUp();
  await live();
  await time.pass(1_000);
  // Written and deleted: the answer to the own cursor knows of both before the inbox tells of the message.
  const kitchen = server.rooms.get("kitchen") ?? summary("kitchen");
  server.rooms.set("kitchen", { ...kitchen, head_seq: 12 });
  inbox.markRead("kitchen", 12);
  await time.until(() => room("kitchen")?.head_seq === 12);
  server.tell({
    type: "room_activity",
    room_id: "kitchen",
    head_seq: 12,
    messages: 1,
    last_message: preview(11),
    mentions_me: false,
  });
  await time.pass(1_000);
  expect(room("kitchen")).toMatchObject({ unread: 0, last_message: { content: "line 10" } });
});

test("[INBOX1] a message that a list brought is not counted again with what happened after it", async () => {
  const { server, time, room, live } = setUp();
  await live();
  await time.pass(1_000);
  const kitchen = server.rooms.get("kitchen") ?? summary("kitchen");
  // Written and listed, and deleted before the inbox tells of both: as many numbers after the head as messages.
  server.rooms.set("kitchen", { ...kitchen, head_seq: 11, last_message: preview(11), unread: 1 });
  server.tell({ type: "inbox_ready", user_id: "alice", server_time: "2026-01-01T00:00:00.000Z" });
  await time.until(() => room("kitchen")?.head_seq === 11);
  server.rooms.set("kitchen", { ...kitchen, head_seq: 12 });
  server.tell({
    type: "room_activity",
    room_id: "kitchen",
    head_seq: 12,
    after_seq: 10,
    messages: 1,
    last_message: preview(11),
    mentions_me: false,
  });
  await time.pass(1_000);
  expect(room("kitchen")).toMatchObject({ unread: 0, last_message: { content: "line 10" } });
});

test("[INBOX3] what another device read before it was told here is not unread", async () => {
  const { server, time, room, live } = setUp();
  await live();
  await time.pass(1_000);
  const kitchen = server.rooms.get("kitchen") ?? summary("kitchen");
  const told = (head_seq: number, messages: number) =>
    server.tell({
      type: "room_activity",
      room_id: "kitchen",
      head_seq,
      messages,
      last_message: preview(head_seq),
      mentions_me: messages === 1,
    });
  // The other device has the room open: it reads a message before the inbox has gathered it.
  server.tell({ type: "room_read", room_id: "kitchen", read_seq: 11 });
  told(11, 1);
  expect(room("kitchen")).toMatchObject({ head_seq: 11, read_seq: 11, unread: 0, mentions: 0 });
  await time.pass(1_000);
  // One of two that were gathered: the server is asked.
  server.tell({ type: "room_read", room_id: "kitchen", read_seq: 12 });
  server.rooms.set("kitchen", {
    ...kitchen,
    head_seq: 13,
    last_message: preview(13),
    read_seq: 12,
    unread: 1,
  });
  told(13, 2);
  await time.pass(1_000);
  expect(room("kitchen")).toMatchObject({ head_seq: 13, read_seq: 12, unread: 1 });
});

test("[READ1] a reading that the server refuses shows what the server counts", async () => {
  const { server, time, inbox, room, live } = setUp();
  await live();
  server.activity("kitchen", 3);
  await time.pass(1_000);
  server.refusesMarks = true;
  inbox.markRead("kitchen", 12);
  await time.pass(2_000);
  expect(room("kitchen")).toMatchObject({ read_seq: 10, unread: 3 });
  const before = server.reads();
  await time.pass(10_000);
  expect(server.reads()).toBe(before);
});

test("[READ6] that somebody who came saw what was there is told once", async () => {
  const { server, time, inbox, live } = setUp();
  const [before, after] = ["2026-01-01T00:00:00.000Z", "2026-03-01T00:00:00.000Z"];
  server.rooms.set("kitchen", summary("kitchen", { joined_at: after, last_message: preview(10) }));
  server.rooms.set("garden", summary("garden", { joined_at: before, last_message: preview(10) }));
  await live();
  for (const _time of ["first", "again"]) {
    inbox.markRead("kitchen", 10);
    inbox.markRead("garden", 10);
    await time.pass(1_000);
  }
  expect(server.marks()).toEqual(['PUT /rooms/kitchen/read {"seq":10,"user_id":"alice"}']);
});

test("[READ1] what was read without a network is told when it is back", async () => {
  const { server, time, inbox, room, live } = setUp();
  await live();
  server.activity("kitchen", 2);
  await time.pass(1_000);
  server.isDown = true;
  server.cut();
  inbox.markRead("kitchen", 12);
  await time.pass(60_000);
  expect(room("kitchen")?.unread).toBe(0);
  server.isDown = false;
  await time.until(() => server.rooms.get("kitchen")?.read_seq === 12);
  await live();
  await time.pass(1_000);
  expect(room("kitchen")?.unread).toBe(0);
});

test("[READ1] what was read at the last moment is told before the page goes, in a request that outlives it", async () => {
  let leave = () => {};
  const subscribe = (listener: () => void) => {
    leave = listener;
    return () => {};
  };
  const { server, time, inbox, live } = setUp({ leaving: { subscribe } });
  await live();
  server.activity("kitchen", 2);
  server.activity("garden", 1);
  await time.pass(1_000);
  inbox.markRead("kitchen", 12);
  inbox.markRead("garden", 11);
  leave();
  // Nothing passes any more: a page that goes has no next turn.
  expect(server.marks()).toEqual([
    'PUT /rooms/kitchen/read {"seq":12,"user_id":"alice"}',
    'PUT /rooms/garden/read {"seq":11,"user_id":"alice"}',
  ]);
  expect(server.outliving).toBe(2);
});

test("[SDK4] the list is kept for the next visit, and read anew when the server can be reached", async () => {
  const history = createMemoryHistory();
  const { time, inbox, live } = setUp({ history });
  await live();
  await time.pass(2_000);
  inbox.close();
  await settle();
  const again = setUp({ history }, (made) => {
    made.isDown = true;
  });
  await again.time.until(() => again.inbox.state.loaded);
  expect(again.ids()).toEqual(["kitchen", "garden"]);
  expect(again.inbox.state.restored).toBe(true);
  again.server.rooms.delete("garden");
  again.server.isDown = false;
  await again.live();
  await again.time.until(() => !again.inbox.state.restored);
  expect(again.ids()).toEqual(["kitchen"]);
});

test("[SDK4] [ROOM9] what is kept of a room that was deleted while the device was away goes with the list", async () => {
  const history = createMemoryHistory();
  const snapshot = { messages: [], profiles: [], profilesAfter: null } as unknown as RoomSnapshot;
  const { server, time, inbox, live } = setUp({ history }, (made) => {
    made.rooms.set("dm:alice:bob", summary("dm:alice:bob", { kind: "direct" }));
  });
  const keep = async () => {
    for (const id of ["kitchen", "garden", "dm:alice:bob"]) await history.keepRoom("", id, snapshot);
  };
  await keep();
  await live();
  await time.pass(2_000);
  expect(history.kept.size).toBe(3);
  // The whole list.
  server.rooms.delete("garden");
  server.rooms.delete("dm:alice:bob");
  inbox.refresh();
  await time.until(() => !history.kept.has("garden"));
  await time.pass(2_000);
  expect([...history.kept.keys()]).toEqual(["kitchen", "dm:alice:bob"]);
  // One room.
  server.rooms.delete("kitchen");
  inbox.refresh("kitchen");
  await time.until(() => !history.kept.has("kitchen"));
  await time.pass(2_000);
  // Told of a room that this list does not know.
  await keep();
  server.tell({ type: "room_deleted", room_id: "garden" });
  await time.until(() => !history.kept.has("garden"));
  expect([...history.kept.keys()].sort()).toEqual(["dm:alice:bob", "kitchen"]);
});

test("[SDK4] a list that is full says nothing of what is beyond it", async () => {
  const history = createMemoryHistory();
  const snapshot = { messages: [], profiles: [], profilesAfter: null } as unknown as RoomSnapshot;
  const { server, time, inbox, ids, live } = setUp({ history });
  await history.keepRoom("", "garden", snapshot);
  await live();
  await time.pass(2_000);
  server.rooms.delete("garden");
  for (let n = 1; n < 1_000; n += 1) server.rooms.set(`room-${n}`, summary(`room-${n}`));
  inbox.refresh();
  await time.until(() => ids().length === 1_000);
  await time.pass(2_000);
  expect(ids()).not.toContain("garden");
  expect(history.kept.has("garden")).toBe(true);
});

test("[INBOX3] other devices' reading, levels, joins and leaves arrive", async () => {
  const { server, time, inbox, room, ids, live } = setUp();
  await live();
  await time.pass(5_000);
  server.activity("kitchen", 2);
  server.tell({ type: "room_read", room_id: "kitchen", read_seq: 12 });
  server.tell({ type: "room_level", room_id: "garden", level: "none" });
  server.rooms.set("attic", summary("attic"));
  server.tell({ type: "room_added", room_id: "attic" });
  await time.pass(1_000);
  expect(room("kitchen")).toMatchObject({ unread: 0, read_seq: 12 });
  expect(room("garden")?.level).toBe("none");
  expect(ids()).toContain("attic");
  server.tell({ type: "room_removed", room_id: "attic" });
  expect(ids()).not.toContain("attic");
  server.tell({ type: "session_ended" });
  expect(inbox.state).toMatchObject({ status: "closed", failure: { code: "session_ended" } });
});

test("[INBOX3] a list that was made before brings no left room back, and no former level", async () => {
  const { server, time, inbox, room, ids, live } = setUp();
  await live();
  await time.pass(1_000);
  let arrive = () => {};
  server.slowness = new Promise((resolve) => {
    arrive = resolve;
  });
  const before = server.reads();
  inbox.refresh();
  await time.until(() => server.reads() > before);
  server.rooms.delete("garden");
  server.tell({ type: "room_removed", room_id: "garden" });
  server.rooms.set("kitchen", summary("kitchen", { level: "none" }));
  server.tell({ type: "room_level", room_id: "kitchen", level: "none" });
  server.slowness = Promise.resolve();
  arrive();
  await time.pass(2_000);
  expect(ids()).toEqual(["kitchen"]);
  expect(room("kitchen")?.level).toBe("none");
});

test("[INBOX5] after a cut it comes back and reads what it missed", async () => {
  const { server, time, room, live } = setUp();
  await live();
  server.isDown = true;
  server.cut();
  server.activity("kitchen", 4, true);
  server.rooms.delete("garden");
  server.isDown = false;
  await live();
  await time.pass(1_000);
  expect(room("kitchen")).toMatchObject({ unread: 4, mentions: 1 });
  expect(room("garden")).toBeUndefined();
});

test("[INBOX5] a socket that is quiet is asked whether it lives, and one that brings no inbox is given up", async () => {
  const { server, time, inbox, live } = setUp();
  await live();
  await time.pass(120_000);
  expect(inbox.state.status).toBe("live");
  expect(server.requests).toContain('FRAME {"type":"ping"}');
  server.staysSilent = true;
  await time.until(() => inbox.state.status === "polling");
});

test("[INBOX2] where no WebSocket can be had, the list is read every 15 seconds", async () => {
  const { server, time, inbox, room } = setUp({ WebSocket: null });
  await time.until(() => inbox.state.status === "polling");
  server.activity("kitchen", 3);
  await time.pass(15_000);
  expect(room("kitchen")?.unread).toBe(3);
});

test("[READ3] without a session there is no inbox, and it says why", async () => {
  const { server, time, inbox } = setUp({}, (made) => {
    made.refusesUser = true;
  });
  await time.until(() => inbox.state.status === "closed");
  expect(inbox.state.failure?.code).toBe("session_required");
  expect(server.requests.some((request) => request.startsWith("WS"))).toBe(false);
});

test("[INBOX1] news of others is told once, with its room", async () => {
  const { server, time, inbox, live } = setUp();
  const news: string[] = [];
  inbox.onNews(({ room, message, mentionsMe }) => news.push(`${room.id} ${message.content} ${mentionsMe}`));
  await live();
  server.activity("kitchen", 1, true);
  server.activity("kitchen", 0);
  await time.pass(2_000);
  expect(news).toEqual(["kitchen line 11 true"]);
  // Also where a list was faster than what the inbox gathers.
  const kitchen = server.rooms.get("kitchen") ?? summary("kitchen");
  const listed = { head_seq: kitchen.head_seq + 1, last_message: preview(kitchen.head_seq + 1) };
  server.rooms.set("kitchen", { ...kitchen, ...listed, unread: 2 });
  inbox.refresh();
  await time.until(() => inbox.state.rooms[0]?.unread === 2);
  server.tell({ type: "room_activity", room_id: "kitchen", messages: 1, mentions_me: false, ...listed });
  expect(news).toEqual(["kitchen line 11 true", "kitchen line 13 false"]);
  // The mention is the news, also where somebody, or the user, wrote after it.
  const [room_id, mention] = ["kitchen", { ...preview(14), content: "come here" }];
  const last_message = { ...preview(15), user_id: "alice", content: "on my way" };
  const told = { room_id, head_seq: 15, messages: 1, mentions_me: true, last_message, mention };
  server.tell({ type: "room_activity", ...told });
  await time.pass(2_000);
  expect(news.at(-1)).toBe("kitchen come here true");
});

test("[INBOX1] the message that brings a hidden conversation back is news, with its room", async () => {
  const { server, time, inbox, live } = setUp();
  const news: string[] = [];
  inbox.onNews(({ room, message }) => news.push(`${room.id} ${message.content}`));
  await live();
  await time.pass(1_000);
  server.activity("attic", 1);
  // Nobody is told of a room that is not theirs any more.
  server.activity("cellar", 1);
  server.rooms.delete("cellar");
  await time.pass(2_000);
  expect(news).toEqual(["attic line 1"]);
  server.activity("attic", 1);
  expect(news).toEqual(["attic line 1", "attic line 2"]);
});
