import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { WebSocket } from "ws";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import { createApi, createMemoryOutbox, type RoomClient } from "../src/index.js";
import { startProxy, type TestProxy } from "./support/proxy.js";
import { enter, type Guest, lines, makeGuest, until, untilStatus } from "./support/talk.js";

/** On a machine that does other things too, a thousand posts or a restart take their time. */
vi.setConfig({ testTimeout: 60_000 });

let server: TestServer;
let proxy: TestProxy;
let alice: Guest;
let bob: Guest;
const open = new Set<RoomClient>();

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startProxy(server.port);
  alice = await makeGuest(server.url, "Alice");
  bob = await makeGuest(server.url, "Bob");
});
afterEach(() => {
  for (const room of open) room.close();
  open.clear();
  proxy.refuseAll(false);
  proxy.refuseSockets(false);
});
afterAll(async () => {
  await proxy.close();
  await server.close();
});

function join(...input: Parameters<typeof enter>): RoomClient {
  const room = enter(...input);
  open.add(room);
  return room;
}

async function makeRoom(): Promise<string> {
  return (await alice.api.call("createRoom", { body: { name: "Kitchen" } })).id;
}

/** The room as somebody who comes now reads it. */
async function fetched(roomId: string): Promise<string[]> {
  const messages = await alice.api.call("listMessages", {
    params: { room_id: roomId },
    query: { limit: 1_000 },
  });
  return messages.map(({ username, content }) => `${username}: ${content}`);
}

async function post(guest: Guest, roomId: string, content: string): Promise<void> {
  await guest.api.call("postMessage", { params: { room_id: roomId }, body: { user_id: guest.id, content } });
}

/** Posts lines of Bob, some at a time, so that one commit stores several. */
async function postMany(roomId: string, count: number): Promise<void> {
  for (let done = 0; done < count; done += 50) {
    const some = Array.from({ length: Math.min(50, count - done) }, (_, index) => `line ${done + index}`);
    await Promise.all(some.map((line) => post(bob, roomId, line)));
  }
}

describe("two people", () => {
  test("talk, see each other, edit, react and delete", async () => {
    const roomId = await makeRoom();
    const a = join(alice, server.url, roomId);
    const b = join(bob, server.url, roomId);
    await Promise.all([untilStatus(a, "live"), untilStatus(b, "live")]);
    await until(a, "both are here", () => a.state.online.length === 2);
    expect(a.state.profiles.get(bob.id)?.username).toBe("Bob");

    b.setTyping(true);
    await until(a, "Bob types", () => a.state.typing.includes(bob.id));
    b.send("Hello Alice");
    a.send("Hello Bob");
    await until(a, "both lines", () => lines(a).length === 2 && a.state.pending.length === 0);
    await until(b, "both lines", () => lines(b).length === 2 && b.state.pending.length === 0);
    expect(a.state.typing).toEqual([]);
    expect(lines(a).toSorted()).toEqual(["Alice: Hello Bob", "Bob: Hello Alice"]);
    expect(lines(b)).toEqual(lines(a));

    const mine = b.state.messages.find(({ user_id }) => user_id === bob.id)?.id ?? "";
    await b.edit(mine, "Hello, dear Alice");
    await a.react(mine, "👍");
    await until(b, "the reaction", () => b.state.messages.some(({ reactions }) => reactions.length > 0));
    await a.unreact(mine, "👍");
    await until(b, "no reaction", () => b.state.messages.every(({ reactions }) => reactions.length === 0));
    await until(a, "the edit", () => lines(a).includes("Bob: Hello, dear Alice"));
    await b.remove(mine);
    await until(a, "the deletion", () => lines(a).length === 1);
    expect(lines(a)).toEqual(await fetched(roomId));

    const params = { user_id: bob.id };
    await bob.api.call("updateProfile", { params, body: { display_name: "Robert" } });
    await until(a, "the new name", () => a.state.profiles.get(bob.id)?.username === "Robert");
    await bob.api.call("updateProfile", { params, body: { display_name: "Bob" } });
    b.close();
    await until(a, "Bob has left", () => !a.state.online.includes(bob.id));
  });

  test("answer and mention each other, also what they wrote without a network", async () => {
    const roomId = await makeRoom();
    const store = createMemoryOutbox();
    const his = join(bob, server.url, roomId);
    await untilStatus(his, "live");
    his.send("question");
    await until(his, "the question", () => his.state.messages.length === 1);
    const question = his.state.messages[0];
    proxy.refuseAll(true);
    const offline = join(alice, proxy.url, roomId, { outbox: store });
    offline.send("answer", { replyTo: question?.id, mentions: [bob.id] });
    expect(offline.state.pending[0]).toMatchObject({ reply_to: question?.id, mentions: [bob.id] });
    offline.close();
    proxy.refuseAll(false);
    const hers = join(alice, proxy.url, roomId, { outbox: store });
    for (const room of [his, hers]) {
      await until(room, "the answer", () => room.state.messages.length === 2);
      const reply_to = { id: question?.id, username: "Bob", content: "question", deleted: false };
      expect(room.state.messages[1]).toMatchObject({ content: "answer", reply_to, mentions: [bob.id] });
    }
    await his.remove(question?.id ?? "");
    await until(hers, "the quote goes", () => hers.state.messages[1]?.reply_to?.deleted === true);
    expect(hers.state.messages[1]?.reply_to?.content).toBe("");
    await hers.edit(hers.state.messages[1]?.id ?? "", "answer", { mentions: [] });
    await until(his, "no mention", () => his.state.messages[1]?.mentions === undefined);
  });

  test("read old pages down to the first message", async () => {
    const roomId = await makeRoom();
    await postMany(roomId, 120);
    const a = join(alice, server.url, roomId);
    await untilStatus(a, "live");
    expect(a.state.messages).toHaveLength(50);
    while (a.state.hasOlder) await a.loadOlder();
    expect(lines(a)).toEqual(await fetched(roomId));
  });
});

