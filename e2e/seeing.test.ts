import type { Browser, Page } from "playwright-core";
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
import { sendMany } from "./support/history.js";
import { type Parlor, startParlor } from "./support/parlor.js";

const lines = (prefix: string, count: number) =>
  Array.from({ length: count }, (_, n) => `${prefix} ${n + 1} ${"and so on ".repeat(n % 5)}`.trim());

/** How far the timeline is from its end, in pixels. */
async function toEnd(page: Page): Promise<number> {
  return await page
    .getByRole("log")
    .evaluate((log) => Math.round(log.scrollHeight - log.clientHeight - log.scrollTop));
}

/** The number of the first message in view, and where its line begins. */
async function firstInView(page: Page): Promise<{ seq: number; top: number }> {
  return await page.getByRole("log").evaluate((log) => {
    const edge = log.getBoundingClientRect().top;
    const rows = [...log.querySelectorAll<HTMLElement>("[data-seq]")];
    const row = rows.find((one) => one.getBoundingClientRect().bottom > edge + 1);
    return {
      seq: Number(row?.dataset.seq ?? 0),
      top: Math.round((row?.getBoundingClientRect().top ?? 0) - edge),
    };
  });
}

describeWithBrowser("what a reader sees", () => {
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

  it("[UX1] an own message is in its place with the next frames, without a network too", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Quick");
    await createRoom(page, "Track");
    await say(page, "warm");
    await seeMessage(page, "warm");
    await page.evaluate(() => {
      const seen: { frames: number; ms: number }[] = [];
      Object.assign(window, { seen });
      document.addEventListener(
        "keydown",
        ({ key, target }) => {
          if (key !== "Enter") return;
          const text = (target as HTMLTextAreaElement).value;
          const pressed = performance.now();
          let frames = 0;
          const look = () => {
            frames += 1;
            const rows = [...document.querySelectorAll("[role=log] [data-row]")];
            if (!rows.some((row) => row.textContent?.includes(text))) return void requestAnimationFrame(look);
            seen.push({ frames, ms: Math.round(performance.now() - pressed) });
          };
          requestAnimationFrame(look);
        },
        true,
      );
    });
    // Nothing comes back any more: what shows it is this page alone.
    await context.setOffline(true);
    for (let n = 1; n <= 5; n += 1) {
      await say(page, `sprint ${n}`);
      await seeMessage(page, `sprint ${n}`);
    }
    const seen = await page.evaluate(
      () => (window as unknown as { seen: { frames: number; ms: number }[] }).seen,
    );
    console.log(`own messages in their place after ${JSON.stringify(seen)}`);
    expect(seen).toHaveLength(5);
    expect(Math.max(...seen.map(({ frames }) => frames))).toBeLessThanOrEqual(4);
    // What else the machine does counts against a single one.
    expect(Math.min(...seen.map(({ ms }) => ms))).toBeLessThanOrEqual(50);
    expect(await page.getByText(/^(Sending|Waiting for the connection)/).count()).toBeGreaterThan(0);
    await context.setOffline(false);
    await expect
      .poll(() => page.locator("[data-seq]").filter({ hasText: "sprint" }).count(), { timeout: 30_000 })
      .toBe(5);
    await context.close();
  });

  it("[UX4] at its end the timeline follows what comes; above it, it stays where it is", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice");
    const link = await createRoom(alice.page, "Quay");
    await sendMany(alice.page, lines("boat", 60));
    await enterAsGuest(bob.page, link, "Bob");
    await seeMessage(bob.page, "boat 60 and so on and so on and so on and so on");
    await expect.poll(() => toEnd(bob.page)).toBeLessThanOrEqual(1);
    await sendMany(alice.page, lines("ship", 12));
    await seeMessage(bob.page, "ship 12 and so on");
    await expect.poll(() => toEnd(bob.page)).toBeLessThanOrEqual(1);

    await bob.page.getByRole("log").hover();
    await bob.page.mouse.wheel(0, -700);
    await expect.poll(() => toEnd(bob.page)).toBeGreaterThan(300);
    let before = await firstInView(bob.page);
    await expect
      .poll(async () => {
        const now = await firstInView(bob.page);
        const isStill = now.seq === before.seq && now.top === before.top;
        before = now;
        return isStill;
      })
      .toBe(true);
    await sendMany(alice.page, lines("raft", 12));
    await bob.page.getByRole("button", { name: "12 new messages" }).waitFor();
    expect(await firstInView(bob.page)).toEqual(before);
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX51] the bar of actions comes as the pointer moves, and to no line that moves under it", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice");
    const link = await createRoom(alice.page, "Jetty");
    await sendMany(alice.page, lines("boat", 40));
    await enterAsGuest(bob.page, link, "Bob");
    await bob.page.locator("[data-seq='36']").hover();
    const bar = bob.page.getByRole("button", { name: "More actions" });
    await bar.waitFor();
    await sendMany(alice.page, lines("ship", 12));
    await seeMessage(bob.page, "ship 12 and so on");
    await expect.poll(() => toEnd(bob.page)).toBeLessThanOrEqual(1);
    await expect.poll(() => bar.count()).toBe(0);
    await bob.page.locator("[data-seq='50']").hover();
    await bar.waitFor();
    expect(
      await bob.page.locator("[data-seq='50']").getByRole("button", { name: "More actions" }).count(),
    ).toBe(1);
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX5] the pill counts what is not loaded too, and leads to the newest", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice");
    const link = await createRoom(alice.page, "Depot");
    await sendMany(alice.page, lines("crate", 100));
    const told = bob.page.waitForResponse((answer) => answer.url().endsWith("/read") && answer.ok());
    await enterAsGuest(bob.page, link, "Bob");
    await seeMessage(bob.page, "crate 100 and so on and so on and so on and so on");
    await expect.poll(() => toEnd(bob.page)).toBeLessThanOrEqual(1);
    // What was read is told before he goes.
    await told;
    await bob.page.goto(`${parlor.url}/settings`);
    await bob.page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await sendMany(alice.page, lines("barrel", 300));
    await bob.page.goto(`${link}?m=5`);
    await bob.page.locator('[data-seq="5"]').waitFor();
    await bob.page.getByRole("button", { name: "300 new messages" }).waitFor();
    await sendMany(alice.page, lines("late barrel", 3));
    const pill = bob.page.getByRole("button", { name: "303 new messages" });
    await pill.click();
    await seeMessage(bob.page, "late barrel 3 and so on and so on");
    await pill.waitFor({ state: "detached" });
    await alice.context.close();
    await bob.context.close();
  });

  it("[UX10] a room opens where it was left: after another room, and after a reload", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Wanderer");
    const attic = await createRoom(page, "Attic");
    await sendMany(page, lines("trunk", 120));
    await seeMessage(page, "trunk 120 and so on and so on and so on and so on");
    await page.getByRole("log").hover();
    await expect
      .poll(async () => {
        await page.mouse.wheel(0, -400);
        return await toEnd(page);
      })
      .toBeGreaterThan(1_000);
    await expect
      .poll(async () => {
        const [one, other] = [await firstInView(page), await firstInView(page)];
        return one.seq > 0 && one.top === other.top;
      })
      .toBe(true);
    const left = await firstInView(page);
    await createRoom(page, "Cellar");
    await say(page, "down here");
    await seeMessage(page, "down here");
    const isThere = async () => Math.abs((await firstInView(page)).seq - left.seq) <= 1;
    await page
      .getByRole("complementary", { name: "Rooms" })
      .getByRole("link", { name: /^Attic/ })
      .click();
    await page.waitForURL(attic);
    await expect.poll(isThere).toBe(true);
    await page.reload();
    await expect.poll(isThere).toBe(true);
    // Who was at the end comes back to the end.
    await page.getByRole("button", { name: "Jump to the newest message" }).click();
    await expect.poll(() => toEnd(page)).toBeLessThanOrEqual(1);
    await page.reload();
    await seeMessage(page, "trunk 120 and so on and so on and so on and so on");
    await expect.poll(() => toEnd(page)).toBeLessThanOrEqual(1);
    await context.close();
  });
});
