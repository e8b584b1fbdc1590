import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import type { RoomClient } from "../src/index.js";
import { type FrameProxy, startFrameProxy } from "./support/frame-proxy.js";
import { enter, type Guest, makeGuest, until, untilStatus } from "./support/talk.js";

vi.setConfig({ testTimeout: 90_000 });

let server: TestServer;
let proxy: FrameProxy;
let alice: Guest;
let roomId: string;
const open = new Set<RoomClient>();

beforeAll(async () => {
  server = await startTestServer();
  proxy = await startFrameProxy(server.port);
  alice = await makeGuest(server.url, "Alice");
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

async function join(guest: Guest, url: string): Promise<RoomClient> {
  const room = enter(guest, url, roomId);
  open.add(room);
  await untilStatus(room, "live");
  return room;
}

/** Takes part in what comes to Alice: the `welcome` frames, and nothing else when she is deaf. */
function listen({
  deaf,
}: {
  deaf: boolean;
}): { online: string[] | null; profiles: { username: string }[] }[] {
  const welcomes: { online: string[] | null; profiles: { username: string }[] }[] = [];
  proxy.swallow((frame) => {
    if (frame.to === "client" && frame.text.includes('"type":"welcome"'))
      welcomes.push(JSON.parse(frame.text));
    return deaf && frame.to === "client";
  });
  return welcomes;
}

describe("coming back after a restart", () => {
  test("[WS18] [USER12] who knows everybody is sent neither their list nor their profiles, and still hears of changes", async () => {
    roomId = (await alice.api.call("createRoom", { body: { name: "Kitchen" } })).id;
    const a = await join(alice, proxy.url);
    const guests: Guest[] = [];
    for (let n = 0; n < 3; n += 1) guests.push(await makeGuest(server.url, `Guest ${n}`));
    for (const guest of guests) await join(guest, server.url);
    const names = () => guests.map(({ id }) => a.state.profiles.get(id)?.username);
    await until(a, "all are here", () => a.state.online.length === 4);
    const welcomes = listen({ deaf: false });
    await server.restart();
    await vi.waitFor(() => expect(welcomes).toHaveLength(1), 20_000);
    await untilStatus(a, "live");
    expect(welcomes[0]).toMatchObject({ online: null, profiles: [] });
    expect(a.state.online).toHaveLength(4);
    expect(names()).toEqual(["Guest 0", "Guest 1", "Guest 2"]);
    const [first] = guests;
    await first?.api.call("updateProfile", {
      params: { user_id: first.id },
      body: { display_name: "Another" },
    });
    await until(a, "the new name", () => names()[0] === "Another");
  });

  // Some, and more than one look-up by id holds.
  test.each([8, 55])(
    "[USER12] %d who came meanwhile have their names, and who changed theirs too",
    async (crowd) => {
      roomId = (await alice.api.call("createRoom", { body: { name: "Hall" } })).id;
      const early = await makeGuest(server.url, "Early");
      await join(early, server.url);
      const a = await join(alice, proxy.url);
      listen({ deaf: true });
      const guests: Guest[] = [];
      for (let n = 0; n < crowd; n += 1) guests.push(await makeGuest(server.url, `Guest ${n}`));
      await Promise.all(guests.map((guest) => join(guest, server.url)));
      await early.api.call("updateProfile", {
        params: { user_id: early.id },
        body: { display_name: "Late" },
      });
      expect(a.state.online).toHaveLength(2);
      listen({ deaf: false });
      await server.restart();
      await until(a, "all are here", () => a.state.online.length === crowd + 2, 20_000);
      const names = () => [early, ...guests].map(({ id }) => a.state.profiles.get(id)?.username);
      await until(
        a,
        "all names",
        () => names().every((name) => name !== undefined && name !== "Early"),
        20_000,
      );
      expect(names()).toEqual(["Late", ...guests.map((_, n) => `Guest ${n}`)]);
    },
  );
});