describe("a bad network", () => {
  test("cuts at any moment lose, repeat and reorder nothing", async () => {
    const roomId = await makeRoom();
    const a = join(alice, proxy.url, roomId);
    const b = join(bob, proxy.url, roomId, { random: () => 0 });
    await untilStatus(a, "live");
    const sent: string[] = [];
    for (let count = 0; count < 60; count += 1) {
      sent.push(`sent ${count}`);
      b.send(`sent ${count}`);
      if (count % 3 === 0) await post(alice, roomId, `posted ${count}`);
      if (count % 20 === 10) {
        await until(b, "some are stored", () => lines(b).length > count / 2);
        expect(proxy.cut()).toBeGreaterThan(0);
      }
    }
    await until(b, "all is sent", () => b.state.pending.length === 0);
    for (const room of [a, b]) {
      await until(room, "all is here", () => room.state.status === "live" && lines(room).length === 80);
      while (room.state.hasOlder) await room.loadOlder();
      expect(lines(room)).toEqual(await fetched(roomId));
    }
    expect(lines(a).filter((line) => line.startsWith("Bob"))).toEqual(sent.map((line) => `Bob: ${line}`));
  });

  test("a half-open connection is found out", async () => {
    const roomId = await makeRoom();
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "live");
    proxy.freeze();
    await post(bob, roomId, "unheard");
    a.reconnectNow();
    await until(a, "the line", () => lines(a).length === 1 && a.state.status === "live");
  });

  test("no WebSocket: polling goes on, and hands back", async () => {
    const roomId = await makeRoom();
    proxy.refuseSockets(true);
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "polling");
    await post(bob, roomId, "one");
    a.send("two");
    await until(a, "both lines", () => lines(a).length === 2 && a.state.pending.length === 0);
    proxy.refuseSockets(false);
    a.reconnectNow();
    await untilStatus(a, "live");
    await post(bob, roomId, "three");
    a.send("four");
    await until(a, "all lines", () => lines(a).length === 4 && a.state.pending.length === 0);
    expect(lines(a)).toEqual(await fetched(roomId));
    proxy.refuseSockets(true);
    proxy.cut();
    await untilStatus(a, "polling");
    await post(bob, roomId, "five");
    await until(a, "the fifth", () => lines(a).length === 5);
    expect(lines(a)).toEqual(await fetched(roomId));
  });

  test("a long absence opens the newest page", async () => {
    const roomId = await makeRoom();
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "live");
    proxy.refuseAll(true);
    await until(a, "it is gone", () => a.state.status !== "live");
    await postMany(roomId, 1_050);
    proxy.refuseAll(false);
    a.reconnectNow();
    await untilStatus(a, "live");
    expect(lines(a)).toEqual((await fetched(roomId)).slice(-50));
    expect(a.state.hasOlder).toBe(true);
  });

  test("unsent messages outlive the client", async () => {
    const roomId = await makeRoom();
    const outbox = createMemoryOutbox();
    proxy.refuseAll(true);
    const first = enter(alice, proxy.url, roomId, { outbox });
    for (const text of ["one", "two", "three"]) first.send(text);
    await until(first, "they wait", () => first.state.pending.length === 3);
    first.close();
    proxy.refuseAll(false);
    const second = join(alice, proxy.url, roomId, { outbox });
    await until(second, "all is sent", () => lines(second).length === 3 && second.state.pending.length === 0);
    expect(await fetched(roomId)).toEqual(["Alice: one", "Alice: two", "Alice: three"]);
  });
});

