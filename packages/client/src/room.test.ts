import { ERRORS } from "@parlor/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { createFakeClock, settle } from "../test/support/fake-clock.js";
import { createFakeServer } from "../test/support/fake-server.js";
import { createApi } from "./api.js";
import type { OnlineSource } from "./online.js";
import { OUTBOX_LIMIT } from "./outbox.js";
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

describe("unsent messages", () => {
  test("[OUT3] a room that is gone fails all that waits for it, and takes nothing more", async () => {
    const { server, room, status } = setUp();
    await status("live");
    server.isDown = true;
    server.cut();
    for (const text of ["one", "two"]) room.send(text);
    server.isDown = false;
    server.closesWith = { code: 4004, reason: ERRORS.room_not_found.detail };
    await status("closed");
    await settle();
    const failed = { status: "failed", failure: { code: "room_not_found" } };
    expect(room.state.pending).toMatchObject([failed, failed]);
    expect(() => room.send("three")).toThrow(ERRORS.room_not_found.detail);
    const [first, second] = room.state.pending;
    server.closesWith = null;
    room.reconnectNow();
    await status("live");
    room.retry(second?.client_id ?? "");
    await settle();
    expect(contents(room)).toEqual(["two"]);
    expect(room.discard(first?.client_id ?? "")).toBe("one");
    expect(room.state.pending).toEqual([]);
  });

  test("[OUT3] an unfinished sign-in fails nothing: it waits", async () => {
    const { server, room, status } = setUp();
    await status("live");
    server.isDown = true;
    server.cut();
    room.send("one");
    server.isDown = false;
    server.closesWith = { code: 4401, reason: ERRORS.session_ended.detail };
    await status("closed");
    await settle();
    expect(room.state.pending).toMatchObject([{ status: "pending" }]);
    server.closesWith = null;
    room.reconnectNow();
    await status("live");
    await settle();
    expect(contents(room)).toEqual(["one"]);
  });

  test("[OUT1] a socket that swallows a message is not tried for ever: it goes over REST", async () => {
    const { server, room, status, time } = setUp();
    await status("live");
    server.swallowsSends = 2;
    room.send("one");
    await time.until(() => room.state.pending.length === 0);
    expect(server.requests.filter((line) => line.startsWith("POST"))).toHaveLength(1);
    expect(contents(room)).toEqual(["one"]);
  });

  test("[OUT5] the outbox is bounded: beyond it a send is refused and the text stays with the person", () => {
    const { room } = setUp({ online: { isOnline: () => false, subscribe: () => () => {} } });
    for (let count = 0; count < OUTBOX_LIMIT.messages; count += 1) room.send("x");
    expect(() => room.send("one too many")).toThrow(ERRORS.outbox_full.detail);
    expect(room.state.pending).toHaveLength(OUTBOX_LIMIT.messages);
    const { room: wide } = setUp();
    const text = "x".repeat(100_000);
    for (let units = 0; units + text.length <= OUTBOX_LIMIT.units; units += text.length) wide.send(text);
    expect(() => wide.send(text)).toThrow(ERRORS.outbox_full.detail);
  });
});

