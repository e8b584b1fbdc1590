import { TIMING } from "@parlor/protocol";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithBrowser } from "../support/browser.js";
import { type Caller, launchCallBrowser, openCaller, seeFrames } from "../support/call-page.js";
import { makeRoom, type Parlor, startParlor } from "../support/parlor.js";

describeWithBrowser("a call of four, with real media", () => {
  let parlor: Parlor;
  let browser: Browser;
  beforeAll(async () => {
    parlor = await startParlor();
    browser = await launchCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
  });

  it("[CALL20] all twelve pictures come; a stopped camera goes dark, a closed tab is gone at once, a reload is one tile", async () => {
    const roomId = await makeRoom(parlor);
    const everybody: Caller[] = [];
    for (const name of ["Ann", "Ben", "Carl"])
      everybody.push(await openCaller(browser, parlor, roomId, name));
    const [ann, ben, carl] = everybody as [Caller, Caller, Caller];
    await ann.join();
    // Two newcomers at once.
    await Promise.all([ben.join(), carl.join()]);
    const dora = await openCaller(browser, parlor, roomId, "Dora");
    everybody.push(dora);
    await dora.join();
    for (const caller of everybody)
      for (const other of everybody) if (other !== caller) await seeFrames(caller, other, 5);
    for (const caller of everybody) {
      const { people } = await caller.look();
      expect(people.map(({ status }) => status)).toEqual(["connected", "connected", "connected"]);
    }

    // The first moderates: the room has no host.
    const legOf = async (caller: Caller) => (await caller.look()).legId;
    await ann.moderate("stop-video", await legOf(dora));
    await dora.until("Dora is told", ({ media, notice }) => !media.video && notice === "stop-video");
    const isDark = (call: { people: { userId: string; media: { video: boolean } }[] }) =>
      call.people.find(({ userId }) => userId === dora.userId)?.media.video === false;
    const seen = await carl.until("Dora's camera is off", isDark);
    const dark = seen.people.find(({ userId }) => userId === dora.userId)?.camera ?? 0;
    await seeFrames(carl, ann, 10);
    const later = (await carl.look()).people.find(({ userId }) => userId === dora.userId)?.camera ?? 0;
    expect(later - dark).toBeLessThan(5);

    const leftAt = performance.now();
    await carl.page.close();
    await ann.until("Carl is gone", ({ people }) => people.length === 2);
    await ben.page.reload();
    await ann.until("Ben is gone", ({ people }) => people.length === 1);
    // Nobody waited for a place that is kept for those who lost their socket.
    expect(performance.now() - leftAt).toBeLessThan(TIMING.callGrace);
    const again = await openCaller(ben.page.context(), parlor, roomId, "Ben");
    await again.join();
    await seeFrames(ann, again, 5);
    await seeFrames(again, ann, 5);
    const { people } = await ann.look();
    expect(people.map(({ userId }) => userId).sort()).toEqual([again.userId, dora.userId].sort());
  });
});
