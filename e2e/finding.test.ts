import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  keepPicture,
  launchBrowser,
  openVisitor,
  say,
  seeMessage,
} from "./support/browser.js";
import { sendMany } from "./support/history.js";
import { type Parlor, startParlor } from "./support/parlor.js";

describeWithBrowser("finding things again", () => {
  let parlor: Parlor;
  let browser: Browser;
  beforeAll(async () => {
    parlor = await startParlor();
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
  });

  it("[SRCH2] [MD3] / searches the room, sets off what was found, and Enter goes there", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Alice");
    await createRoom(page, "Cookbook");
    await say(page, "The pancakes need **buttermilk**, see [the book](https://book.example)");
    await page.getByRole("log").locator("strong", { hasText: "buttermilk" }).waitFor();
    await sendMany(
      page,
      Array.from({ length: 150 }, (_, n) => `filler ${n}`),
    );
    await page.reload();
    await seeMessage(page, "filler 149");
    await page.locator("[data-seq]").last().focus();
    await page.keyboard.press("/");
    const search = page.getByRole("searchbox", { name: "Search messages" });
    const mark = page.getByRole("dialog").locator("mark", { hasText: /buttermilk/i });
    // The index runs a moment behind the room.
    await expect
      .poll(
        async () => {
          await search.fill("");
          await search.fill("buttermilk");
          return await mark.waitFor({ timeout: 1_500 }).then(
            () => true,
            () => false,
          );
        },
        { timeout: 30_000 },
      )
      .toBe(true);
    await keepPicture(page, "search");
    // [MD3] The preview has the words alone.
    await page
      .getByRole("dialog")
      .getByRole("button", { name: "The pancakes need buttermilk, see the book" })
      .waitFor();
    await search.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.locator("[data-seq='1']").waitFor();
    await page.getByRole("button", { name: "Jump to the newest message" }).click();
    await seeMessage(page, "filler 149");
    // Enter in the field leads to the first hit, also before the answer is there.
    await page.locator("[data-seq]").last().focus();
    await page.keyboard.press("/");
    await search.fill("buttermilk");
    await search.press("Enter");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await page.locator("[data-seq='1']").waitFor();
    await context.close();
  });

  it("[PIN1] a message is pinned from its menu, listed, and the list leads to it", async () => {
    const { page, context } = await openVisitor(browser, { width: 360, height: 740 });
    await enterAsGuest(page, parlor.url, "Bob");
    await createRoom(page, "Notice board");
    await say(page, "Key is under the mat");
    await seeMessage(page, "Key is under the mat");
    const line = page.locator("[data-seq]").filter({ hasText: "under the mat" });
    await line.hover();
    await page.getByRole("button", { name: "More actions" }).click();
    await keepPicture(page, "message-menu-360");
    await page.getByRole("menuitem", { name: "Pin message" }).click();
    await line.getByText("Pinned").waitFor();
    await page.getByRole("button", { name: "Room menu" }).click();
    await page.getByRole("menuitem", { name: "Pinned messages" }).click();
    const found = page.getByRole("dialog").getByText("Key is under the mat");
    await found.waitFor();
    await keepPicture(page, "pins-360");
    await found.click();
    await expect.poll(() => line.evaluate((row) => row === document.activeElement)).toBe(true);
    await context.close();
  });
});
