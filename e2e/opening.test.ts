import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithBrowser, launchBrowser } from "./support/browser.js";
import { type Parlor, startParlor } from "./support/parlor.js";
import { settle, type World } from "./tour/world.js";

describeWithBrowser("opening a room", () => {
  let parlor: Parlor;
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    parlor = await startParlor();
    browser = await launchBrowser();
    world = await settle(browser, parlor.url, "en");
  });
  afterAll(async () => {
    await world?.close();
    await browser?.close();
    await parlor?.close();
  });

  it.each([360, 768, 1440])("[UX4] what was read opens at its end, %d pixels wide", async (width) => {
    const page = await browser.newPage({
      storageState: world.states.guest,
      viewport: { width, height: 740 },
      locale: "en-GB",
      reducedMotion: "reduce",
    });
    await page.goto(`${world.url}/r/${world.rooms.breakfast}`);
    const log = page.getByRole("log");
    await log.getByText("Then I’ll bring oranges and the good knives.").first().waitFor();
    const distance = () =>
      log.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
    await expect.poll(distance, { timeout: 20_000 }).toBeLessThanOrEqual(1);
    await page.close();
  });
});