describe("the server", () => {
  test("restarts in the middle, and nothing is lost", async () => {
    const own = await startTestServer();
    try {
      const guest = await makeGuest(own.url, "Carol");
      const { id } = await guest.api.call("createRoom", { body: { name: "Kitchen" } });
      const room = join(guest, own.url, id);
      await untilStatus(room, "live");
      room.send("before");
      await until(room, "the first line", () => lines(room).length === 1);
      const restarted = own.restart();
      for (const text of ["during one", "during two"]) room.send(text);
      await restarted;
      await until(room, "all lines", () => lines(room).length === 3 && room.state.pending.length === 0);
      await untilStatus(room, "live");
      expect(lines(room)).toEqual(["Carol: before", "Carol: during one", "Carol: during two"]);
      room.close();
    } finally {
      await own.close();
    }
  });

  test("refuses what can not be mended by trying again, and says why", async () => {
    const nowhere = join(alice, server.url, "nowhere");
    await untilStatus(nowhere, "closed");
    expect(nowhere.state.failure?.code).toBe("room_not_found");

    const stranger = join({ ...alice, token: "" }, server.url, await makeRoom(), { token: () => null });
    await untilStatus(stranger, "closed");
    expect(stranger.state.failure?.code).toBe("not_your_identity");
  });

  test("asks for a room's password, and lets in who knows it", async () => {
    const body = { username: "Dora", email: null, password: "correct horse" };
    const { user, token } = await createApi({ url: server.url }).call("signup", { body });
    const dora = {
      id: user.id,
      name: "Dora",
      token,
      api: createApi({ url: server.url, token: () => token }),
    };
    const secret = { name: "Cellar", privacy: "password" as const, password: "sesame" };
    const { id } = await alice.api.call("createRoom", { body: secret });
    const room = join(dora, server.url, id);
    await untilStatus(room, "closed");
    expect(room.state.failure?.code).toBe("password_required");
    await dora.api.call("verifyRoomPassword", { params: { room_id: id }, body: { password: "sesame" } });
    room.reconnectNow();
    await untilStatus(room, "live");
  });

  test("refuses one message without holding up the next", async () => {
    const roomId = await makeRoom();
    /** A client without the SDK's own check. */
    class Careless extends WebSocket {
      override send(data: string): void {
        super.send(data.replace("to be blank", "  "));
      }
    }
    const a = join(alice, server.url, roomId, { WebSocket: Careless });
    await untilStatus(a, "live");
    const refused = a.send("to be blank");
    a.send("fine");
    await until(a, "the second", () => lines(a).includes("Alice: fine"));
    expect(a.state.pending).toMatchObject([
      { client_id: refused, content: "to be blank", status: "failed", failure: { code: "blank_content" } },
    ]);
    expect(a.discard(refused)).toBe("to be blank");
    expect(a.state.pending).toEqual([]);
  });

  test("takes a text whose frame would be too large over REST", async () => {
    const a = join(alice, server.url, await makeRoom());
    await untilStatus(a, "live");
    a.send(`x${"\u0001".repeat(99_999)}`);
    a.send("after");
    await until(a, "both", () => a.state.pending.length === 0 && lines(a).length === 2);
    expect(lines(a)[1]).toBe("Alice: after");
    expect(a.state.messages[0]?.content).toHaveLength(100_000);
  });
});

describe("pages that are short because their messages are long", () => {
  /** A room with sixty messages of 300 kB, of which a page holds four and the first one fourteen. */
  async function longRoom(): Promise<string> {
    const roomId = await makeRoom();
    for (let seq = 1; seq <= 60; seq += 1) await post(bob, roomId, String(seq).padEnd(100_000, "字"));
    return roomId;
  }
  const shown = (room: RoomClient) => room.state.messages.map(({ seq }) => seq);
  const upTo = (first: number, last: number) =>
    Array.from({ length: last - first + 1 }, (_, index) => first + index);

  test("[MSG20] [CLI1] are no end of the history, going up or down", async () => {
    const roomId = await longRoom();
    const a = join(alice, server.url, roomId);
    await untilStatus(a, "live");
    expect(shown(a)).toEqual(upTo(47, 60));
    expect(a.state.hasOlder).toBe(true);
    await a.loadOlder();
    expect(shown(a)).toEqual(upTo(1, 60));
    expect(a.state.hasOlder).toBe(false);
    const b = join(bob, server.url, roomId);
    await untilStatus(b, "live");
    expect(await b.jumpTo(20)).toBe(20);
    expect(b.state.hasOlder).toBe(true);
    for (let turn = 0; b.state.hasNewer && turn < 3; turn += 1) await b.loadNewer();
    expect(b.state.hasNewer).toBe(false);
    await b.loadOlder();
    expect(shown(b)).toEqual(upTo(1, 60));
    await post(alice, roomId, "live");
    await until(b, "the live one", () => shown(b).at(-1) === 61);
  });
});
