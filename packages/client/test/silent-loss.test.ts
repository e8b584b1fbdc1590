import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { seeded } from "../../server/test/support/raw.js";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import type { RoomClient } from "../src/index.js";
import { type FrameProxy, type PassingFrame, startFrameProxy } from "./support/frame-proxy.js";
import { enter, type Guest, lines, makeGuest, until, untilStatus } from "./support/talk.js";

vi.setConfig({ testTimeout: 90_000 });

/** A heartbeat, and what a busy machine needs beside it. */
const HEARTBEAT = 25_000;
/** Two acknowledgements that do not come, and a new connection. */
const RESENT = 45_000;

let server: TestServer;
let proxy: FrameProxy;
let alice: Guest;
let bob: Guest;
const open = new Set<RoomClient>();

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startFrameProxy(server.port);
  alice = await makeGuest(server.url, "Alice");
  bob = await makeGuest(server.url, "Bob");
});
afterEach(() => {
  for (const room of open) room.close();
  open.clear();
  proxy.swallow(null);
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

async function post(roomId: string, content: string): Promise<void> {
  await bob.api.call("postMessage", { params: { room_id: roomId }, body: { user_id: bob.id, content } });
}

async function fetched(roomId: string): Promise<string[]> {
  const query = { limit: 1_000 };
  const messages = await alice.api.call("listMessages", { params: { room_id: roomId }, query });
  return messages.map(({ username, content }) => `${username}: ${content}`);
}

/** Swallows the first frame to one side whose text has `part` in it. */
function swallowOnce(to: PassingFrame["to"], part: string): void {
  let done = false;
  proxy.swallow((frame) => {
    if (done || frame.to !== to || !frame.text.includes(part)) return false;
    done = true;
    return true;
  });
}

describe("[SDK2] frames that a middlebox swallows", () => {
  test("one among others is read from the log at once, without a new connection", async () => {
    const roomId = await makeRoom();
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "live");
    const { opened } = proxy;
    swallowOnce("client", "lost");
    for (const text of ["first", "lost", "last"]) await post(roomId, text);
    await until(a, "all lines", () => lines(a).length === 3);
    expect(lines(a)).toEqual(["Bob: first", "Bob: lost", "Bob: last"]);
    expect(proxy.opened).toBe(opened);
  });

  test("the last one before silence is noticed by the heartbeat", async () => {
    const roomId = await makeRoom();
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "live");
    const { opened } = proxy;
    swallowOnce("client", "lost");
    await post(roomId, "lost");
    await until(a, "the line", () => lines(a).length === 1, HEARTBEAT);
    expect(proxy.opened).toBe(opened);
  });

  test("a sent message is sent again under its name and stored once, whichever way it was lost", async () => {
    const roomId = await makeRoom();
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "live");
    swallowOnce("server", "to be swallowed");
    a.send("to be swallowed");
    await until(a, "it is sent", () => a.state.pending.length === 0, RESENT);
    swallowOnce("client", "unheard");
    a.send("unheard");
    await until(a, "it is acknowledged", () => a.state.pending.length === 0, RESENT);
    expect(await fetched(roomId)).toEqual(["Alice: to be swallowed", "Alice: unheard"]);
    expect(lines(a)).toEqual(await fetched(roomId));
  });

  test("where nothing that is sent arrives, another connection is made", async () => {
    const roomId = await makeRoom();
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "live");
    const broken = proxy.opened;
    proxy.swallow((frame) => frame.to === "server" && proxy.opened === broken);
    a.send("through the second");
    await until(a, "it is sent", () => a.state.pending.length === 0, RESENT);
    expect(proxy.opened).toBeGreaterThan(broken);
    expect(await fetched(roomId)).toEqual(["Alice: through the second"]);
  });

  test.each([
    ["a message", "missed 7"],
    ["welcome", '"welcome"'],
    ["synced", '"synced"'],
    ["progress", '"progress"'],
  ])("%s of a replay: the replay is asked again", async (_, part) => {
    const roomId = await makeRoom();
    const a = join(alice, proxy.url, roomId, { replayLimit: Number.POSITIVE_INFINITY });
    await untilStatus(a, "live");
    const silenced = proxy.swallowed;
    proxy.swallow((frame) => frame.to === "client");
    const count = part.includes("progress") ? 1_050 : 20;
    for (let done = 0; done < count; done += 10) {
      await Promise.all(Array.from({ length: 10 }, (_item, index) => post(roomId, `missed ${done + index}`)));
    }
    await vi.waitFor(() => expect(proxy.swallowed - silenced).toBeGreaterThanOrEqual(count), HEARTBEAT);
    // The connection says nothing any more; the next one loses a frame.
    swallowOnce("client", part);
    const before = proxy.swallowed;
    await server.restart();
    await until(a, "all is here", () => lines(a).length === count && a.state.status === "live", HEARTBEAT);
    expect(proxy.swallowed).toBeGreaterThan(before);
    expect(lines(a).length).toBe(count);
    expect(new Set(lines(a)).size).toBe(count);
  });

  test("[REL6] a changed name is noticed by the heartbeat, also behind one that came, without a new connection", async () => {
    const roomId = await makeRoom();
    const [changing, other] = [await makeGuest(server.url, "Before"), await makeGuest(server.url, "Other")];
    const guests = [changing, other].map((guest) => join(guest, server.url, roomId));
    for (const room of guests) await untilStatus(room, "live");
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "live");
    const { opened } = proxy;
    const nameOf = ({ id }: Guest) => a.state.profiles.get(id)?.username;
    const rename = async (guest: Guest, display_name: string) => {
      await guest.api.call("updateProfile", { params: { user_id: guest.id }, body: { display_name } });
    };
    swallowOnce("client", '"username":"After"');
    await rename(changing, "After");
    await rename(other, "Another");
    await until(a, "the other name", () => nameOf(other) === "Another");
    expect(nameOf(changing)).toBe("Before");
    await until(a, "the new name", () => nameOf(changing) === "After", HEARTBEAT);
    expect(proxy.opened).toBe(opened);
  });

  test("[REL6] who came and who left is noticed by the heartbeat, also when as many are here as before", async () => {
    const roomId = await makeRoom();
    const [leaver, comer] = [await makeGuest(server.url, "Leaver"), await makeGuest(server.url, "Comer")];
    const leaving = join(leaver, server.url, roomId);
    await untilStatus(leaving, "live");
    const a = join(alice, proxy.url, roomId);
    await untilStatus(a, "live");
    expect([...a.state.online].sort()).toEqual([alice.id, leaver.id].sort());
    const silenced = proxy.swallowed;
    proxy.swallow(({ to, text }) => to === "client" && /"type":"user_(joined|left)"/.test(text));
    leaving.close();
    join(comer, server.url, roomId);
    await vi.waitFor(() => expect(proxy.swallowed - silenced).toBe(2), HEARTBEAT);
    proxy.swallow(null);
    const here = [alice.id, comer.id].sort().join();
    await until(a, "who is here", () => [...a.state.online].sort().join() === here, HEARTBEAT);
    // One new connection is enough: the next heartbeat finds nothing wrong.
    const { opened } = proxy;
    let beats = 0;
    proxy.swallow(({ text }) => {
      beats += text.includes('"heartbeat"') ? 1 : 0;
      return false;
    });
    await vi.waitFor(() => expect(beats).toBeGreaterThan(0), HEARTBEAT);
    expect(proxy.opened).toBe(opened);
    expect(a.state.status).toBe("live");
  });

  test("one in ten, in both directions, for a while", async () => {
    const roomId = await makeRoom();
    const random = seeded(20_261_124);
    proxy.swallow(() => random() < 0.1);
    const a = join(alice, proxy.url, roomId);
    const b = join(bob, proxy.url, roomId);
    for (let n = 0; n < 8; n += 1) {
      a.send(`a ${n}`);
      b.send(`b ${n}`);
      await post(roomId, `posted ${n}`);
    }
    const isSent = () => a.state.pending.length < 5 && b.state.pending.length < 5;
    await until(a, "some are sent", isSent, 80_000);
    proxy.swallow(null);
    for (const room of [a, b]) {
      await until(
        room,
        "all is here",
        () => room.state.pending.length === 0 && lines(room).length === 24,
        RESENT,
      );
      expect(lines(room)).toEqual(await fetched(roomId));
    }
    const mine = (name: string) =>
      lines(a).filter((line) => line.startsWith(name) && !line.includes("posted"));
    expect(mine("Alice")).toEqual(Array.from({ length: 8 }, (_, n) => `Alice: a ${n}`));
    expect(mine("Bob")).toEqual(Array.from({ length: 8 }, (_, n) => `Bob: b ${n}`));
  }, 180_000);
});
