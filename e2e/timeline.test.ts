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
import { sendMany } from "./support/history.js";
import { type Parlor, startParlor } from "./support/parlor.js";

/** Long, short, right to left, code, lists: what makes lines of different heights. */
function mixed(n: number): string {
  const kinds = [
    `line ${n}`,
    `line ${n} ${"goes on and on ".repeat(12 + (n % 40))}`,
    `שורה ${n} עם טקסט מימין לשמאל`,
    `\`\`\`ts\nconst n = ${n};\nreturn n * 2;\n\`\`\``,
    `- one of ${n}\n- two\n- **three**`,
    `> quoted ${n}\nand answered`,
    "ok",
  ];
  return kinds[n % kinds.length] ?? "";
}

/** Notes from the page's first moment on which messages were ever to be seen. */
async function watchSeen(page: Page): Promise<() => Promise<number[]>> {
  await page.addInitScript(() => {
    const seen = new Set<number>();
    Object.assign(window, { seen });
    const look = () => {
      for (const row of document.querySelectorAll<HTMLElement>("[data-seq]")) {
        const { top, bottom } = row.getBoundingClientRect();
        const isInView = bottom > 64 && top < window.innerHeight;
        if (isInView && row.checkVisibility({ visibilityProperty: true })) seen.add(Number(row.dataset.seq));
      }
      requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
  });
  return async () =>
    await page.evaluate(() => [...(window as unknown as { seen: Set<number> }).seen].sort((a, b) => a - b));
}

describeWithBrowser("the timeline", () => {
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

  it("[UX9] a reply shows what it answers and leads there, also when that is far up; then it goes on both ways", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Alice");
    await createRoom(page, "Library");
    await say(page, "the very first");
    await seeMessage(page, "the very first");
    const line = page.locator("[data-seq]").filter({ hasText: "the very first" });
    await line.focus();
    await line.press("r");
    await page.getByText("Replying to Alice").waitFor();
    await page.reload();
    await page.getByText("Replying to Alice").waitFor();
    await keepPicture(page, "composer-reply");
    await sendMany(
      page,
      Array.from({ length: 300 }, (_, n) => mixed(n + 1)),
    );
    await say(page, "the answer");
    await seeMessage(page, "the answer");
    await page.getByRole("button", { name: "Go to the message of Alice: the very first" }).click();
    const original = page.locator("[data-seq='1']");
    await original.waitFor();
    await expect.poll(() => original.evaluate((row) => row === document.activeElement)).toBe(true);
    await keepPicture(page, "jumped");
    // Down again by scrolling alone, until the live end.
    const log = page.getByRole("log");
    for (
      let turn = 0;
      turn < 200 && !(await log.getByText("the answer", { exact: true }).count());
      turn += 1
    ) {
      await log.evaluate((box) => box.scrollBy(0, 900));
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)));
    }
    await seeMessage(page, "the answer");
    await say(page, "live again");
    await seeMessage(page, "live again");
    await context.close();
  });

  it("[UX9] the link of a message opens it, and a date leads to its first message", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Bea");
    const link = await createRoom(page, "Archive");
    await say(page, "hello");
    await seeMessage(page, "hello");
    const seqs = await sendMany(
      page,
      Array.from({ length: 200 }, (_, n) => mixed(n)),
    );
    const seq = seqs[60];
    await page.goto(`${link}?m=${seq}`);
    const line = page.locator(`[data-seq='${seq}']`);
    await line.waitFor();
    await expect.poll(() => line.evaluate((row) => row === document.activeElement)).toBe(true);
    expect(new URL(page.url()).search).toBe("");
    await page.getByRole("button", { name: "Room menu" }).click();
    await keepPicture(page, "room-menu");
    await page.getByRole("menuitem", { name: "Go to a date" }).click();
    await page.getByRole("button", { name: "Go there" }).click();
    await page.locator("[data-seq='1']").waitFor();
    await context.close();
  });

  it("[UX9] [UX27] a link shows its message and never the newest ones, which stay unread", async () => {
    const { page, context } = await openVisitor(browser);
    const other = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Dora");
    const link = await createRoom(page, "Loft");
    await say(page, "hello");
    await seeMessage(page, "hello");
    await sendMany(
      page,
      Array.from({ length: 150 }, (_, n) => mixed(n)),
    );
    await page.goto(`${parlor.url}/settings`);
    await enterAsGuest(other.page, link, "Eli");
    await say(other.page, "the newest");
    await seeMessage(other.page, "the newest");
    const row = page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: /^Loft/ });
    await row.getByText("1 unread").waitFor();
    const seen = await watchSeen(page);
    await page.goto(`${link}?m=20`);
    await expect
      .poll(() => page.locator("[data-seq='20']").evaluate((line) => line === document.activeElement))
      .toBe(true);
    expect(Math.max(...(await seen()))).toBeLessThan(60);
    await row.getByText("1 unread").waitFor();
    // The pill counts what is loaded; how much that is, is a matter of the window.
    // On a busy page the list moves before the newest lines are drawn.
    await page.evaluate(() => {
      const draw = window.requestAnimationFrame.bind(window);
      window.requestAnimationFrame = (callback) => Number(setTimeout(() => draw(callback), 150));
    });
    await page.getByRole("button", { name: /^(1 new message|Jump to the newest message)$/ }).click();
    await seeMessage(page, "the newest");
    await row.getByText("unread").waitFor({ state: "detached" });
    await context.close();
    await other.context.close();
  });

  it("[UX41] beside a message stands who has read up to it; a switch takes it from both sides", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice Nook");
    const link = await createRoom(alice.page, "Nook");
    await enterAsGuest(bob.page, link, "Bob Nook");
    await say(alice.page, "one");
    await seeMessage(bob.page, "one");
    const at = (seq: number) => alice.page.locator(`[data-seq='${seq}']`).getByText(/^Read by .*Bob Nook/);
    await at(1).waitFor();
    await alice.page.reload();
    await at(1).waitFor();
    await say(alice.page, "two");
    await at(2).waitFor();
    expect(await at(1).count()).toBe(0);
    await keepPicture(alice.page, "read-by");
    await bob.page.goto(`${parlor.url}/settings`);
    await bob.page.getByRole("switch", { name: "Read receipts" }).uncheck();
    await bob.page.reload();
    await bob.page.getByRole("switch", { name: "Read receipts", checked: false }).waitFor();
    await bob.page.goto(link);
    await say(alice.page, "three");
    await seeMessage(bob.page, "three");
    await say(bob.page, "heard");
    await seeMessage(alice.page, "heard");
    await alice.page.reload();
    await seeMessage(alice.page, "heard");
    expect(await alice.page.getByText("Read by").count()).toBe(0);
    await say(bob.page, "and you?");
    await seeMessage(alice.page, "and you?");
    expect(await bob.page.getByText("Read by").count()).toBe(0);
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX13] the face and the name of a line lead to the profile; a conversation begins as one", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice Den");
    const link = await createRoom(alice.page, "Den");
    await enterAsGuest(bob.page, link, "Bob Den");
    await say(bob.page, "hi");
    await seeMessage(alice.page, "hi");
    await alice.page.getByRole("log").getByRole("button", { name: "Bob Den" }).click();
    const card = alice.page.getByRole("dialog", { name: "Profile" });
    await card.getByRole("button", { name: "Message" }).click();
    await alice.page.getByRole("heading", { name: "This is your conversation with Bob Den" }).waitFor();
    await alice.page.getByText("Only the two of you read it.").waitFor();
    await keepPicture(alice.page, "conversation-empty");
    await alice.context.close();
    await bob.context.close();
  });
});
