import { ERRORS } from "@parlor/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { createFakeClock, settle } from "../test/support/fake-clock.js";
import { createFakeServer } from "../test/support/fake-server.js";
import { createMemoryHistory } from "../test/support/memory-history.js";
import { createApi } from "./api.js";
import { HISTORY_LIMIT, type RoomSnapshot } from "./history.js";
import { openRoom } from "./room.js";
import type { RoomClient, RoomOptions } from "./room-client.js";

const open = new Set<RoomClient>();
afterEach(() => {
  for (const room of open) room.close();
  open.clear();
});

/** A browser that visits the room again and again. */
function setUp() {
  const server = createFakeServer();
  const time = createFakeClock();
  const history = createMemoryHistory();
  const api = createApi({ url: "http://parlor.test", fetch: server.fetch, token: () => null });
  const base = { url: api.url, api, roomId: "lobby", userId: "alice", clock: time.clock, random: () => 0.5 };
  const visit = (options: Partial<RoomOptions> = {}) => {
    const room = openRoom({ ...base, WebSocket: server.WebSocket, history, ...options });
    open.add(room);
    return room;
  };
  /** The first visit: it sees everything, and keeps it. */
  const firstVisit = async (options: Partial<RoomOptions> = {}) => {
    const room = visit(options);
    await time.until(() => room.state.status === "live");
    await time.pass(2_000);
    return room;
  };
  const leave = async (room: RoomClient) => {
    room.close();
    await settle();
  };
  return { server, time, history, visit, firstVisit, leave };
}

const contents = (room: RoomClient) => room.state.messages.map(({ content }) => content);

