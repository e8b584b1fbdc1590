import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  launchBrowser,
  openVisitor,
  say,
  seeMessage,
  signUp,
} from "./support/browser.js";
import { type Parlor, startParlor } from "./support/parlor.js";

/** Keeps the sockets of a page, so that they can be cut, and what its banner and its toasts said, with the time. */
async function watch(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    const sockets: WebSocket[] = [];
    const said: { text: string; at: number }[] = [];
    const recorded = new Proxy(WebSocket, {
      construct(Native, [url]: [string]) {
        const socket = new Native(url);
        sockets.push(socket);
        return socket;
      },
    });
    Object.assign(window, { WebSocket: recorded, sockets, said });
    new MutationObserver(() => {
      for (const region of document.querySelectorAll("[role=status]")) {
        const isOurs = region.getAttribute("aria-label") === "Connection" || region.hasAttribute("popover");
        const text = region.textContent ?? "";
        if (isOurs && text && said.at(-1)?.text !== text) said.push({ text, at: performance.now() });
      }
    }).observe(document, { childList: true, characterData: true, subtree: true });
  });
}

interface Watched {
  readonly sockets: WebSocket[];
  readonly said: { text: string; at: number }[];
}

/** Cuts every socket; answers when, on the page's clock. */
const cut = (page: Page) =>
  page.evaluate(() => {
    for (const socket of (window as unknown as Watched).sockets) socket.close();
    return performance.now();
  });
const said = (page: Page) => page.evaluate(() => (window as unknown as Watched).said);
const banner = (page: Page) => page.getByRole("status", { name: "Connection" });

describeWithBrowser("the connection", () => {
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

  it("[UX21] [UX22] [UX23] a short break is not worth a word; a long one is named, and healed when the network is back", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await watch(alice.context);
    await enterAsGuest(alice.page, parlor.url, "Alice");
    const link = await createRoom(alice.page, "Bridge");
    await enterAsGuest(bob.page, link, "Bob");
    await say(bob.page, "Is it on?");
    await seeMessage(alice.page, "Is it on?");

    await cut(alice.page);
    await say(bob.page, "Was that a break?");
    await seeMessage(alice.page, "Was that a break?");
    // On a machine at its limits the way back can take longer than a person's patience: then it was worth a word.
    const words = (await said(alice.page)).map(({ text }) => text);
    expect(words.filter((text) => !text.includes("Retry now"))).toEqual([]);

    await alice.context.setOffline(true);
    const at = await cut(alice.page);
    await banner(alice.page).getByText("You’re offline.").waitFor();
    await banner(alice.page).getByRole("button", { name: "Retry now" }).waitFor();
    const shown = (await said(alice.page)).find((one) => one.at > at);
    expect((shown?.at ?? 0) - at).toBeGreaterThan(1_900);
    for (let n = 1; n <= 12; n++) await say(bob.page, `meanwhile ${n}`);
    await seeMessage(bob.page, "meanwhile 12");
    expect(await alice.page.getByRole("log").getByText("meanwhile 1", { exact: true }).count()).toBe(0);

    const before = (await said(alice.page)).length;
    await alice.context.setOffline(false);
    await seeMessage(alice.page, "meanwhile 12");
    await banner(alice.page).getByText("You’re offline.").waitFor({ state: "detached" });
    // What was missed comes as messages, not as a storm of remarks.
    const since = (await said(alice.page)).slice(before).filter(({ text }) => text.includes("meanwhile"));
    expect(since).toEqual([]);
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX21] [UX22] a server that is away is said with the time of the next try; “Retry now” does not wait for it", async () => {
    const away = await startParlor();
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, away.url, "Carol");
    await createRoom(page, "Island");
    await say(page, "Before");
    await seeMessage(page, "Before");
    await away.kill();
    await banner(page)
      .getByText(/Connection lost\. (Reconnecting…|Next try in \d+ s\.)/)
      .waitFor();
    await away.start();
    await banner(page)
      .getByRole("button", { name: "Retry now" })
      .click({ timeout: 5_000 })
      // It may have come back by itself by then.
      .catch(() => null);
    await banner(page)
      .getByText(/Connection lost/)
      .waitFor({ state: "detached" });
    await say(page, "After");
    await seeMessage(page, "After");
    await context.close();
    await away.close();
  });

  it("[UX26] a session that ends asks for a sign-in, and what was being written is still there after it", async () => {
    const { page, context } = await openVisitor(browser);
    await signUp(page, parlor.url, "Dora", "a long secret");
    await page.getByRole("heading", { name: "Hello, Dora" }).waitFor();
    await createRoom(page, "Diary");
    const room = page.url();
    await say(page, "Dear diary");
    await seeMessage(page, "Dear diary");
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.fill("and then I");
    // Another device ends all sessions of the account.
    await context.request.post(`${parlor.url}/auth/logout`);
    await page.getByRole("heading", { name: "Sign in again, Dora" }).waitFor();
    await page.getByRole("link", { name: "Log in" }).click();
    await page.getByLabel("Password", { exact: true }).fill("a long secret");
    await page.getByRole("button", { name: "Log in" }).click();
    await page.waitForURL(room);
    await seeMessage(page, "Dear diary");
    await expect.poll(() => composer.inputValue(), { timeout: 20_000 }).toBe("and then I");
    await context.close();
  });
});
