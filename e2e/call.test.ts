import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import { describeWithBrowser } from "./support/browser.js";
import { type Caller, launchCallBrowser, openCaller, seeFrames, seenBy } from "./support/call-page.js";
import { makeRoom, type Parlor, startParlor } from "./support/parlor.js";

describeWithBrowser("a call of two, with real media", () => {
  let parlor: Parlor;
  let browser: Browser;
  const open: Caller[] = [];
  beforeAll(async () => {
    parlor = await startParlor();
    browser = await launchCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
  });
  afterEach(async () => {
    for (const { page } of open.splice(0)) await page.context().close();
  });

  async function enter(roomId: string, name: string): Promise<Caller> {
    const caller = await openCaller(browser, parlor, roomId, name);
    open.push(caller);
    return caller;
  }

  /** Two people who see each other. */
  async function talk(): Promise<{ ann: Caller; ben: Caller; roomId: string }> {
    const roomId = await makeRoom(parlor);
    const ann = await enter(roomId, "Ann");
    const ben = await enter(roomId, "Ben");
    await ann.join();
    await ben.join();
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    return { ann, ben, roomId };
  }

  it("[CALL12] they see and hear each other; mute, camera and screen stop and come back without a new connection", async () => {
    const { ann, ben } = await talk();
    const first = await seenBy(ben, ann);
    expect(first).toMatchObject({ status: "connected", media: { audio: true, video: true, screen: false } });
    const voice = await ben.until(
      "Ann is heard",
      ({ people }) => (people[0]?.voicePackets ?? 0) > first.voicePackets,
    );
    expect(voice.people[0]?.hasStreams).toEqual({ voice: true, camera: true, screen: false });

    await ann.act("mute");
    await ben.until("Ann is muted", ({ people }) => people[0]?.media.audio === false);
    // What was on its way arrives; then nothing more does, while the pictures go on.
    await seeFrames(ben, ann);
    const muted = await seenBy(ben, ann);
    await seeFrames(ben, ann);
    expect((await seenBy(ben, ann)).voicePackets).toBe(muted.voicePackets);
    await ann.act("unmute");
    await ben.until(
      "Ann is heard again",
      ({ people }) => (people[0]?.voicePackets ?? 0) > muted.voicePackets,
    );

    await ann.act("share");
    await ben.until("Ann shares", ({ people }) => people[0]?.hasStreams.screen === true);
    await seeFrames(ben, ann, 5, "screen");
    await ann.act("unshare");
    await ann.act("camera-off");
    await ben.until(
      "no pictures",
      ({ people }) => people[0]?.media.video === false && !people[0].media.screen,
    );
    const dark = await seenBy(ben, ann);
    await seeFrames(ann, ben);
    await seeFrames(ann, ben);
    const later = await seenBy(ben, ann);
    expect(later.camera - dark.camera).toBeLessThan(5);
    expect(later.screen - dark.screen).toBeLessThan(5);
    await ann.act("camera-on");
    await seeFrames(ben, ann);
    expect((await seenBy(ben, ann)).iceUfrag).toBe(first.iceUfrag);
  });

  it("[CALL13] a restart of ICE finds another way while the pictures go on, with the same leg", async () => {
    const { ann, ben } = await talk();
    const before = await seenBy(ann, ben);
    await ann.act("reconnect");
    await ann.until("new credentials of ICE", ({ people }) => people[0]?.iceUfrag !== before.iceUfrag);
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    const after = await seenBy(ann, ben);
    expect(after.legId).toBe(before.legId);
    expect(after.camera).toBeGreaterThan(before.camera);
    expect((await ann.look()).people).toHaveLength(1);
  });

  it("[CALL13] somebody who asks for new connections without end gets a few", async () => {
    const { ann, ben, roomId } = await talk();
    const eve = await enter(roomId, "Eve");
    await eve.until("Eve is in the room", ({ roomStatus }) => roomStatus === "live");
    const legOf = async (name: Caller) =>
      (await ben.look()).people.find(({ userId }) => userId === name.userId)?.legId ?? "";
    const media = { audio: false, video: false, screen: false };
    await eve.page.evaluate((frame) => window.callPage.send([frame]), {
      type: "call-join",
      leg_id: "eve-has-no-manners",
      media,
    } as const);
    await ann.until("Eve is there", ({ people }) => people.length === 2);
    const before = await ann.page.evaluate(() => window.callPage.made());
    const to = await legOf(ann);
    await eve.page.evaluate((target) => {
      const frames = Array.from({ length: 300 }, (_, n) => {
        const pair = `pair-of-eve-${n % 3}`;
        return {
          type: "call-signal" as const,
          to: target,
          signal: { pair, to_pair: null, reset: true as const },
        };
      });
      window.callPage.send(frames);
    }, to);
    // What comes behind the signals is seen when all of them have come.
    await eve.page.evaluate(() => window.callPage.send([{ type: "call-leave" }]));
    await ann.until("Eve has left", ({ people }) => people.length === 1);
    const made = (await ann.page.evaluate(() => window.callPage.made())) - before;
    expect(made).toBeGreaterThan(0);
    expect(made).toBeLessThan(16);
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
  });

  it("[CALL14] without the socket the pictures go on; who is back is in the same place", async () => {
    const { ann, ben } = await talk();
    const { legId } = await ann.look();
    await parlor.kill();
    onTestFinished(() => parlor.start());
    await ann.until("the room is lost", ({ status }) => status === "reconnecting");
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    const during = await seenBy(ann, ben);
    await parlor.start();
    await ann.until("Ann is back", ({ status, people }) => status === "live" && people.length === 1);
    await ben.until("Ben is back", ({ status, people }) => status === "live" && people.length === 1);
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    const after = await seenBy(ann, ben);
    expect(after).toMatchObject({ legId: during.legId, iceUfrag: during.iceUfrag, status: "connected" });
    expect((await ann.look()).legId).toBe(legId);
    expect((await seenBy(ben, ann)).isAway).toBe(false);
  });

  it("[CALL15] the media of somebody who is removed stops at the others within a second", async () => {
    const roomId = await makeRoom(parlor);
    const ann = await enter(roomId, "Ann");
    const ben = await enter(roomId, "Ben");
    // The first moderates, since the room has no host.
    await ann.join();
    await ben.join();
    await seeFrames(ann, ben);
    await seeFrames(ben, ann);
    const { legId } = await seenBy(ann, ben);
    // What is on the screen at the end of the second is what was there when it was over.
    const frames = await ann.page.evaluate(async (leg) => {
      const video = document.getElementById(`${leg}-camera`) as HTMLVideoElement;
      const track = (video.srcObject as MediaStream).getVideoTracks()[0];
      window.callPage.moderate("remove", leg);
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      const then = video.getVideoPlaybackQuality().totalVideoFrames;
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      return { then, later: video.getVideoPlaybackQuality().totalVideoFrames, state: track?.readyState };
    }, legId);
    expect(frames.then).toBeGreaterThan(0);
    expect(frames.later).toBe(frames.then);
    expect(frames.state).toBe("ended");
    await ben.until("Ben is told", ({ status, ending }) => status === "ended" && ending === "removed");
    expect((await ann.look()).people).toEqual([]);
    await expect(ben.join()).rejects.toThrow(/removed/);
  });
});