describe("history that is kept", () => {
  test("[SDK4] shows without a network, and then goes on from where it stood", async () => {
    const { server, time, visit, firstVisit, leave } = setUp();
    server.post("bob", "one");
    const before = await firstVisit();
    server.post("bob", "two");
    await leave(before);
    server.isDown = true;
    const room = visit();
    await time.until(() => room.state.loaded);
    expect(contents(room)).toEqual(["one", "two"]);
    expect(room.state).toMatchObject({ restored: true, hasOlder: false });
    expect(room.state.profiles.get("bob")?.username).toBe("bob");
    server.post("bob", "three");
    server.isDown = false;
    server.requests.length = 0;
    await time.until(() => room.state.status === "live");
    expect(contents(room)).toEqual(["one", "two", "three"]);
    expect(room.state.restored).toBe(false);
    expect(server.requests.filter((request) => request.includes("/messages"))).toEqual([]);
    expect(server.opened.at(-1)?.url).toContain("after=2&epoch=e1");
  });

  test("[SDK4] a store that has nothing of a room, and says so, is not waited for", async () => {
    const { server, time, history, visit } = setUp();
    server.post("bob", "one");
    const asked = () => server.requests.filter((request) => request.includes("/messages")).length;
    // This one does not answer; the clock stands still.
    const silent = { ...history, room: () => new Promise<null>(() => {}) };
    visit({ history: silent });
    await settle();
    expect(asked()).toBe(0);
    visit({ history: { ...silent, mayHave: () => false } });
    await settle();
    expect(asked()).toBe(1);
    // What it had all the same is shown where the server says nothing.
    server.isDown = true;
    const profiles = [] as const;
    const late: RoomSnapshot = {
      ...{ messages: [], hasOlder: false, cursor: 0, epoch: "e1", profiles, profilesAfter: null },
    };
    const room = visit({ history: { ...history, room: async () => late, mayHave: () => false } });
    await time.until(() => room.state.loaded);
    expect(room.state.restored).toBe(true);
  });

  test("[SDK4] what changed meanwhile is changed, and what was deleted is gone from what is kept", async () => {
    const { server, time, history, visit, firstVisit, leave } = setUp();
    const [first, second] = [server.post("bob", "one"), server.post("bob", "two")];
    await leave(await firstVisit());
    server.edit(first.id, "one, better");
    server.remove(second.id);
    const room = visit();
    await time.until(() => room.state.status === "live");
    expect(contents(room)).toEqual(["one, better", ""]);
    await leave(room);
    expect(JSON.stringify(history.kept.get("lobby"))).not.toContain("two");
  });

  test("[SDK4] only the newest messages are kept, in number and in size, and nothing while one is elsewhere", async () => {
    const { server, time, history, visit, firstVisit, leave } = setUp();
    for (let index = 1; index <= 300; index += 1) server.post("bob", `line ${index}`);
    const room = await firstVisit();
    await room.loadOlder();
    await room.loadOlder();
    await leave(room);
    const kept = history.kept.get("lobby");
    expect(kept?.messages).toHaveLength(HISTORY_LIMIT.messages);
    expect(kept).toMatchObject({ hasOlder: true, cursor: 300 });
    expect(kept?.messages.at(-1)?.content).toBe("line 300");

    const elsewhere = visit();
    await time.until(() => elsewhere.state.status === "live");
    await elsewhere.jumpTo(10);
    await leave(elsewhere);
    expect(history.kept.get("lobby")?.messages.at(-1)?.content).toBe("line 300");

    for (let index = 0; index < 4; index += 1) server.post("bob", "x".repeat(90_000));
    await leave(await firstVisit());
    expect(history.kept.get("lobby")?.messages).toHaveLength(2);
  });

  test("[SDK4] a restored backup, or too much missed, opens the newest page as ever", async () => {
    const { server, time, visit, firstVisit, leave } = setUp();
    server.post("bob", "one");
    await leave(await firstVisit());
    for (let index = 1; index <= 60; index += 1) server.post("bob", `line ${index}`);
    const far = visit({ replayLimit: 20 });
    await time.until(() => far.state.status === "live");
    expect(contents(far)).toHaveLength(50);
    expect(far.state.hasOlder).toBe(true);
    await leave(far);
    server.restore();
    server.post("bob", "another life");
    const room = visit();
    await time.until(() => room.state.status === "live");
    expect(contents(room)).toEqual(["another life"]);
  });

  test("[SDK4] of a room that is shut to this user nothing is kept; an ended session may come back", async () => {
    const { server, time, history, visit, firstVisit, leave } = setUp();
    server.post("bob", "one");
    await leave(await firstVisit());
    const end = async (close: number, code: keyof typeof ERRORS) => {
      server.closesWith = { code: close, reason: ERRORS[code].detail };
      const room = visit();
      await time.until(() => room.state.status === "closed");
      await leave(room);
    };
    await end(4401, "session_ended");
    expect(history.kept.has("lobby")).toBe(true);
    await end(4004, "room_not_found");
    expect(history.kept.has("lobby")).toBe(false);
  });

  test("[SDK4] a store that never answers, or fails, is not waited for; one that is late is still heard", async () => {
    const { server, time, visit, history } = setUp();
    const silent = visit({ history: { ...history, room: () => new Promise(() => {}) } });
    await time.until(() => silent.state.status === "live");
    let answer = (_: RoomSnapshot | null) => {};
    const late = new Promise<RoomSnapshot | null>((resolve) => {
      answer = resolve;
    });
    const failing = visit({ history: { ...history, room: () => Promise.reject(new Error("no")) } });
    await time.until(() => failing.state.status === "live");
    server.isDown = true;
    const slow = visit({ history: { ...history, room: () => late } });
    await time.pass(1_000);
    expect(slow.state.loaded).toBe(false);
    answer({ messages: [], hasOlder: false, cursor: 0, epoch: "e1", profiles: [], profilesAfter: null });
    await settle();
    expect(slow.state).toMatchObject({ loaded: true, restored: true });
  });

  test("[SDK4] what came last is kept when the page goes", async () => {
    let leavePage = () => {};
    const subscribe = (listener: () => void) => {
      leavePage = listener;
      return () => {};
    };
    const { server, history, firstVisit } = setUp();
    await firstVisit({ leaving: { subscribe } });
    server.post("bob", "one");
    await settle();
    leavePage();
    await settle();
    expect(history.kept.get("lobby")?.messages.map(({ content }) => content)).toEqual(["one"]);
  });
});
