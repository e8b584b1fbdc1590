import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createRoom, describeWithBrowser, keepPicture, say, seeMessage } from "./support/browser.js";
import { launchCallBrowser } from "./support/call-page.js";
import { button, joinCall, openTalker, seePictures, stage, tiles, until } from "./support/call-screens.js";
import { type Parlor, startParlor } from "./support/parlor.js";

describeWithBrowser("calls in a room", () => {
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

  it("[UX36] [UX38] two talk, a third comes by the link on a phone; one loses the network and is back without a reload", async () => {
    const ann = await openTalker(browser, parlor.url, "Ann", { width: 1440, height: 900 });
    const link = await createRoom(ann.page, "Salon");
    await joinCall(ann.page);
    const ben = await openTalker(browser, link, "Ben", { width: 768, height: 900, dark: true });
    // Who is in it is seen before joining.
    await ben.page.getByText("In a call: Ann").first().waitFor();
    await keepPicture(ben.page, "call-bar-dark-768");
    await joinCall(ben.page);
    await seePictures(ann.page);
    await seePictures(ben.page);
    expect(await tiles(ann.page).count()).toBe(2);

    // The chat is beside the call; where the call hides it, nothing is taken for read.
    await say(ann.page, "Do you see me?");
    const unread = () =>
      ben.page.evaluate(async () => {
        const id = JSON.parse(localStorage.getItem("parlor:me") ?? "{}").user_id as string;
        const rooms = (await (await fetch(`/users/${id}/rooms`)).json()) as { unread: number }[];
        return rooms[0]?.unread;
      });
    await button(ben.page, "Show chat: 1 new message").waitFor();
    await keepPicture(ben.page, "call-unread-dark-768");
    expect(await unread()).toBe(1);
    await button(ben.page, /^Show chat/).click();
    await seeMessage(ben.page, "Do you see me?");
    await expect.poll(unread, { timeout: 20_000 }).toBe(0);
    await keepPicture(ann.page, "call-two-light-1440");
    await keepPicture(ben.page, "call-chat-dark-768");

    const cleo = await openTalker(browser, link, "Cleo", { width: 360, height: 740 });
    await joinCall(cleo.page);
    await seePictures(cleo.page, 20);
    await until("three tiles", async () => (await tiles(cleo.page).count()) === 3);
    await keepPicture(cleo.page, "call-three-light-360");

    await cleo.page.evaluate(() => Object.assign(window, { isSamePage: true }));
    await cleo.context.setOffline(true);
    await stage(cleo.page).getByText("You still hear each other").waitFor();
    await keepPicture(cleo.page, "call-offline-light-360");
    await cleo.context.setOffline(false);
    await stage(cleo.page).getByText("You still hear each other").waitFor({ state: "hidden" });
    await seePictures(cleo.page);
    await seePictures(ann.page);
    expect(await tiles(ann.page).count()).toBe(3);
    expect(await cleo.page.evaluate(() => "isSamePage" in window)).toBe(true);

    // Initials when the camera is off, and the others know who is muted.
    await button(cleo.page, "Turn camera off").click();
    await button(cleo.page, "Mute").click();
    await stage(ann.page)
      .getByRole("listitem", { name: /^Cleo, muted/ })
      .waitFor();
    await until(
      "no picture of Cleo",
      async () => (await tiles(ann.page).filter({ hasText: "Cleo" }).locator("video").count()) === 0,
    );
    await button(cleo.page, "Leave the call").click();
    await until("two tiles", async () => (await tiles(ann.page).count()) === 2);
    for (const { context } of [ann, ben, cleo]) await context.close();
  });

  it("[UX38] [UX47] the call outlives the page of its room; a moderator mutes, removes and ends; its line is nobody's text", async () => {
    const ann = await openTalker(browser, parlor.url, "Ann", { width: 1280, height: 800, dark: true });
    const link = await createRoom(ann.page, "Study");
    const ben = await openTalker(browser, link, "Ben");
    await joinCall(ann.page);
    await joinCall(ben.page);
    await seePictures(ann.page);

    // The call takes the place of the list of people, which comes in a sheet then.
    await ben.page.getByRole("button", { name: "Show who is here" }).click();
    await ben.page.getByRole("dialog", { name: "People" }).getByRole("button", { name: /^Ann/ }).waitFor();
    await ben.page.keyboard.press("Escape");

    // Another page: a small window with the picture, and the way back.
    await ben.page.getByRole("link", { name: "Settings" }).first().click();
    await stage(ben.page).getByRole("button", { name: "Back to the call" }).waitFor();
    await seePictures(ben.page);
    await keepPicture(ben.page, "call-mini-light-1280");
    await stage(ben.page).getByRole("button", { name: "Back to the call" }).click();
    await seePictures(ben.page);

    const ofBen = tiles(ann.page).filter({ hasText: "Ben" });
    await ofBen.hover();
    await ofBen.getByRole("button", { name: "What to do with Ben" }).click();
    await keepPicture(ann.page, "call-tile-menu-dark-1280");
    await ann.page.getByRole("menuitem", { name: "Mute them for now" }).click();
    // It is done once, and both are told so: whoever is muted can speak when they want to.
    await ben.page.getByText("Unmute when you want to speak.").waitFor();
    await button(ben.page, "Unmute").first().click();
    await ofBen.and(ann.page.getByRole("listitem", { name: /^Ben(?!.*muted)/ })).waitFor();
    await ofBen.hover();
    await ofBen.getByRole("button", { name: "What to do with Ben" }).click();
    await ann.page.getByRole("menuitem", { name: "Remove from the call" }).click();
    await ben.page.getByText("You were removed from the call.").first().waitFor();
    expect(await stage(ben.page).getByRole("toolbar").count()).toBe(0);
    await button(ann.page, "More").click();
    await ann.page.getByRole("menuitem", { name: "End the call for everybody" }).click();
    await ann.page.getByRole("log").getByText("Call ended").waitFor();
    await keepPicture(ann.page, "call-ended-dark-1280");

    // Nobody wrote that line: there is nothing of it to edit or to copy.
    const line = ann.page.getByRole("log").locator("[data-seq]").filter({ hasText: "Call ended" });
    await line.hover();
    await line.getByRole("button", { name: "More actions" }).click();
    await ann.page.getByRole("menuitem", { name: "Reply" }).waitFor();
    const offered = await ann.page.getByRole("menuitem").allTextContents();
    expect(offered).not.toContain("Edit message");
    expect(offered).not.toContain("Copy text");
    await ann.page.keyboard.press("Escape");
    expect(await line.getByRole("button", { name: "Edit message" }).count()).toBe(0);
    await ann.page.getByRole("textbox", { name: "Message", exact: true }).press("ArrowUp");
    expect(await ann.page.getByRole("textbox", { name: "Edit your message" }).count()).toBe(0);
    for (const { context } of [ann, ben]) await context.close();
  });

  it("[UX31] [UX32] a conversation rings on another page; who declines leaves a line, who has no device can listen", async () => {
    const ann = await openTalker(browser, parlor.url, "Ann", { width: 1280, height: 800 });
    const link = await createRoom(ann.page, "Hall");
    const ben = await openTalker(browser, link, "Ben", { width: 360, height: 740, dark: true });
    const idOf = (page: Page) =>
      page.evaluate(() => JSON.parse(localStorage.getItem("parlor:me") ?? "{}").user_id as string);
    await say(ann.page, "Hello");
    await seeMessage(ben.page, "Hello");
    const direct = await ann.page.evaluate(
      async ([own, other]) => {
        const headers = { "content-type": "application/json" };
        const body = JSON.stringify({ with: other });
        const answer = await fetch(`/users/${own}/direct`, { method: "POST", headers, body });
        return ((await answer.json()) as { id: string }).id;
      },
      [await idOf(ann.page), await idOf(ben.page)],
    );
    await ann.page.goto(`${parlor.url}/r/${encodeURIComponent(direct)}`);
    await ann.page.getByRole("heading", { name: "Ben", level: 1 }).waitFor();
    await joinCall(ann.page);
    const ring = ben.page.getByRole("alertdialog", { name: /is calling/ });
    await ring.waitFor();
    await keepPicture(ben.page, "call-ring-dark-360");
    await ring.getByRole("button", { name: "Decline" }).click();
    await ring.waitFor({ state: "hidden" });
    await button(ann.page, "Leave the call").click();
    await ann.page.getByRole("log").getByText("Call declined").waitFor();

    // Another call rings anew, and who accepts gets ready and is in it.
    await joinCall(ann.page);
    await ring.getByRole("button", { name: "Accept" }).click();
    const ready = ben.page.getByRole("dialog", { name: "Ready to talk?" });
    await ready.getByLabel("Your camera’s picture").waitFor();
    await ready.getByRole("button", { name: "Join the call" }).click();
    await seePictures(ben.page);
    expect(await ring.count()).toBe(0);
    for (const { page } of [ben, ann]) await button(page, "Leave the call").click();
    await ben.page.getByRole("button", { name: "Start a call" }).first().waitFor();

    await ben.page.evaluate(() => {
      navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", "NotAllowedError"));
    });
    await ben.page.getByRole("button", { name: "Start a call" }).click();
    const dialog = ben.page.getByRole("dialog", { name: "Ready to talk?" });
    await dialog.getByText("The browser doesn’t let this page use it").waitFor();
    await keepPicture(ben.page, "call-denied-dark-360");
    await dialog.getByRole("button", { name: "Join to listen" }).click();
    await stage(ben.page)
      .getByRole("listitem", { name: /^Ben \(you\), muted/ })
      .waitFor();
    for (const { context } of [ann, ben]) await context.close();
  });
});
