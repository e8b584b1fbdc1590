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
import { type Parlor, startParlor } from "./support/parlor.js";

describeWithBrowser("the composer", () => {
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

  it("[UX16] @ and : complete by keyboard; a mention stands out for whom it means, and is in their list", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser, { dark: true });
    await enterAsGuest(alice.page, parlor.url, "Alice Long");
    const link = await createRoom(alice.page, "Kitchen");
    await enterAsGuest(bob.page, link, "Bob");
    await say(bob.page, "I am here");
    await seeMessage(alice.page, "I am here");
    const composer = alice.page.getByRole("textbox", { name: "Message", exact: true });
    await composer.pressSequentially("hey @bo");
    await alice.page.getByRole("option", { name: "Bob" }).waitFor();
    await keepPicture(alice.page, "complete-person");
    await composer.press("Enter");
    await expect.poll(() => composer.inputValue()).toBe("hey @Bob ");
    await composer.pressSequentially(":thumbsup");
    await alice.page.getByRole("option").first().waitFor();
    await keepPicture(alice.page, "complete-emoji");
    await composer.press("Tab");
    await expect.poll(() => composer.inputValue()).toContain("👍");
    await composer.press("Enter");
    await bob.page.locator("[data-mention='own']", { hasText: "@Bob" }).waitFor();
    await keepPicture(bob.page, "mentioned-dark");
    await bob.page.getByRole("button", { name: "Room menu" }).click();
    await bob.page.getByRole("menuitem", { name: "Mentions of you" }).click();
    await bob.page.getByRole("dialog").getByText("hey @Bob").click();
    await expect
      .poll(() => bob.page.evaluate(() => document.activeElement?.textContent))
      .toContain("hey @Bob");
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX16] the emoji picker comes on demand, finds by name, keeps the skin tone and what was used", async () => {
    const { page, context } = await openVisitor(browser, { width: 768, height: 900 });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await enterAsGuest(page, parlor.url, "Cora");
    await createRoom(page, "Garden");
    await say(page, "hello");
    await seeMessage(page, "hello");
    // Its small frame may be there; what is large is not.
    expect(asked.filter((url) => /emoji-(data|panel|names)/.test(url))).toEqual([]);
    await page.getByRole("button", { name: "Insert emoji" }).click();
    const search = page.getByRole("textbox", { name: "Search emoji" });
    await search.waitFor();
    await keepPicture(page, "emoji-picker");
    await page.getByLabel("Skin tone").selectOption("5");
    await search.fill("waving");
    await page.getByRole("button", { name: "waving hand" }).waitFor();
    await search.press("Enter");
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await expect.poll(() => composer.inputValue()).toBe("👋🏿");
    await composer.press("Enter");
    await page.locator("[data-seq]").filter({ hasText: "hello" }).hover();
    await page.getByRole("button", { name: "Add reaction" }).click();
    await page.getByRole("dialog", { name: "Add reaction" }).getByRole("button", { name: "👋🏿" }).click();
    await page.getByRole("button", { name: /👋🏿, 1 reaction/ }).waitFor();
    await context.close();
  });

  it("[UX16] [WORD1] emoji have their names in the language of the page", async () => {
    const { page, context } = await openVisitor(browser, { locale: "de-DE" });
    const asked: string[] = [];
    page.on("request", (request) => asked.push(request.url()));
    await page.goto(parlor.url);
    await page.getByLabel("Dein Name").fill("Käthe");
    await page.getByRole("button", { name: "Weiter" }).click();
    await page.getByRole("button", { name: "Neuer Raum" }).click();
    await page.getByLabel("Name des Raums").fill("Zoo");
    await page.getByRole("dialog").getByRole("button", { name: "Raum anlegen" }).click();
    const composer = page.getByRole("textbox", { name: "Nachricht", exact: true });
    await composer.pressSequentially("Ein :schildk");
    const option = page.getByRole("option", { name: ":Schildkröte:" });
    await option.waitFor();
    await composer.press("Enter");
    await expect.poll(() => composer.inputValue()).toBe("Ein 🐢 ");
    await page.getByRole("button", { name: "Emoji einfügen" }).click();
    const search = page.getByRole("textbox", { name: "Emoji suchen" });
    await search.fill("elefant");
    await page.getByRole("button", { name: "Elefant", exact: true }).waitFor();
    // The English name finds it too.
    await search.fill("elephant");
    await page.getByRole("button", { name: "Elefant", exact: true }).click();
    await expect.poll(() => composer.inputValue()).toContain("🐘");
    expect(asked.filter((url) => /emoji-names-(?!de)/.test(url))).toEqual([]);
    await context.close();
  });

  it("[MD1] Markdown is drawn, and never as HTML", async () => {
    const { page, context } = await openVisitor(browser, { width: 360, height: 740, dark: true });
    await enterAsGuest(page, parlor.url, "Dee");
    await createRoom(page, "Workshop");
    await say(page, "**bold** _it_ ~~gone~~ `x` <img src=x onerror=alert(1)> [site](https://a.example/)");
    await page.locator("strong", { hasText: "bold" }).waitFor();
    expect(await page.getByRole("log").locator("img[src='x']").count()).toBe(0);
    expect(await page.getByRole("link", { name: "site" }).getAttribute("rel")).toContain("noopener");
    await say(page, "```ts\n// a note\nconst answer: number = 42;\nreturn 'it';\n```");
    await page.locator("pre .text-accent", { hasText: "const" }).waitFor();
    await say(page, "> said before\n\n- one\n- two\n\n1. first\n2. second\n\nשלום **עולם**");
    await page.getByRole("listitem").filter({ hasText: "second" }).waitFor();
    await keepPicture(page, "markdown-dark-360");
    await context.close();
  });

  it("[UX15] ArrowUp edits the last message; its author sees what it said before", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Eve");
    await createRoom(page, "Study");
    await say(page, "first thuoght");
    await page.locator("[data-seq]", { hasText: "first thuoght" }).waitFor();
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.press("ArrowUp");
    const edit = page.getByRole("textbox", { name: "Edit your message" });
    await edit.fill("first thought");
    await edit.press("Enter");
    await seeMessage(page, "first thought");
    await page.getByRole("button", { name: "Show what it said before" }).first().click();
    await page.getByRole("dialog").getByText("first thuoght").waitFor();
    await keepPicture(page, "edit-history");
    await context.close();
  });
});