describe("a loss on the way", () => {
  test("[SDK2] of the end of a replay shows with the next heartbeat: the way in is gone once more", async () => {
    const { server, room, time } = setUp({}, (fake) => {
      fake.losesSynced = true;
    });
    room.send("one");
    await settle();
    expect(room.state.status).not.toBe("live");
    for (let beats = 0; beats < 4; beats += 1) {
      server.heartbeat();
      await time.pass(15_000);
    }
    expect(room.state.status).toBe("live");
    expect(contents(room)).toEqual(["one"]);
  });
});

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

  test("[REL6] silence is noticed although the device's clock was put back by hours", async () => {
    let offset = 0;
    const time = createFakeClock();
    const clock = { ...time.clock, now: () => time.clock.now() + offset };
    const { server, room } = setUp({ clock });
    await time.until(() => room.state.status === "live");
    offset = -5 * 3_600_000;
    server.losesFrames = true;
    server.post("bob", "unheard");
    await time.until(() => room.state.status !== "live");
    server.losesFrames = false;
    await time.until(() => room.state.status === "live");
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

  test("[SDK1] waits for a server that may restart, and begins when sockets stay away", async () => {
    const { server, room, status, time } = setUp();
    await status("live");
    server.refusesSockets = true;
    server.cut();
    const [lostAt, asked] = [time.clock.now(), server.requests.length];
    await time.until(() => time.clock.now() - lostAt > 7_000);
    expect(server.requests).toHaveLength(asked);
    await status("polling");
    expect(time.clock.now() - lostAt).toBeLessThan(11_000);
    server.refusesSockets = false;
    await status("live");
    expect(room.state.failure).toBeNull();
  });

  test("[SDK1] nor does a connection that was given up count as long gone", async () => {
    const { server, status, time } = setUp();
    await status("live");
    await time.until(() => time.clock.now() > 60_000);
    server.heartbeat();
    await settle();
    server.isDown = true;
    server.broadcast({ type: "heartbeat", room_id: "lobby", head_seq: 0, online: 7, online_hash: 7 });
    const [lostAt, asked] = [time.clock.now(), server.requests.length];
    await time.until(() => time.clock.now() - lostAt > 7_000);
    expect(server.requests).toHaveLength(asked);
    await time.until(() => server.requests.length > asked);
    expect(time.clock.now() - lostAt).toBeLessThan(11_000);
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

  test("[REL5] follows names and pictures too", async () => {
    const { server, room, status, time } = setUp({ WebSocket: null }, (fake) => fake.post("bob", "hello"));
    await status("polling");
    const avatar = { avatar_url: null, avatar_urls: null };
    server.profile({ user_id: "bob", username: "Robert", profile_rev: 7, ...avatar });
    await time.until(() => room.state.profiles.get("bob")?.username === "Robert");
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

describe("who is here", () => {
  const profile = { avatar_url: null, avatar_urls: null, profile_rev: 1 };

  test("[WS18] a list that polls have emptied is there again when the server says that it is right", async () => {
    const { server, room, status, time } = setUp({}, (fake) => {
      fake.others = ["bob"];
      fake.profile({ user_id: "bob", username: "Bob", ...profile });
    });
    await status("live");
    expect(room.state.online).toEqual(["alice", "bob"]);
    server.isDown = true;
    server.cut();
    const { requests } = server;
    await time.until(() => requests.some((request) => request.includes("after=")));
    let open = () => {};
    server.welcomesAfter = new Promise((resolve) => {
      open = resolve;
    });
    // A socket is open, and its `welcome` on its way, when a poll is answered.
    server.refusals.set("lobby", "overloaded");
    server.isDown = false;
    const tried = server.opened.length;
    await time.until(() => server.opened.length > tried);
    server.refusals.clear();
    server.post("bob", "hello");
    await status("polling");
    expect(room.state.online).toEqual([]);
    expect(server.opened.at(-1)?.url).toContain("online=2");
    open();
    await status("live");
    expect(room.state.online).toEqual(["alice", "bob"]);
  });

  test("[USER12] a look-up of those who came meanwhile that fails is made again with the next heartbeat", async () => {
    const { server, room, status } = setUp({}, (fake) => fake.post("alice", "hello"));
    await status("live");
    server.cut();
    server.others = ["bob"];
    server.profile({ user_id: "bob", username: "Bob", ...profile });
    server.refusesProfiles = true;
    await status("live");
    await settle();
    expect(room.state.online).toContain("bob");
    expect(room.state.profiles.has("bob")).toBe(false);
    server.heartbeat();
    await settle();
    server.refusesProfiles = false;
    server.heartbeat();
    await settle();
    expect(room.state.profiles.get("bob")?.username).toBe("Bob");
    const asked = server.requests.length;
    server.heartbeat();
    await settle();
    expect(server.requests).toHaveLength(asked);
  });

  test("[OPS15] after a backup was restored people are asked for as if for the first time", async () => {
    const { server, status, time } = setUp({}, (fake) => fake.post("bob", "hello"));
    await status("live");
    server.cut();
    await status("live");
    expect(server.opened.at(-1)?.url).toContain("profiles_after=");
    server.restore();
    server.post("bob", "another life");
    await time.until(() => server.opened.at(-1)?.url.includes("epoch=e2") ?? false);
    expect(server.opened.at(-1)?.url).not.toContain("profiles_after=");
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

describe("changing", () => {
  test("a change that is not answered fails in time, so that the person can try again", async () => {
    const { server, room, status, time } = setUp({}, (fake) => fake.post("alice", "hello"));
    await status("live");
    server.neverAnswersChanges = true;
    const id = room.state.messages[0]?.id ?? "";
    const failures: unknown[] = [];
    const note = (error: unknown) => failures.push(error);
    room.edit(id, "new").catch(note);
    room.remove(id).catch(note);
    room.react(id, "👍").catch(note);
    room.unreact(id, "👍").catch(note);
    await time.until(() => failures.length === 4);
    for (const failure of failures) expect(failure).toMatchObject({ code: "unavailable" });
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
