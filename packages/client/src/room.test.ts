import { ERRORS } from "@parlor/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { createFakeClock, settle } from "../test/support/fake-clock.js";
import { createFakeServer } from "../test/support/fake-server.js";
import { createApi } from "./api.js";
import type { OnlineSource } from "./online.js";
import { openRoom } from "./room.js";
import type { RoomClient, RoomOptions } from "./room-client.js";

const open = new Set<RoomClient>();
afterEach(() => {
  for (const room of open) room.close();
  open.clear();
});

function setUp(options: Partial<RoomOptions> = {}, prepare: (server: Server) => void = () => {}) {
  const server = createFakeServer();
  prepare(server);
  const time = createFakeClock();
  const api = createApi({ url: "http://parlor.test", fetch: server.fetch, token: () => null });
  const base = { url: api.url, api, roomId: "lobby", userId: "alice", clock: time.clock, random: () => 0.5 };
  const room = openRoom({ ...base, WebSocket: server.WebSocket, ...options });
  open.add(room);
  const status = (wanted: string) => time.until(() => room.state.status === wanted);
  return { server, time, room, status };
}

type Server = ReturnType<typeof createFakeServer>;

const contents = (room: RoomClient) =>
  room.state.messages.filter(({ deleted_at }) => deleted_at === null).map(({ content }) => content);
const seen = (server: Server) => server.visible.map(({ content }) => content);

describe("connecting", () => {
  test("loads the newest page, resumes from its cursor and is live", async () => {
    const { server, room, status } = setUp({ username: "Alice" }, (fake) => fake.post("bob", "hello"));
    expect(room.state.status).toBe("connecting");
    await status("live");
    expect(room.state).toMatchObject({ loaded: true, hasOlder: false, online: ["alice"], failure: null });
    expect(contents(room)).toEqual(["hello"]);
    expect(server.opened[0]?.url).toBe("ws://parlor.test/ws/lobby/alice?after=1&epoch=e1&username=Alice");
  });

  test("carries a token as a subprotocol, never in the address", async () => {
    const { server, status } = setUp({ token: () => "secret" });
    await status("live");
    expect(server.opened[0]?.protocols).toEqual(["parlor.v1", "parlor.token.secret"]);
    expect(server.opened[0]?.url).not.toContain("secret");
  });

  test("a fatal close code ends it with its reason, and the person's repair opens it again", async () => {
    const { server, room, status } = setUp({}, (fake) => {
      fake.closesWith = { code: 4403, reason: ERRORS.banned.detail };
    });
    await status("closed");
    expect(room.state.failure).toEqual({ code: "banned", detail: ERRORS.banned.detail });
    server.closesWith = null;
    room.reconnectNow();
    await status("live");
    expect(room.state.failure).toBeNull();
  });

  test("a cut comes back by itself, with what happened in between", async () => {
    const { server, room, status, time } = setUp();
    await status("live");
    const first = server.post("bob", "one");
    server.cut();
    expect(room.state.status).toBe("reconnecting");
    expect(room.state.nextAttemptAt).toBeGreaterThan(time.clock.now());
    server.post("bob", "two");
    server.edit(first.id, "ONE");
    server.remove(server.post("bob", "three").id);
    await status("live");
    expect(contents(room)).toEqual(["ONE", "two"]);
    expect(server.requests.filter((line) => line.includes("after="))).toEqual([]);
  });

  test("a restored backup is opened fresh", async () => {
    const { server, room, status } = setUp({}, (fake) => {
      for (const text of ["a", "b", "c"]) fake.post("bob", text);
    });
    await status("live");
    server.restore();
    server.post("bob", "new life");
    await status("live");
    expect(contents(room)).toEqual(["new life"]);
  });

  test("more changes than a person reads are not replayed: the newest page, and older ones on demand", async () => {
    const { server, room, status } = setUp();
    await status("live");
    server.cut();
    for (let count = 0; count < 1_100; count += 1) server.post("bob", `${count}`);
    await status("live");
    expect(room.state.messages).toHaveLength(50);
    expect(room.state.hasOlder).toBe(true);
    while (room.state.hasOlder) await room.loadOlder();
    expect(contents(room)).toEqual(seen(server));
  });

  test("silence is taken for a dead connection", async () => {
    const { server, room, status, time } = setUp();
    await status("live");
    server.losesFrames = true;
    server.post("bob", "unheard");
    await time.until(() => room.state.status !== "live");
    server.losesFrames = false;
    await status("live");
    expect(contents(room)).toEqual(["unheard"]);
  });

  test("the network coming back ends the wait", async () => {
    const source = { isOnline: true, tell: () => {} };
    const online: OnlineSource = {
      isOnline: () => source.isOnline,
      subscribe(listener) {
        source.tell = listener;
        return () => {};
      },
    };
    const { server, room, status, time } = setUp({ online });
    await status("live");
    source.isOnline = false;
    server.isDown = true;
    server.cut();
    await time.pass(120_000);
    expect(room.state.status).toBe("offline");
    server.isDown = false;
    source.isOnline = true;
    source.tell();
    const before = time.clock.now();
    await status("live");
    expect(time.clock.now() - before).toBeLessThan(500);
  });
});

