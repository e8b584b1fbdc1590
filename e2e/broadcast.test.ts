import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithBrowser, keepPicture, say, seeMessage } from "./support/browser.js";
import { type Caller, launchCallBrowser, openCaller } from "./support/call-page.js";
import { openTalker, seePictures } from "./support/call-screens.js";
import { makeRoom, type Parlor, startParlor } from "./support/parlor.js";

describeWithBrowser("broadcasts in the way of the first front ends", () => {
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

  const known = (caller: Caller) => caller.page.evaluate(() => window.callPage.broadcasts());

  async function seeFrames(caller: Caller): Promise<void> {
    const { frames } = await known(caller);
    await expect
      .poll(async () => (await known(caller)).frames, { timeout: 45_000 })
      .toBeGreaterThan(frames + 10);
  }

  it("[UX49] a broadcast of the first front ends is watched in the room's page, and its end is told", async () => {
    const roomId = await makeRoom(parlor);
    const ann = await openCaller(browser, parlor, roomId, "Ann");
    const { page, context } = await openTalker(browser, `${parlor.url}/r/${roomId}`, "Ben");
    await page.getByRole("heading", { level: 1 }).waitFor();
    await ann.page.evaluate(() => window.callPage.broadcast("seed"));
    const bar = page.getByRole("list", { name: "Broadcasts" });
    await bar.getByText("Ann is live").waitFor();
    await keepPicture(page, "broadcast-bar-light-1280");
    await bar.getByRole("button", { name: "Watch" }).click();
    await seePictures(page);
    const watching = page.getByRole("region", { name: "Broadcast of Ann" });
    await keepPicture(page, "broadcast-light-1280");
    // The chat is beside it, and what is watched is left and found again.
    await say(page, "I see you");
    await seeMessage(page, "I see you");
    await watching.getByRole("button", { name: "Stop watching" }).click();
    await page.setViewportSize({ width: 360, height: 740 });
    await bar.getByRole("button", { name: "Watch" }).click();
    await seePictures(page);
    await keepPicture(page, "broadcast-light-360");
    await ann.page.close();
    await page.getByText("The broadcast of Ann is over.").waitFor();
    await watching.waitFor({ state: "hidden" });
    expect(await bar.count()).toBe(0);
    await context.close();
  });

  it.each(["seed", "sdk"] as const)(
    "[CALL18] %s broadcasts, the other kind of client and the SDK watch",
    async (as) => {
      const roomId = await makeRoom(parlor);
      const ann = await openCaller(browser, parlor, roomId, "Ann");
      const ben = await openCaller(browser, parlor, roomId, "Ben");
      await ann.page.evaluate((given) => window.callPage.broadcast(given), as);
      await expect.poll(async () => (await known(ben)).live, { timeout: 20_000 }).toEqual([ann.userId]);
      await ben.page.evaluate((id) => window.callPage.watch("sdk", id), ann.userId);
      await seeFrames(ben);
      // Who comes later is told who is live.
      const late = await openCaller(browser, parlor, roomId, "Carl");
      await expect.poll(async () => (await known(late)).live, { timeout: 20_000 }).toEqual([ann.userId]);
      if (as === "sdk") {
        await late.page.evaluate((id) => window.callPage.watch("seed", id), ann.userId);
        await seeFrames(late);
        expect((await known(ann)).viewers).toBe(2);
        await ann.page.evaluate(() => window.callPage.stopBroadcast());
      } else {
        await ann.page.close();
      }
      await expect.poll(async () => (await known(ben)).live, { timeout: 20_000 }).toEqual([]);
      for (const { page } of [ann, ben, late]) await page.context().close();
    },
  );
});
