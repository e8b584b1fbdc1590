import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  launchBrowser,
  openVisitor,
  say,
  seeMessage,
} from "./support/browser.js";
import { type Parlor, startParlor } from "./support/parlor.js";

describeWithBrowser("what a writer does", () => {
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

  it("[UX11] lines of one author share a heading; the time of each shows where one points, exactly on its clock", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Clara");
    await createRoom(page, "Clocks");
    for (const text of ["tick", "tock", "tack"]) await say(page, text);
    await page.locator("[data-seq]").filter({ hasText: "tack" }).waitFor();
    const log = page.getByRole("log");
    // The day, then one heading over three lines.
    await log.getByRole("heading", { name: "Today" }).waitFor();
    expect(await log.getByRole("button", { name: "Clara", exact: true }).count()).toBe(1);
    const clock = page.locator("[data-seq]").filter({ hasText: "tock" }).locator("time");
    expect(await clock.evaluate((time) => getComputedStyle(time).visibility)).toBe("hidden");
    await log.getByText("tock", { exact: true }).hover();
    expect(await clock.evaluate((time) => getComputedStyle(time).visibility)).toBe("visible");
    const at = new Date((await clock.getAttribute("datetime")) ?? "");
    expect(Math.abs(Date.now() - at.getTime())).toBeLessThan(60_000);
    const said = await clock.getAttribute("title");
    const exact = await page.evaluate(
      (time) =>
        new Intl.DateTimeFormat("en-US", { dateStyle: "full", timeStyle: "medium" }).format(new Date(time)),
      at.toISOString(),
    );
    expect(said).toBe(exact);
    await context.close();
  });

  it("[UX12] [A11Y2] what was changed is marked; what was deleted leaves a line that says so, for everybody and later on", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice");
    const link = await createRoom(alice.page, "Archive");
    await enterAsGuest(bob.page, link, "Bob");
    for (const text of ["kept as it is", "a slip", "a secret"]) {
      await say(alice.page, text);
      await seeMessage(bob.page, text);
    }
    await alice.page.getByRole("log").getByText("a slip", { exact: true }).hover();
    await alice.page.getByRole("button", { name: "Edit message", exact: true }).click();
    await alice.page.getByRole("textbox", { name: "Edit your message" }).fill("a slip, mended");
    await alice.page.keyboard.press("Enter");
    await seeMessage(bob.page, "a slip, mended");
    await bob.page.locator("[data-seq]").filter({ hasText: "mended" }).getByText("(edited)").waitFor();

    // [A11Y2] Whoever thinks better of it is at the line that they came from.
    const secret = alice.page.locator("[data-seq]").filter({ hasText: "a secret" });
    await secret.focus();
    await secret.getByRole("button", { name: "More actions" }).click();
    await alice.page.getByRole("menuitem", { name: "Delete message" }).click();
    await alice.page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    await alice.page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => secret.evaluate((line) => line.contains(document.activeElement))).toBe(true);

    await alice.page.getByRole("log").getByText("a secret", { exact: true }).hover();
    await alice.page.getByRole("button", { name: "More actions" }).click();
    await alice.page.getByRole("menuitem", { name: "Delete message" }).click();
    await alice.page.getByRole("dialog").getByRole("button", { name: "Delete message" }).click();
    for (const { page } of [alice, bob]) {
      await seeMessage(page, "This message was deleted.");
      expect(await page.getByRole("log").getByText("a secret").count()).toBe(0);
      // The list of rooms says no more of it either.
      await expect.poll(() => page.getByRole("complementary").getByText("a secret").count()).toBe(0);
      await seeMessage(page, "kept as it is");
    }
    await bob.page.getByText("This message was deleted.").hover();
    expect(await bob.page.getByRole("button", { name: "More actions" }).count()).toBe(0);
    await bob.page.reload();
    await seeMessage(bob.page, "This message was deleted.");
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX14] Enter sends, Shift+Enter begins a line, and an input method keeps its Enter", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Kana");
    await createRoom(page, "Study");
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.pressSequentially("one");
    await composer.press("Shift+Enter");
    await composer.pressSequentially("two");
    expect(await composer.inputValue()).toBe("one\ntwo");
    expect(await page.locator("[data-row]").count()).toBe(0);
    await composer.press("Enter");
    await page.locator("[data-seq]").filter({ hasText: "one" }).filter({ hasText: "two" }).waitFor();
    expect(await composer.inputValue()).toBe("");

    const session = await context.newCDPSession(page);
    await composer.evaluate((area) => {
      const keys: boolean[] = [];
      Object.assign(window, { keys });
      area.addEventListener("keydown", (event) => {
        const { key, isComposing } = event as KeyboardEvent;
        if (key === "Enter") keys.push(isComposing);
      });
    });
    await session.send("Input.imeSetComposition", { text: "にほん", selectionStart: 3, selectionEnd: 3 });
    expect(await composer.inputValue()).toBe("にほん");
    // The Enter that takes the word of the input method.
    await composer.press("Enter");
    expect(await page.evaluate(() => (window as unknown as { keys: boolean[] }).keys)).toEqual([true]);
    expect(await page.locator("[data-row]").count()).toBe(1);
    await session.send("Input.insertText", { text: "日本" });
    expect(await composer.inputValue()).toContain("日本");
    await composer.press("Enter");
    await page.locator("[data-seq]").filter({ hasText: "日本" }).waitFor();
    await context.close();
  });

  it("[UX20] how many characters are left is said in time, and what is too long is not sent", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Novelist");
    await createRoom(page, "Desk");
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.fill("a".repeat(89_000));
    expect(await page.getByText(/characters? left/).count()).toBe(0);
    await composer.fill("a".repeat(99_999));
    const left = page.getByRole("status").filter({ hasText: "1 character left" });
    await left.waitFor();
    expect(await composer.getAttribute("aria-describedby")).toBe(await left.getAttribute("id"));
    await composer.fill("a".repeat(100_002));
    await page.getByRole("status").filter({ hasText: "2 characters too many" }).waitFor();
    expect(await composer.getAttribute("aria-invalid")).toBe("true");
    await composer.press("Enter");
    expect(await page.locator("[data-row]").count()).toBe(0);
    expect(await composer.inputValue()).toHaveLength(100_002);
    expect(await page.getByRole("button", { name: "Send" }).isDisabled()).toBe(true);
    await composer.press("Backspace");
    await composer.press("Backspace");
    await page.getByRole("status").filter({ hasText: "0 characters left" }).waitFor();
    await composer.press("Enter");
    await page.locator("[data-seq]").waitFor();
    expect(await composer.inputValue()).toBe("");
    await context.close();
  });
});