describe("silent loss", () => {
  test("a jump in the numbers is filled from the log, in order", async () => {
    const { server, room, status } = setUp();
    await status("live");
    server.losesFrames = true;
    server.post("bob", "lost");
    server.losesFrames = false;
    server.post("bob", "after");
    expect(contents(room)).toEqual([]);
    server.post("bob", "and after");
    await settle();
    expect(contents(room)).toEqual(["lost", "after", "and after"]);
    expect(server.opened).toHaveLength(1);
  });

  test("a heartbeat tells of a loss at the end", async () => {
    const { server, room, status } = setUp();
    await status("live");
    server.losesFrames = true;
    const { id } = server.post("bob", "lost");
    server.edit(id, "found");
    server.losesFrames = false;
    server.heartbeat();
    await settle();
    expect(contents(room)).toEqual(["found"]);
  });
});

describe("polling", () => {
  test("takes over when no WebSocket can be had, and hands back without loss or repeat", async () => {
    const { server, room, status, time } = setUp({}, (fake) => {
      fake.refusesSockets = true;
    });
    await status("polling");
    server.post("bob", "by poll");
    await time.until(() => contents(room).length === 1);
    room.send("over REST");
    await time.until(() => room.state.pending.length === 0);
    server.refusesSockets = false;
    await status("live");
    server.post("bob", "by socket");
    room.send("over the socket");
    await time.until(() => room.state.pending.length === 0);
    expect(contents(room)).toEqual(["by poll", "over REST", "by socket", "over the socket"]);
    expect(contents(room)).toEqual(seen(server));
    const polls = server.requests.length;
    server.post("bob", "one more");
    await settle();
    expect(server.requests).toHaveLength(polls);
  });

  test("is all there is without a WebSocket", async () => {
    const { server, room, status, time } = setUp({ WebSocket: null });
    await status("polling");
    server.post("bob", "hello");
    await time.until(() => contents(room).length === 1);
    server.restore();
    server.post("bob", "new life");
    await time.until(() => contents(room)[0] === "new life");
  });

  test("opens the newest page after a long absence, instead of replaying the middle", async () => {
    const { server, room, status } = setUp({ WebSocket: null });
    await status("polling");
    server.isDown = true;
    for (let count = 0; count < 1_100; count += 1) server.post("bob", `${count}`);
    await status("reconnecting");
    server.isDown = false;
    await status("polling");
    await settle();
    expect(contents(room)).toEqual(seen(server).slice(-50));
    server.post("bob", "and on");
    await settle();
    expect(contents(room).at(-1)).toBe("and on");
  });

  test("survives a server that is away", async () => {
    const { server, room, status, time } = setUp({ WebSocket: null });
    await status("polling");
    server.isDown = true;
    server.post("bob", "wakes the held request, the next one fails");
    await time.until(() => room.state.status !== "polling");
    server.isDown = false;
    await status("polling");
    expect(contents(room)).toEqual(seen(server));
  });
});

describe("sending", () => {
  test("shows a message as pending until it comes back, and never twice", async () => {
    const { room, status, time } = setUp();
    const clientId = room.send("early");
    expect(room.state.pending).toMatchObject([{ client_id: clientId, content: "early", status: "pending" }]);
    await status("live");
    await time.until(() => room.state.pending.length === 0);
    expect(contents(room)).toEqual(["early"]);
  });

  test("a lost acknowledgement is asked for again", async () => {
    const { server, room, status, time } = setUp();
    await status("live");
    server.losesAcknowledgements = 1;
    room.send("one");
    room.send("two");
    await time.until(() => room.state.pending.length === 0);
    expect(seen(server)).toEqual(["one", "two"]);
    expect(contents(room)).toEqual(["one", "two"]);
  });

  test("a blank or endless text is refused at once", () => {
    const { room } = setUp();
    expect(() => room.send("  \n ")).toThrow(expect.objectContaining({ code: "blank_content" }));
    expect(() => room.send("x".repeat(100_001))).toThrow(
      expect.objectContaining({ code: "content_too_long" }),
    );
  });

  test("tells of typing seldom", async () => {
    const { room, status } = setUp();
    await status("live");
    room.setTyping(true);
    room.setTyping(true);
    room.setTyping(false);
    expect(room.state.typing).toEqual([]);
  });
});

describe("telling", () => {
  test("gathers changes into one call", async () => {
    const { server, room, status } = setUp();
    await status("live");
    await settle();
    let calls = 0;
    const stop = room.subscribe(() => {
      calls += 1;
    });
    for (let count = 0; count < 50; count += 1) server.post("bob", `${count}`);
    await settle();
    expect(calls).toBe(1);
    const before = room.state;
    server.heartbeat();
    expect(room.state).toBe(before);
    stop();
    server.post("bob", "unheard");
    await settle();
    expect(calls).toBe(1);
  });
});
