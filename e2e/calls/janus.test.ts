import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import { openTab, promote, SEEN, type Tab } from "../../packages/server/test/support/call.js";
import {
  hasJanus,
  startJanus,
  type TestJanus,
  withoutJanus,
} from "../../packages/server/test/support/janus.js";
import { describeWithBrowser } from "../support/browser.js";
import {
  type Caller,
  type JoinAs,
  launchCallBrowser,
  openCaller,
  seeFrames,
  seenBy,
} from "../support/call-page.js";
import { makeRoom, type Parlor, startParlor } from "../support/parlor.js";

const test = (name: string, body: () => Promise<void>) => it.skipIf(!hasJanus)(name + withoutJanus, body);

describeWithBrowser("a call over Janus, with real media", () => {
  let janus: TestJanus;
  let parlor: Parlor;
  let browser: Browser;
  const open: Caller[] = [];
  beforeAll(async () => {
    if (!hasJanus) return;
    janus = await startJanus();
    parlor = await startParlor(janus.env);
    browser = await launchCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
    await janus?.close();
  });
  afterEach(async () => {
    for (const { page } of open.splice(0)) await page.context().close();
  });

  const addresses = () => ({ url: parlor.url, wsUrl: parlor.url.replace("http", "ws") });

  async function enter(roomId: string, name: string, how?: JoinAs): Promise<Caller> {
    const caller = await openCaller(browser, parlor, roomId, name);
    open.push(caller);
    if (how) await caller.join(how);
    return caller;
  }

  /** Two who see each other over Janus. */
  async function talk(): Promise<{ ann: Caller; ben: Caller; roomId: string }> {
    const roomId = await makeRoom(parlor);
    const ann = await enter(roomId, "Ann", {});
    const ben = await enter(roomId, "Ben", {});
    await promote(addresses(), roomId);
    for (const caller of [ann, ben]) {
      await caller.until("Janus carries the call", ({ mode }) => mode === "janus");
      // One connection that sends and one that receives.
      await caller.until("the pairs are let go", ({ connections }) => connections === 2);
    }
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    return { ann, ben, roomId };
  }

  test("[CALL23] two see and hear each other, a third who only listens sees both; mute, camera and screen stop and come back", async () => {
    const { ann, ben, roomId } = await talk();
    const carl = await enter(roomId, "Carl", { camera: false, microphone: false });
    await seeFrames(carl, ann);
    await seeFrames(carl, ben);
    expect((await carl.look()).connections).toBe(2);
    const first = await seenBy(carl, ann);
    expect(first).toMatchObject({ status: "connected", media: { audio: true, video: true, screen: false } });
    const hears = (packets: number) => (call: { people: { userId: string; voicePackets: number }[] }) =>
      call.people.some(({ userId, voicePackets }) => userId === ann.userId && voicePackets > packets);
    await carl.until("Ann is heard", hears(first.voicePackets));

    await ann.act("mute");
    await carl.until("Ann is muted", ({ people }) => people.some(({ media }) => !media.audio && media.video));
    await seeFrames(carl, ann);
    const muted = await seenBy(carl, ann);
    await seeFrames(carl, ann);
    expect((await seenBy(carl, ann)).voicePackets).toBe(muted.voicePackets);
    await ann.act("unmute");
    await carl.until("Ann is heard again", hears(muted.voicePackets));

    await ann.act("share");
    await seeFrames(carl, ann, 5, "screen");
    await ann.act("unshare");
    await ann.act("camera-off");
    await carl.until("no pictures", ({ people }) =>
      people.some(({ userId, media }) => userId === ann.userId && !media.video && !media.screen),
    );
    const dark = await seenBy(carl, ann);
    await seeFrames(carl, ben);
    await seeFrames(carl, ben);
    expect((await seenBy(carl, ann)).camera - dark.camera).toBeLessThan(5);
    await ann.act("camera-on");
    await seeFrames(carl, ann);
    await seeFrames(ben, ann);
    // All of it over the connections of the begin.
    expect((await seenBy(carl, ben)).iceUfrag).toBe(first.iceUfrag);
  });

  test("[CALL23] of six people all see the two with cameras, each over two connections", async () => {
    const { ann, ben, roomId } = await talk();
    const watchers: Caller[] = [];
    for (const name of ["Carl", "Dora", "Emil", "Fred"])
      watchers.push(await enter(roomId, name, { camera: false, microphone: false }));
    for (const watcher of watchers) {
      await watcher.until("everybody is there", ({ people }) => people.length === 5);
      for (const sender of [ann, ben]) await seeFrames(watcher, sender);
      expect((await watcher.look()).connections).toBeLessThanOrEqual(2);
    }
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
  });

  test("[CALL23] of a camera comes the size that is worth it where it is shown", async () => {
    const roomId = await makeRoom(parlor);
    const ann = await enter(roomId, "Ann", { isLarger: true });
    const ben = await enter(roomId, "Ben", { camera: false, microphone: false });
    await promote(addresses(), roomId);
    await ben.until("the pairs are let go", ({ mode, connections }) => mode === "janus" && connections === 2);
    await seeFrames(ben, ann);
    const { legId } = await ann.look();
    for (const [height, lines] of [
      [150, 180],
      [400, 360],
      [150, 180],
    ] as const) {
      await ben.setView(legId, height);
      await ben.until(`${lines} lines`, ({ people }) => people[0]?.cameraHeight === lines);
      await seeFrames(ben, ann);
    }
  });

  test("[CALL22] the fifth camera brings a mesh to Janus while the pictures go on", async () => {
    const roomId = await makeRoom(parlor);
    const ann = await enter(roomId, "Ann", {});
    const ben = await enter(roomId, "Ben", { camera: false });
    const carl = await enter(roomId, "Carl", { camera: false, microphone: false });
    const others: Tab[] = [];
    for (const name of ["dora", "emil", "fred"]) {
      const tab = await openTab(addresses(), roomId, name);
      others.push(tab);
      await tab.join({ media: { ...SEEN, audio: false } });
    }
    for (const caller of [ben, carl]) await seeFrames(caller, ann);
    expect((await carl.look()).mode).toBe("mesh");
    const { legId } = await ann.look();
    const gaps = [ben, carl].map(({ page }) =>
      page.evaluate((leg) => window.callPage.longestGap(leg, 22_000), legId),
    );
    await ben.act("camera-on");
    await others[0]?.state(({ mode }) => mode === "janus");
    // Dora says that she has a camera, and brings nothing: nobody waits for her for longer than 15 seconds.
    for (const tab of others.slice(1)) tab.send({ type: "call-leave" });
    for (const caller of [ann, ben, carl]) {
      await caller.until("Janus carries the call", ({ mode }) => mode === "janus");
      await caller.until("the pairs are let go", ({ connections }) => connections === 2);
    }
    // Pictures come ten times a second; the rest is what a busy machine may take.
    for (const gap of await Promise.all(gaps)) expect(gap).toBeLessThan(2_000);
    for (const caller of [ann, carl]) await seeFrames(caller, ben);
    for (const caller of [ben, carl]) await seeFrames(caller, ann);
    // The same people in the same places.
    const dora = others[0]?.legId;
    const legs = [ann, ben].map(async (caller) => (await caller.look()).legId);
    expect((await carl.look()).people.map((person) => person.legId)).toEqual([
      ...(await Promise.all(legs)),
      dora,
    ]);
  });

  /** A tab hears nothing for a while, and goes on sending: what stops it is not its client. */
  function deafen({ page }: Caller): Promise<void> {
    return page.evaluate(() => {
      const end = performance.now() + 5_000;
      while (performance.now() < end);
    });
  }

  test("[CALL24] what a moderator takes away is dropped in Janus, whatever the client does", async () => {
    const { ann, ben } = await talk();
    const { legId } = await seenBy(ann, ben);
    const deaf = deafen(ben);
    for (const action of ["mute", "stop-video"] as const) await ann.moderate(action, legId);
    const counts = await ann.page.evaluate(async () => {
      const look = async () => (await window.callPage.look()).people[0];
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const then = await look();
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return [then, await look()].map((person) => [person?.camera, person?.voicePackets]);
    });
    // The camera's line is gone altogether; the voice's stays for when it comes back.
    expect(counts[0]?.[1]).toBeGreaterThan(0);
    expect(counts[1]).toEqual(counts[0]);
    await deaf;
    await ben.until("Ben is told", ({ media }) => !media.audio && !media.video);
    await ben.act("unmute");
    await ben.act("camera-on");
    await seeFrames(ann, ben);
  });

  test("[CALL24] the media of somebody who is removed stops at the others within a second", async () => {
    const { ann, ben } = await talk();
    const { legId } = await seenBy(ann, ben);
    const deaf = deafen(ben);
    const frames = await ann.page.evaluate(async (leg) => {
      const video = document.getElementById(`${leg}-camera`) as HTMLVideoElement;
      window.callPage.moderate("remove", leg);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const then = video.getVideoPlaybackQuality().totalVideoFrames;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return { then, later: video.getVideoPlaybackQuality().totalVideoFrames };
    }, legId);
    expect(frames.then).toBeGreaterThan(0);
    expect(frames.later).toBe(frames.then);
    await deaf;
    await ben.until("Ben is told", ({ status, ending }) => status === "ended" && ending === "removed");
    expect((await ann.look()).people).toEqual([]);
    await expect(ben.join()).rejects.toThrow(/removed/);
  });

  test("[CALL25] pictures come back by themselves after the end of Janus, and after that of Parlor", async () => {
    const { ann, ben } = await talk();
    const before = await seenBy(ann, ben);
    await janus.kill();
    await ann.until("the way is lost", ({ people }) => people[0]?.status !== "connected");
    await janus.start();
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    await parlor.kill();
    onTestFinished(() => parlor.start());
    await parlor.start();
    await ann.until("Ann is back", ({ status, people }) => status === "live" && people.length === 1);
    await ben.until("Ben is back", ({ status, people }) => status === "live" && people.length === 1);
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    expect((await ann.look()).mode).toBe("janus");
    expect((await seenBy(ann, ben)).legId).toBe(before.legId);
  });
});
