import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  launchBrowser,
  messagesLike,
  openVisitor,
  say,
  seeMessage,
  seeStored,
  signUp,
  type Visitor,
} from "./support/browser.js";
import { type Parlor, startParlor } from "./support/parlor.js";

describeWithBrowser("unsent messages", () => {
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

  /** The server answers this visitor's sends with an error, as a room that was taken away does. */
  async function refuseSends({ context }: Visitor, code: string, status: number): Promise<void> {
    await context.routeWebSocket(/\/ws\//, (socket) => socket.close());
    await context.route(/\/messages$/, async (route) => {
      if (route.request().method() !== "POST") return await route.continue();
      await route.fulfill({ status, json: { code, detail: code, retry: false } });
    });
  }

  it("[OUT4] what was written while the server was away goes out from the start page after a reload", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice");
    const kitchen = await createRoom(alice.page, "Kitchen");
    await enterAsGuest(bob.page, kitchen, "Bob");
    await say(alice.page, "line 1");
    await seeMessage(bob.page, "line 1");
    await parlor.kill();
    onTestFinished(() => parlor.start());
    for (const text of ["line 2", "line 3"]) await say(alice.page, text);
    await seeMessage(alice.page, "line 3");
    await alice.page.getByText("Waiting for the connection").first().waitFor();
    await alice.page
      .getByRole("link", { name: /Rooms|Parlor/ })
      .first()
      .click();
    await alice.page.getByText("2 waiting").waitFor();
    await parlor.start();
    await alice.page.reload();
    await seeMessage(bob.page, "line 3");
    expect(await messagesLike(bob.page, "line ")).toEqual(["line 1", "line 2", "line 3"]);
    await alice.page.getByText("2 waiting").waitFor({ state: "hidden" });
    await alice.context.close();
    await bob.context.close();
  });

  it("[OUT3] a refused message is edited, sent again or dropped; a room that is gone shows what was not sent", async () => {
    const alice = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Carol");
    const link = await createRoom(alice.page, "Attic");
    await refuseSends(alice, "content_too_long", 413);
    await alice.page.reload();
    for (const text of ["line 1", "line 2", "line 3"]) await say(alice.page, text);
    await expect.poll(() => alice.page.getByRole("button", { name: "Try again" }).count()).toBe(3);
    await alice.page.getByRole("button", { name: "Edit", exact: true }).first().click();
    const composer = alice.page.getByRole("textbox", { name: "Message", exact: true });
    expect(await composer.inputValue()).toBe("line 1");
    await alice.page.getByRole("button", { name: "Discard" }).first().click();
    await alice.context.unroute(/\/messages$/);
    await composer.fill("line 1, shorter");
    await composer.press("Enter");
    await alice.page.getByRole("button", { name: "Try again" }).click();
    await expect.poll(() => alice.page.getByRole("button", { name: "Discard" }).count()).toBe(0);
    // Stored, not only without a failure: a line still on its way would be refused with the room below.
    for (const text of ["line 1, shorter", "line 3"]) await seeStored(alice.page, text);
    expect((await messagesLike(alice.page, "line ")).sort()).toEqual(["line 1, shorter", "line 3"]);

    await refuseSends(alice, "room_not_found", 404);
    await say(alice.page, "for nobody");
    await alice.page.getByText("No room here").waitFor();
    await alice.page.getByRole("region", { name: "Not sent" }).getByText("for nobody").waitFor();
    await alice.page.goto(parlor.url);
    await alice.page.getByText("1 not sent").waitFor();
    await alice.context.unroute(/\/messages$/);
    await alice.page.goto(link);
    await alice.page.getByRole("button", { name: "Discard" }).click();
    await expect.poll(() => alice.page.getByText("for nobody").count()).toBe(0);
    await alice.context.close();
  });

  it("[OUT3] what waits for the connection is taken back into the composer, or dropped", async () => {
    const alice = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Eve");
    await createRoom(alice.page, "Shed");
    await say(alice.page, "line 1");
    // Stored, not only shown.
    await seeStored(alice.page, "line 1");
    await parlor.kill();
    onTestFinished(() => parlor.start());
    for (const text of ["line 2", "line 3", "line 4"]) await say(alice.page, text);
    await expect.poll(() => alice.page.getByText("Waiting for the connection").count()).toBe(3);
    const waiting = (text: string) => alice.page.getByRole("article").filter({ hasText: text });
    await waiting("line 3").getByRole("button", { name: "Discard" }).click();
    await waiting("line 2").getByRole("button", { name: "Edit" }).click();
    const composer = alice.page.getByRole("textbox", { name: "Message", exact: true });
    expect(await composer.inputValue()).toBe("line 2");
    await composer.fill("line 2, better");
    await composer.press("Enter");
    await parlor.start();
    await alice.page.getByText("Waiting for the connection").first().waitFor({ state: "detached" });
    expect(await messagesLike(alice.page, "line ")).toEqual(["line 1", "line 4", "line 2, better"]);
    await alice.context.close();
  });

  it("[OUT4] who logs out is told of what is unsent, and the next person does not send it", async () => {
    const alice = await openVisitor(browser);
    await signUp(alice.page, parlor.url, "Dora", "correct horse");
    const link = await createRoom(alice.page, "Cellar");
    await refuseSends(alice, "overloaded", 503);
    await alice.page.reload();
    await say(alice.page, "line 1");
    await seeMessage(alice.page, "line 1");
    await alice.page.goto(`${parlor.url}/settings`);
    await alice.page.getByText("1 waiting").waitFor();
    await alice.page.getByRole("button", { name: "Log out" }).click();
    const dialog = alice.page.getByRole("dialog");
    await dialog.getByText("1 message hasn’t been sent yet and will be dropped.").waitFor();
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await alice.page.getByText("1 waiting").waitFor();
    await alice.page.getByRole("button", { name: "Log out" }).click();
    await dialog.getByRole("button", { name: "Log out" }).click();
    await alice.page.getByLabel("Your name").waitFor();
    await alice.context.unroute(/\/messages$/);
    await enterAsGuest(alice.page, link, "Emil");
    await say(alice.page, "line of Emil");
    await seeMessage(alice.page, "line of Emil");
    expect(await messagesLike(alice.page, "line ")).toEqual(["line of Emil"]);
    await alice.context.close();
  });
});
