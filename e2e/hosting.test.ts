import type { Browser, Page } from "playwright-core";
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
import { type Parlor, startParlor } from "./support/parlor.js";

const listOf = (page: Page) => page.getByRole("navigation", { name: "Rooms" });
const dialogOf = (page: Page) => page.getByRole("dialog").last();

async function openSettings(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Room menu" }).click();
  await page.getByRole("menuitem", { name: "Room settings" }).click();
  await page.getByRole("heading", { name: "Room settings" }).waitFor();
}

describeWithBrowser("what a room's host does", () => {
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

  /** A host and somebody else in one room. */
  async function meet(roomName: string, names: readonly [string, string]) {
    const host = await openVisitor(browser);
    const other = await openVisitor(browser, { dark: true });
    await enterAsGuest(host.page, parlor.url, names[0]);
    const link = await createRoom(host.page, roomName);
    await enterAsGuest(other.page, link, names[1]);
    await say(host.page, "Come in!");
    await seeMessage(other.page, "Come in!");
    const close = () => Promise.all([host.context.close(), other.context.close()]);
    return { host: host.page, other: other.page, link, close };
  }

  it("[UX53] the host renames the room, and another sees it live, in the header and in the list", async () => {
    const { host, other, close } = await meet("Old hall", ["Hilda", "Otto"]);
    await openSettings(host);
    const name = dialogOf(host).getByLabel("Room name");
    expect(await name.inputValue()).toBe("Old hall");
    await name.fill(" ");
    await dialogOf(host).getByRole("button", { name: "Save" }).click();
    await dialogOf(host).getByText("Fill this in.").waitFor();
    await name.fill("New hall");
    await dialogOf(host).getByLabel("Description").fill("With a stage.");
    await keepPicture(host, "room-settings");
    await dialogOf(host).getByRole("button", { name: "Save" }).click();
    await dialogOf(host).waitFor({ state: "detached" });
    for (const page of [host, other]) {
      await page.getByRole("heading", { level: 1, name: "New hall" }).waitFor({ timeout: 5_000 });
      await listOf(page)
        .getByRole("link", { name: /New hall/ })
        .waitFor({ timeout: 5_000 });
      await page.getByText("With a stage.").waitFor({ timeout: 5_000 });
      expect(await page.getByText("Old hall").count()).toBe(0);
    }
    await other.getByRole("button", { name: "Room menu" }).click();
    await other.getByRole("menuitem", { name: "Leave room" }).waitFor();
    expect(await other.getByRole("menuitem", { name: "Room settings" }).count()).toBe(0);
    await close();
  });
});
