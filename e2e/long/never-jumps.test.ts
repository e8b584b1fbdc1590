import type { Browser, CDPSession, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  launchBrowser,
  openVisitor,
  say,
  seeMessage,
} from "../support/browser.js";
import { readUpwards } from "../support/drift.js";
import { fillRoom } from "../support/fill.js";
import { type Parlor, startParlor } from "../support/parlor.js";
import { drawPicture } from "../support/picture.js";

const MANY = 5_000;

/** What lives in the page after a collection of what does not: nodes, and megabytes. */
async function weigh(session: CDPSession): Promise<{ nodes: number; megabytes: number }> {
  await session.send("HeapProfiler.collectGarbage");
  const { metrics } = await session.send("Performance.getMetrics");
  const read = (wanted: string) => metrics.find(({ name }) => name === wanted)?.value ?? Number.NaN;
  return { nodes: read("Nodes"), megabytes: read("JSHeapUsedSize") / 1_048_576 };
}

/** A room with some pictures, and `count` messages behind it; the page stands beside the room. */
async function makeLongRoom(parlor: Parlor, page: Page, name: string, count: number) {
  const link = await createRoom(page, name);
  await say(page, "the very first");
  await seeMessage(page, "the very first");
  // Each of its copies in the room has an address of its own, so that none is in a cache.
  await page
    .locator('main input[type="file"]')
    .setInputFiles([
      await drawPicture(page, "wide.png"),
      await drawPicture(page, "tall.png", { width: 300, height: 700 }),
      await drawPicture(page, "small.png", { width: 120, height: 90 }),
    ]);
  await say(page, "with pictures");
  await page.locator("[data-seq='2']").waitFor();
  await page.goto(`${parlor.url}/settings`);
  const room = decodeURIComponent(link.split("/r/")[1] ?? "");
  return { link, newest: await fillRoom(parlor, room, count) };
}

describeWithBrowser("a long timeline", () => {
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

  it("[UX6] [UX7] paging back through 5,000 mixed messages moves no line by more than a pixel; page and memory stay bounded", async () => {
    const { page, context } = await openVisitor(browser);
    const session = await context.newCDPSession(page);
    await session.send("Network.enable");
    await session.send("Network.setCacheDisabled", { cacheDisabled: true });
    await session.send("Performance.enable");
    await enterAsGuest(page, parlor.url, "Cleo");
    const { link, newest } = await makeLongRoom(parlor, page, "Long hall", MANY);
    await page.goto(link);
    await page.locator(`[data-seq='${newest}']`).waitFor();
    const start = await weigh(session);
    const reading = await readUpwards(page, "This is the beginning", 240_000);
    const end = await weigh(session);
    console.log(JSON.stringify({ ...reading, start, end }));
    expect(reading.worst).toBeLessThanOrEqual(1);
    expect(reading.frames).toBeGreaterThan(MANY / 10);
    expect(reading.lines).toBeLessThan(150);
    // The window of the client, 2,000 messages, and no line that is not in view.
    expect(end.megabytes - start.megabytes).toBeLessThan(30);
    expect(end.nodes - start.nodes).toBeLessThan(8_000);
    await context.close();
  });

  it("[UX40] a room of 100,000 messages opens at its newest ones with one page of them", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Dora");
    const { link, newest } = await makeLongRoom(parlor, page, "Longest hall", 100_000);
    const pages: string[] = [];
    page.on("request", (request) => {
      if (/\/messages(\?|$)/.test(request.url())) pages.push(new URL(request.url()).search);
    });
    const start = performance.now();
    await page.goto(link);
    const line = page.locator(`[data-seq='${newest}']`);
    await line.waitFor();
    console.log(`100,000 messages: the newest after ${Math.round(performance.now() - start)} ms`);
    const end = await page.getByRole("log").evaluate((log) => log.getBoundingClientRect().bottom);
    const box = await line.boundingBox();
    expect(Math.abs((box?.y ?? 0) + (box?.height ?? 0) - end)).toBeLessThan(40);
    expect(pages.filter((query) => query.includes("before"))).toEqual([]);
    expect(await page.locator("[data-seq]").count()).toBeLessThan(60);
    await context.close();
  });
});
