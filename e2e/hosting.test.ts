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
        .first()
        .waitFor({ timeout: 5_000 });
      await page.getByText("With a stage.").waitFor({ timeout: 5_000 });
      await expect.poll(() => page.getByText("Old hall").count()).toBe(0);
    }
    // Until the server has said what the room is about, only its summary is known here, which does not tell.
    let answer = () => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    await host.context().route(/\/rooms(\/[^/]+)?(\?|$)/, async (route) => {
      if (route.request().resourceType() === "fetch" && route.request().method() === "GET") await asked;
      await route.continue();
    });
    await host.reload();
    await openSettings(host);
    answer();
    await dialogOf(host).getByLabel("Room name").waitFor();
    expect(await dialogOf(host).getByLabel("Description").inputValue()).toBe("With a stage.");
    await dialogOf(host).getByLabel("Room name").fill("Great hall");
    await dialogOf(host).getByRole("button", { name: "Save" }).click();
    await dialogOf(host).waitFor({ state: "detached" });
    await other.getByRole("heading", { level: 1, name: "Great hall" }).waitFor({ timeout: 5_000 });
    await other.getByText("With a stage.").waitFor();

    await other.getByRole("button", { name: "Room menu" }).click();
    await other.getByRole("menuitem", { name: "Leave room" }).waitFor();
    expect(await other.getByRole("menuitem", { name: "Room settings" }).count()).toBe(0);
    await close();
  });

  it("[UX53] the host deletes the room: everybody in it is told, and it is in no list, after a reload neither", async () => {
    // Another one for each try: the rooms of one that failed are listed still.
    const room = `Short lived ${Date.now()}`;
    const { host, other, link, close } = await meet(room, ["Hanna", "Oskar"]);
    const waiting = await other.context().newPage();
    await waiting.goto(parlor.url);
    await listOf(waiting).getByRole("link", { name: room }).waitFor();
    await openSettings(host);
    await dialogOf(host).getByRole("button", { name: "Delete room" }).click();
    await host.getByRole("heading", { name: `Delete ${room}?` }).waitFor();
    const confirm = dialogOf(host).getByRole("button", { name: "Delete room" });
    await confirm.click();
    await dialogOf(host).getByText("That isn’t the name of the room.").waitFor();
    await keepPicture(host, "room-delete");
    await dialogOf(host).getByLabel("Type the room’s name to confirm").fill(room.toLowerCase());
    await confirm.click();
    await host.getByText(`${room} was deleted.`).waitFor();
    await host.getByRole("heading", { name: "Hello, Hanna" }).waitFor();
    await other.getByRole("heading", { name: "No room here" }).waitFor({ timeout: 5_000 });
    for (const page of [host, other, waiting]) {
      await listOf(page).getByRole("link", { name: room }).waitFor({ state: "detached" });
      await page.goto(parlor.url);
      await page.getByRole("heading", { level: 1 }).waitFor();
      await listOf(page).getByRole("link").or(listOf(page).getByText("No rooms yet")).first().waitFor();
      // The list that the browser has kept may still have it, until the server's comes.
      await expect.poll(() => page.getByText(room, { exact: true }).count()).toBe(0);
    }
    await other.goto(link);
    await other.getByRole("heading", { name: "No room here" }).waitFor();
    await close();
  });

  it("[UX54] the host removes somebody, who is told so, and lets them back in", async () => {
    const { host, other, close } = await meet("Salon", ["Hedwig", "Oliver"]);
    await say(other, "Rude words");
    await seeMessage(host, "Rude words");
    // Nobody but the host has the way.
    await other.getByRole("log").getByRole("button", { name: "Hedwig" }).first().click();
    await dialogOf(other).getByText("Hedwig").waitFor();
    await dialogOf(other).getByRole("button", { name: "Message" }).waitFor();
    await other.waitForLoadState("networkidle");
    expect(await other.getByRole("button", { name: "Remove from room" }).count()).toBe(0);
    await other.keyboard.press("Escape");

    const people = host.getByRole("complementary", { name: "People" });
    await people.getByRole("button", { name: "Oliver" }).click();
    await dialogOf(host).getByRole("button", { name: "Remove from room" }).waitFor();
    await keepPicture(host, "room-person");
    await dialogOf(host).getByRole("button", { name: "Remove from room" }).click();
    await host.getByRole("heading", { name: "Remove Oliver from Salon?" }).waitFor();
    await keepPicture(host, "room-remove");
    await dialogOf(host).getByRole("button", { name: "Remove from room" }).click();
    await host.getByText("Oliver was removed.").waitFor();
    await other.getByRole("heading", { name: "You can’t enter this room" }).waitFor({ timeout: 5_000 });
    await keepPicture(other, "room-removed");
    await other.reload();
    await other.getByRole("heading", { name: "You can’t enter this room" }).waitFor();
    // What was written stays.
    await seeMessage(host, "Rude words");

    await openSettings(host);
    await dialogOf(host).getByRole("heading", { name: "Removed people" }).waitFor();
    await keepPicture(host, "room-settings-removed");
    await dialogOf(host).getByRole("button", { name: "Let back in: Oliver" }).click();
    await host.getByText("Oliver can come back.").waitFor();
    await dialogOf(host).getByRole("heading", { name: "Removed people" }).waitFor({ state: "detached" });
    await host.keyboard.press("Escape");
    await other.getByRole("button", { name: "Try again" }).click();
    await seeMessage(other, "Rude words");
    await say(other, "Sorry");
    await seeMessage(host, "Sorry");
    await close();
  });

  it("[UX53] [UX54] where the host is not proven, only the room's words can be changed", async () => {
    const host = await openVisitor(browser);
    const other = await openVisitor(browser);
    await enterAsGuest(host.page, parlor.url, "Hubert");
    await host.page.waitForFunction(() => localStorage.getItem("parlor:me") !== null);
    // It names a second host of whom no session was there.
    const link = await host.page.evaluate(async () => {
      const id = JSON.parse(localStorage.getItem("parlor:me") ?? "{}").user_id;
      const room = { name: "Open house", created_by: id, host: { id: crypto.randomUUID() } };
      const headers = { "content-type": "application/json" };
      const made = await fetch("/rooms", { method: "POST", headers, body: JSON.stringify(room) });
      return `${location.origin}/r/${(await made.json()).id}`;
    });
    await host.page.goto(link);
    await enterAsGuest(other.page, link, "Odile");
    await say(other.page, "Hello there");
    await seeMessage(host.page, "Hello there");
    const button = host.page.getByRole("log").getByRole("button", { name: "Odile" });
    await button.first().click();
    await dialogOf(host.page).getByRole("button", { name: "Message" }).waitFor();
    await host.page.waitForLoadState("networkidle");
    expect(await host.page.getByRole("button", { name: "Remove from room" }).count()).toBe(0);
    await host.page.keyboard.press("Escape");
    await openSettings(host.page);
    expect(await dialogOf(host.page).getByRole("button", { name: "Delete room" }).count()).toBe(0);
    await dialogOf(host.page).getByLabel("Room name").fill("Open door");
    await dialogOf(host.page).getByRole("button", { name: "Save" }).click();
    await other.page.getByRole("heading", { name: "Open door", level: 1 }).waitFor();
    await Promise.all([host.context.close(), other.context.close()]);
  });
});
