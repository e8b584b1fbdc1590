import { CALL_SERVER, LIMITS } from "@parlor/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { offer, openTab, promote, SEEN, SILENT, type Tab } from "./support/call.js";
import { makeRoom, newName, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { hasJanus, startJanus, type TestJanus, withoutJanus } from "./support/janus.js";
import { readCall } from "./support/room.js";
import { startTestServer, type TestServer } from "./support/server.js";

const ENGINES = [
  { mode: "mesh", legs: LIMITS.callLegs, senders: LIMITS.callSenders },
  { mode: "janus", legs: LIMITS.callLegsServed, senders: LIMITS.callSendersServed },
] as const;

/** What is promised of a call whoever carries its media. */
describeWithDatabase("a call, whoever carries it", () => {
  describe.each(ENGINES)("$mode", ({ mode, legs, senders }) => {
    const isMissing = mode === "janus" && !hasJanus;
    let server: TestServer;
    let janus: TestJanus | null = null;
    beforeAll(async () => {
      if (isMissing) return;
      if (mode === "janus") janus = await startJanus();
      server = await startTestServer(janus ? { janus: janus.config } : {});
    });
    afterAll(async () => {
      await server?.close();
      await janus?.close();
    });
    const test = (name: string, body: () => Promise<void>) =>
      it.skipIf(isMissing)(`${name}${mode === "janus" ? withoutJanus : ""}`, body);

    /** Tabs in one room's call, carried as this group says; the first one began it. */
    async function callOf(...people: string[]): Promise<{ room: string; tabs: Tab[]; callId: string }> {
      const room = await makeRoom(server);
      const tabs: Tab[] = [];
      let callId = "";
      for (const name of people) {
        const tab = await openTab(server, room, name);
        callId = (await tab.join()).call_id;
        tabs.push(tab);
      }
      if (mode === "janus") {
        await promote(server, room);
        await tabs[0]?.state((call) => call.mode === mode && call.legs.length === people.length);
      }
      return { room, tabs, callId };
    }

    async function pair(): Promise<{ room: string; ann: Tab; ben: Tab; callId: string }> {
      const { room, tabs, callId } = await callOf("ann", "ben");
      const [ann, ben] = tabs;
      if (!ann || !ben) throw new Error("nobody came");
      return { room, ann, ben, callId };
    }

    test("[CALL2] nobody outside of the call reaches into it, neither a leg nor the server", async () => {
      const { room, ann } = await pair();
      const elsewhere = await openTab(server, await makeRoom(server), "eve");
      await elsewhere.join();
      elsewhere.send({ type: "call-signal", to: ann.legId, signal: offer() });
      expect(await elsewhere.refusal()).toMatchObject({ code: "call_leg_gone", target: ann.legId });
      // Her own call is a mesh: it has no server.
      elsewhere.send({ type: "call-signal", to: CALL_SERVER.sends, signal: offer() });
      expect(await elsewhere.refusal()).toMatchObject({ code: "call_leg_gone" });
      const watcher = await openTab(server, room, "eve");
      for (const to of [ann.legId, ...Object.values(CALL_SERVER)]) {
        watcher.send({ type: "call-signal", to, signal: offer() });
        expect(await watcher.refusal()).toMatchObject({ code: "not_in_call" });
      }
      for (const leg_id of Object.values(CALL_SERVER)) {
        watcher.send({ type: "call-join", leg_id, media: SILENT });
        expect(await watcher.refusal()).toMatchObject({ of: "call-join", code: "rule_broken" });
      }
      expect(ann.socket.frames.some(({ type }) => type === "call-signal")).toBe(false);
    });

    test("[CALL5] a lost socket keeps the leg for a while, and nobody else can take it", async () => {
      const { room, ann, ben, callId } = await pair();
      ben.socket.ws.terminate();
      const away = await ann.state(({ legs: all }) => all[1]?.away === true);
      const eve = await openTab(server, room, "eve");
      eve.send({ type: "call-join", leg_id: ben.legId, media: SILENT });
      expect(await eve.refusal()).toMatchObject({ of: "call-join", code: "rule_broken" });
      await ben.reopen();
      const back = await ben.join({ call_id: callId, media: SEEN });
      const { order } = away.legs[1] ?? {};
      expect(back).toMatchObject({
        mode,
        legs: [{}, { leg_id: ben.legId, order, away: false, media: SEEN }],
      });
    });

    test("[CALL6] a restart of the server ends no call, and leaves it to who carried it", async () => {
      const { room, ann, ben, callId } = await pair();
      await until(async () => (await readCall(server, room)) !== undefined, "the call is in the history");
      await server.restart();
      for (const tab of [ben, ann]) {
        await tab.reopen();
        tab.send({ type: "call-join", leg_id: tab.legId, media: SILENT, call_id: callId, mode });
        const call = await tab.state(({ legs: all }) => all.some(({ leg_id }) => leg_id === tab.legId));
        expect(call).toMatchObject({ call_id: callId, mode });
      }
    });

    test("[CALL7] who leaves the room is out of its call at once", async () => {
      const { room, ann, ben } = await pair();
      await ben.person.request("POST", `/rooms/${room}/leave`, { body: { user_id: ben.person.id } });
      expect(await ben.socket.next("call-left")).toMatchObject({ reason: "left_room" });
      await ann.state(({ legs: all }) => all.length === 1);
    });

    test("[CALL8] a moderator mutes, stops pictures, removes and locks", async () => {
      const { room, ann, ben, callId } = await pair();
      ben.send({ type: "call-media", media: { audio: true, video: true, screen: true } });
      await ann.state(({ legs: all }) => all[1]?.media.screen === true);
      const act = (action: string, target?: Tab) =>
        ann.send({ type: "call-moderate", action, ...(target ? { target: target.legId } : {}) });
      for (const [action, media] of [
        ["mute", { audio: false, video: true, screen: true }],
        ["stop-video", { audio: false, video: false, screen: true }],
        ["stop-screen", SILENT],
      ] as const) {
        act(action, ben);
        expect(await ben.socket.next("call-moderated")).toMatchObject({ action });
        await ann.state(({ legs: all }) => JSON.stringify(all[1]?.media) === JSON.stringify(media));
      }
      act("lock");
      await ann.state(({ locked }) => locked);
      const eve = await openTab(server, room, "eve");
      eve.send({ type: "call-join", leg_id: eve.legId, media: SILENT });
      expect(await eve.refusal()).toMatchObject({ code: "call_locked" });
      act("remove", ben);
      expect(await ben.socket.next("call-left")).toMatchObject({ reason: "removed", call_id: callId });
      ben.send({ type: "call-signal", to: CALL_SERVER.sends, signal: offer() });
      expect(await ben.refusal()).toMatchObject({ code: "not_in_call" });
      ben.send({ type: "call-join", leg_id: ben.legId, media: SILENT });
      expect(await ben.refusal()).toMatchObject({ code: "call_removed" });
    });

    test(`[CALL4] [CALL21] ${senders} send pictures and ${legs} come in, nobody else`, async () => {
      const { room, tabs } = await callOf("aa");
      const more = async (count: number, media = SILENT) => {
        for (let n = 0; n < count; n += 1) {
          const tab = await openTab(server, room, newName());
          await tab.join({ media });
          tabs.push(tab);
        }
      };
      await more(senders, SEEN);
      tabs[0]?.send({ type: "call-media", media: SEEN });
      expect(await tabs[0]?.refusal()).toMatchObject({ of: "call-media", code: "call_senders_full" });
      await more(legs - senders - 1);
      const late = await openTab(server, room, "late");
      late.send({ type: "call-join", leg_id: late.legId, media: SILENT });
      expect(await late.refusal()).toMatchObject({ of: "call-join", code: "call_full" });
    });
  });
});
