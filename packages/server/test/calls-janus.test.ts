import { randomUUID } from "node:crypto";
import { CALL_SERVER } from "@parlor/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { JanusConfig } from "../src/config.js";
import { lookAtJanus } from "../src/doctor/janus.js";
import { createLog } from "../src/log.js";
import { openTab, promote, SEEN, SILENT, type Tab } from "./support/call.js";
import { makeRoom, newName, until } from "./support/client.js";
import { describeWithDatabase } from "./support/database.js";
import { hasJanus, startJanus, type TestJanus, withoutJanus } from "./support/janus.js";
import { sendingOffer } from "./support/sdp.js";
import { keepLog, startTestServer, type TestServer } from "./support/server.js";

describeWithDatabase("calls that outgrow the mesh", () => {
  let janus: TestJanus;
  let server: TestServer;
  beforeAll(async () => {
    if (!hasJanus) return;
    janus = await startJanus();
    server = await startTestServer({ janus: janus.config });
  });
  afterAll(async () => {
    await server?.close();
    await janus?.close();
  });

  async function enter(room: string, count: number, media = SILENT): Promise<Tab[]> {
    const tabs: Tab[] = [];
    for (let n = 0; n < count; n += 1) {
      const tab = await openTab(server, room, newName());
      await tab.join({ media });
      tabs.push(tab);
    }
    return tabs;
  }

  describe.skipIf(!hasJanus)(`with Janus${withoutJanus}`, () => {
    it("[CALL21] the fifth camera brings the call to the media server, and finds its place there", async () => {
      const room = await makeRoom(server);
      const [ann] = await enter(room, 4, SEEN);
      const [fifth] = await enter(room, 1);
      fifth?.send({ type: "call-media", media: SEEN });
      const seen = await ann?.state(({ mode, legs }) => mode === "janus" && legs[4]?.media.video === true);
      expect(seen).toMatchObject({ generation: 2 });
      expect(seen?.legs.map(({ generation }) => generation)).toEqual([0, 0, 0, 0, 0]);
      // Nobody was refused anything.
      expect(fifth?.socket.frames.some(({ type }) => type === "call-error")).toBe(false);
      fifth?.send({ type: "call-ready", generation: 7 });
      const told = await ann?.state(({ legs }) => (legs[4]?.generation ?? 0) > 0);
      expect(told?.legs[4]?.generation).toBe(2);
    });

    it("[CALL21] so do a ninth leg, one that is let in from the lobby, and a join with the fifth camera", async () => {
      const room = await makeRoom(server);
      const [ann] = await enter(room, 8);
      const watcher = await openTab(server, room, "watcher");
      expect((await watcher.socket.next("welcome")).call).toMatchObject({ mode: "mesh", full: false });
      const joined = await watcher.join();
      expect(joined).toMatchObject({ mode: "janus", generation: 2 });
      expect(joined.legs).toHaveLength(9);
      await ann?.state(({ legs }) => legs.length === 9);

      const other = await makeRoom(server);
      const [host] = await enter(other, 8);
      host?.send({ type: "call-moderate", action: "lobby" });
      await host?.state(({ lobby }) => lobby);
      const guest = await openTab(server, other, "guest");
      guest.send({ type: "call-join", leg_id: guest.legId, media: SILENT });
      await guest.socket.next("call-waiting");
      host?.send({ type: "call-moderate", action: "admit", target: guest.legId });
      expect(await guest.state()).toMatchObject({ mode: "janus" });

      const third = await makeRoom(server);
      await enter(third, 4, SEEN);
      const [fifth] = await enter(third, 1, SEEN);
      await fifth?.state(({ mode, legs }) => mode === "janus" && legs[4]?.media.video === true);
      expect(fifth?.socket.frames.some(({ type }) => type === "call-error")).toBe(false);
    });

    it("[CALL21] a wish that was taken back, or that a moderator refused, is not granted later", async () => {
      const room = await makeRoom(server);
      await enter(room, 4, SEEN);
      const [fifth] = await enter(room, 1);
      fifth?.send({ type: "call-media", media: SEEN });
      fifth?.send({ type: "call-media", media: { ...SILENT, audio: true } });
      await fifth?.state(({ mode }) => mode === "janus");
      fifth?.send({ type: "call-hand", raised: true });
      const seen = await fifth?.state(({ legs }) => legs[4]?.hand === 1);
      expect(seen?.legs[4]?.media).toEqual({ audio: true, video: false, screen: false });
    });

    it("[CALL23] a leg's description is answered by the media server; one with other lines is not", async () => {
      const room = await makeRoom(server);
      const [ann] = await enter(room, 1, SEEN);
      if (!ann) throw new Error("nobody came");
      await promote(server, room);
      const pair = randomUUID();
      const send = (to: string, signal: object) => ann.send({ type: "call-signal", to, signal });
      send(CALL_SERVER.sends, { pair: "of-no-connection", to_pair: null, candidate: { candidate: "" } });
      expect((await ann.socket.next("call-signal")).signal).toMatchObject({
        to_pair: "of-no-connection",
        reset: true,
      });
      send(CALL_SERVER.sends, {
        pair: "one-line",
        to_pair: null,
        description: { type: "offer", sdp: sendingOffer({ lines: 1 }) },
      });
      send(CALL_SERVER.sends, {
        pair,
        to_pair: null,
        description: { type: "offer", sdp: sendingOffer() },
      });
      const { from, signal } = await ann.socket.next("call-signal");
      expect(from).toBe(CALL_SERVER.sends);
      expect(signal).toMatchObject({ to_pair: pair, description: { type: "answer" } });
      expect(signal.description?.sdp.match(/^m=/gm)).toHaveLength(4);
      expect(signal.description?.sdp).toMatch(/a=simulcast:recv h;m;l/);
    });
  });

  it.skipIf(!hasJanus)(
    `[CALL25] a media server that is lost and comes back is taken up again${withoutJanus}`,
    async () => {
      const room = await makeRoom(server);
      const [ann] = await enter(room, 1, SEEN);
      if (!ann) throw new Error("nobody came");
      await promote(server, room);
      const candidate = { pair: "of-no-connection", to_pair: null, candidate: { candidate: "" } };
      ann.send({ type: "call-signal", to: CALL_SERVER.sends, signal: candidate });
      await ann.socket.next("call-signal");
      await janus.kill();
      await janus.start();
      // It is told to begin anew with both of its connections.
      for (const end of Object.values(CALL_SERVER)) {
        const { signal } = await ann.socket.next("call-signal", ({ from }) => from === end);
        expect(signal).toMatchObject({ to_pair: null, reset: true });
      }
      ann.send({
        type: "call-signal",
        to: CALL_SERVER.sends,
        signal: { pair: randomUUID(), to_pair: null, description: { type: "offer", sdp: sendingOffer() } },
      });
      await ann.socket.next("call-signal", ({ signal }) => signal.description?.type === "answer");
    },
  );

  it.skipIf(!hasJanus)(
    `[OPS22] npm run doctor tells a Janus that takes calls from one with another secret or key${withoutJanus}`,
    async () => {
      const log = createLog("silent", false);
      const state = async (config: JanusConfig | undefined) => (await lookAtJanus(config, log)).state;
      const { config } = janus;
      expect(await state(config)).toBe("well");
      expect(await state({ ...config, secret: "another secret of somebody" })).toBe("ill");
      expect(await state({ ...config, adminKey: "another key of somebody" })).toBe("ill");
      expect(await state({ ...config, url: "ws://127.0.0.1:9" })).toBe("ill");
      expect(await state(undefined)).toBe("open");
    },
  );

  describe("without Janus where it is needed", () => {
    let own: TestServer | null = null;
    afterEach(async () => {
      await own?.close();
      own = null;
    });

    it("[CALL21] the fifth camera and the ninth leg are refused with a clear word, and the call goes on", async () => {
      const kept = keepLog();
      const config = { url: "ws://127.0.0.1:9", secret: null, adminKey: null };
      own = await startTestServer({ janus: config }, { log: kept.log });
      const room = await makeRoom(own);
      const tabs: Tab[] = [];
      for (let n = 0; n < 5; n += 1) {
        const tab = await openTab(own, room, newName());
        await tab.join({ media: n < 4 ? SEEN : SILENT });
        tabs.push(tab);
      }
      const fifth = tabs[4];
      fifth?.send({ type: "call-media", media: SEEN });
      expect(await fifth?.refusal()).toMatchObject({
        of: "call-media",
        code: "call_server_away",
        retry: true,
      });
      const seen = await fifth?.state(({ legs }) => legs[4]?.media.audio === true);
      expect(seen).toMatchObject({ mode: "mesh", generation: 1 });
      expect(seen?.legs[4]?.media.video).toBe(false);
      for (let n = 0; n < 3; n += 1) await (await openTab(own, room, newName())).join();
      const ninth = await openTab(own, room, newName());
      ninth.send({ type: "call-join", leg_id: ninth.legId, media: SILENT });
      expect(await ninth.refusal()).toMatchObject({ of: "call-join", code: "call_server_away" });
      await until(
        () => kept.messages().includes("the media server can not be reached"),
        "the log says that it is away",
      );
    });
  });
});
