import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { faultsOf, wear } from "../support/axe.js";
import { describeWithBrowser, launchBrowser } from "../support/browser.js";
import { type Parlor, startParlor } from "../support/parlor.js";
import { STOPS, visit } from "../tour/stops.js";
import type { TourLanguage } from "../tour/texts.js";
import { settle, type World } from "../tour/world.js";

/** What a person who looks finds: a page that is wider than the window. */
async function overflowOf(page: Page): Promise<string[]> {
  return await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement;
    return scrollWidth > clientWidth ? [`the page is ${scrollWidth} wide in a window of ${clientWidth}`] : [];
  });
}

const WALKS: readonly { language: TourLanguage; width: number; height: number }[] = [
  { language: "en", width: 1280, height: 800 },
  { language: "ar", width: 360, height: 740 },
];

describeWithBrowser("every screen, menu and dialog", () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
  });

  describe.each(WALKS)("in $language, $width pixels wide", ({ language, width, height }) => {
    let parlor: Parlor;
    let world: World;
    beforeAll(async () => {
      parlor = await startParlor({ RATE_LIMIT: "off" });
      world = await settle(browser, parlor.url, language);
    });
    afterAll(async () => {
      await world?.close();
      await parlor?.close();
    });

    it.each(STOPS)("[A11Y1] axe finds nothing on $name, in both themes", async (stop) => {
      const page = await visit((options) => browser.newPage(options), stop, world, {
        width,
        height,
        dark: false,
      });
      try {
        const faults = await overflowOf(page);
        for (const theme of ["light", "dark"] as const) {
          await wear(page, theme);
          faults.push(...(await faultsOf(page)).map((fault) => `${theme}: ${fault}`));
        }
        expect(faults).toEqual([]);
      } finally {
        await page.close();
      }
    });
  });
});
