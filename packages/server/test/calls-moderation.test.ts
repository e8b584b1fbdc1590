import { type CallSnapshot, LIMITS } from "@parlor/protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { openTab, SEEN, SILENT, type Tab } from "./support/call.js";
import { makeGuest, makeRoom, newName, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { inDatabase, readCall } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("calls with a moderator", () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await startTestServer();
  });
  afterAll(async () => {
    await server.close();
  });

  /** A room of a host, with the host and one member in its call. */
  async function hosted(): Promise<{
    room: string;
    host: Tab;
    ben: Tab;
    begun: CallSnapshot;
    callId: string;
  }> {
    const person = await makeGuest(server, newName("host"));
    const room = await makeRoom(server, { created_by: person.id });
    const host = await openTab(server, room, person);
    const ben = await openTab(server, room, newName("ben"));
    await ben.join({ media: { audio: true, video: true, screen: true } });
    const begun = await host.join({ media: SEEN });
    await ben.state(({ legs }) => legs.length === 2);
    return { room, host, ben, begun, callId: begun.call_id };
  }

  const act = (tab: Tab, action: string, target?: Tab) =>
    tab.send({ type: "call-moderate", action, ...(target ? { target: target.legId } : {}) });

  it("[CALL8] the room's host moderates, nobody else; where there is none, whoever began the call", async () => {
    const { room, host, ben, begun } = await hosted();
    expect(begun.legs.map(({ moderator }) => moderator)).toEqual([false, true]);
    for (const action of ["mute", "remove", "stop-video"]) {
      act(ben, action, host);
      expect(await ben.refusal()).toMatchObject({ of: "call-moderate", code: "forbidden" });
    }
    for (const action of ["lock", "lobby", "end", "no-lobby", "unlock"]) {
      act(ben, action);
      expect(await ben.refusal()).toMatchObject({ code: "forbidden" });
    }
    act(host, "mute");
    expect(await host.refusal()).toMatchObject({ code: "call_leg_gone" });
    await makeRoom(server);
    const open = await makeRoom(server);
    const [one, two] = [await openTab(server, open, "one"), await openTab(server, open, "two")];
    await one.join();
    const joined = await two.join();
    expect(joined.legs.map(({ moderator }) => moderator)).toEqual([true, false]);
    one.send({ type: "call-leave" });
    const left = await two.state(({ legs }) => legs.length === 1);
    expect(left.legs[0]?.moderator).toBe(true);
    expect(room).not.toBe(open);
  });

  it("[CALL8] mute, stop of camera and screen and a lowered hand change what the others may play, and are told to their target", async () => {
    const { host, ben } = await hosted();
    ben.send({ type: "call-hand", raised: true });
    await host.state(({ legs }) => legs[0]?.hand === 1);
    for (const [action, media] of [
      ["mute", { audio: false, video: true, screen: true }],
      ["stop-video", { audio: false, video: false, screen: true }],
      ["stop-screen", SILENT],
    ] as const) {
      act(host, action, ben);
      expect(await ben.socket.next("call-moderated")).toMatchObject({ action, by: host.person.id });
      const state = await host.state(({ legs }) => JSON.stringify(legs[0]?.media) === JSON.stringify(media));
      expect(state.legs[0]?.hand).toBe(1);
    }
    act(host, "lower-hand", ben);
    await host.state(({ legs }) => legs[0]?.hand === null);
    // It is done once: whoever is not to speak at all is removed.
    ben.send({ type: "call-media", media: { audio: true, video: false, screen: false } });
    await host.state(({ legs }) => legs[0]?.media.audio === true);
  });

  it("[CALL8] who is removed is out with all tabs, and does not come back into this call", async () => {
    const { room, host, ben, callId } = await hosted();
    const second = await openTab(server, room, ben.person);
    await second.join();
    act(host, "remove", ben);
    for (const tab of [ben, second])
      expect(await tab.socket.next("call-left")).toMatchObject({ reason: "removed", call_id: callId });
    await host.state(({ legs }) => legs.length === 1);
    for (const fields of [{}, { call_id: callId }]) {
      ben.send({ type: "call-join", leg_id: ben.legId, media: SILENT, ...fields });
      expect(await ben.refusal()).toMatchObject({ of: "call-join", code: "call_removed" });
    }
    act(host, "remove", host);
    expect(await host.refusal()).toMatchObject({ code: "rule_broken" });
  });

  it("[CALL8] a locked call lets nobody in but a moderator, and who lost the socket", async () => {
    const { room, host, ben, callId } = await hosted();
    act(host, "lock");
    await ben.state(({ locked }) => locked);
    const carl = await openTab(server, room, "carl");
    carl.send({ type: "call-join", leg_id: carl.legId, media: SILENT });
    expect(await carl.refusal()).toMatchObject({ code: "call_locked" });
    ben.socket.ws.terminate();
    await ben.reopen();
    await ben.join({ call_id: callId });
    host.send({ type: "call-leave" });
    await ben.state(({ legs }) => legs.length === 1);
    await host.join();
    act(host, "unlock");
    await carl.join();
  });

  it("[CALL8] in a lobby one waits until a moderator decides; only moderators see who waits", async () => {
    const { room, host, ben } = await hosted();
    act(host, "lobby");
    await ben.state(({ lobby }) => lobby);
    const [carl, dora] = [await openTab(server, room, "carl"), await openTab(server, room, "dora")];
    for (const tab of [carl, dora]) {
      tab.send({ type: "call-join", leg_id: tab.legId, media: SEEN });
      await tab.socket.next("call-waiting");
    }
    const seen = await host.state(({ waiting }) => waiting.length === 2);
    expect(seen.waiting.map(({ username }) => username)).toEqual(["carl", "dora"]);
    await ben.state(({ rev }) => rev === seen.rev);
    expect(
      ben.socket.frames.some((frame) => frame.type === "call-state" && frame.call.waiting.length > 0),
    ).toBe(false);
    act(host, "admit", carl);
    expect((await carl.state()).legs.at(-1)).toMatchObject({ leg_id: carl.legId, media: SEEN });
    act(host, "deny", dora);
    expect(await dora.socket.next("call-left")).toMatchObject({ reason: "denied" });
    dora.send({ type: "call-join", leg_id: dora.legId, media: SILENT });
    await dora.socket.next("call-waiting");
    // A closed tab waits no more.
    const eve = await openTab(server, room, "eve");
    eve.send({ type: "call-join", leg_id: eve.legId, media: SILENT });
    await host.state(({ waiting }) => waiting.length === 2);
    eve.socket.ws.terminate();
    await host.state(({ waiting }) => waiting.length === 1);
    act(host, "no-lobby");
    await dora.state(({ lobby, legs }) => !lobby && legs.length === 4);
    act(host, "end");
    for (const tab of [host, ben, carl, dora])
      expect(await tab.socket.next("call-left")).toMatchObject({ reason: "ended" });
  });

  it("[CALL8] a call that was ended for all stays ended while its end is on its way into the history", async () => {
    const { room, host, ben, callId } = await hosted();
    await until(async () => (await readCall(server, room)) !== undefined, "the call is in the history");
    await inDatabase(server, async (_, database) => {
      // Nothing of the room is stored meanwhile.
      await database.transaction(async (tx) => {
        await tx`select 1 from rooms where id = ${room} for update`;
        act(host, "end");
        await ben.socket.next("call-left");
        ben.send({ type: "call-join", leg_id: ben.legId, media: SILENT, call_id: callId });
        expect(await ben.refusal()).toMatchObject({ of: "call-join", code: "call_ended" });
      });
    });
    await until(async () => (await readCall(server, room))?.call?.ended_at != null, "its end is noted");
    expect((await ben.join()).call_id).not.toBe(callId);
  });

  it("[CALL4] a full call has one place more for the room's host, who makes room", async () => {
    const person = await makeGuest(server, newName("host"));
    const room = await makeRoom(server, { created_by: person.id });
    const guests: Tab[] = [];
    for (let n = 0; n < LIMITS.callLegs; n += 1) {
      const tab = await openTab(server, room, guests[n % 2]?.person ?? newName("guest"));
      await tab.join();
      guests.push(tab);
    }
    const host = await openTab(server, room, person);
    expect((await host.join()).legs).toHaveLength(LIMITS.callLegs + 1);
    const second = await openTab(server, room, person);
    second.send({ type: "call-join", leg_id: second.legId, media: SILENT });
    expect(await second.refusal()).toMatchObject({ of: "call-join", code: "call_full" });
    act(host, "remove", guests[0]);
    await host.state(({ legs }) => legs.every(({ user_id }) => user_id !== guests[0]?.person.id));
    await second.join();
  });

  it("[CALL3] signals, clicks and rings have quotas; leaving has none", async () => {
    const own = await startTestServer({ rateLimit: true });
    const room = await makeRoom(own);
    const [ann, ben] = [await openTab(own, room, "ann"), await openTab(own, room, "ben")];
    await ann.join();
    await ben.join();
    const told = (code: string, of: string) =>
      ann.socket.frames.some(
        (frame) => frame.type === "call-error" && frame.code === code && frame.of === of,
      );
    const floods = [
      { type: "call-signal", to: ben.legId, signal: { pair: ben.legId, to_pair: null, reset: true } },
      { type: "call-hand", raised: true },
      { type: "call-ring", user_ids: [] },
    ];
    for (const frame of floods) {
      for (let n = 0; n < 600 && n < (frame.type === "call-signal" ? 600 : 60); n++) ann.send(frame);
      await until(() => told("rate_limited", frame.type), `${frame.type} is refused`);
    }
    const signals = () => ben.socket.frames.filter(({ type }) => type === "call-signal").length;
    expect(signals()).toBeLessThan(600);
    ann.send({ type: "call-leave" });
    await ann.socket.next("call-left");
    await own.close();
  });
});
