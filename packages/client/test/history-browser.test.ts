import type { RoomSummary } from "@parlor/protocol";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { BrowserHistory, RoomSnapshot } from "../src/index.js";
import { chromiumPath, type ScriptPage, servePage } from "./support/chromium.js";

declare global {
  /** What the test's page puts there. */
  var kept: BrowserHistory;
}

vi.setConfig({ testTimeout: 60_000 });

const reason = chromiumPath ? "" : " (skipped: no Chromium)";
const snapshot = (cursor: number): RoomSnapshot => ({
  messages: [],
  hasOlder: false,
  cursor,
  epoch: "e",
  profiles: [],
  profilesAfter: null,
});

describe.skipIf(!chromiumPath)(`the browser's history${reason}`, () => {
  let site: ScriptPage;
  let browser: Browser;
  let context: BrowserContext;

  beforeAll(async () => {
    site = await servePage(`import { createIndexedDbHistory } from "./history-indexeddb.ts";
      globalThis.kept = createIndexedDbHistory();`);
    browser = await chromium.launch({ executablePath: chromiumPath ?? "", args: ["--no-sandbox"] });
  });
  beforeEach(async () => {
    context = await browser.newContext();
  });
  afterEach(() => context.close());
  afterAll(async () => {
    await browser?.close();
    await site?.close();
  });

  async function openTab(): Promise<Page> {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${site.port}/`);
    return page;
  }
  const keep = (page: Page, owner: string, room: string, cursor: number) =>
    page.evaluate(
      async ([owner, room, value]) => {
        const start = Date.now();
        await kept.keepRoom(owner, room, value);
        // Each in a millisecond of its own, so that one is older than the other.
        while (Date.now() === start);
      },
      [owner, room, snapshot(cursor)] as const,
    );
  const cursorOf = async (page: Page, owner: string, room: string) =>
    (await page.evaluate(([owner, room]) => kept.room(owner, room), [owner, room] as const))?.cursor ?? null;

  test("[SDK4] belongs to one owner: the next one finds nothing, and the tab of the one before brings nothing back", async () => {
    const [one, two] = [await openTab(), await openTab()];
    await one.evaluate(() => kept.claim("alice"));
    await keep(one, "alice", "kitchen", 1);
    await one.evaluate(() => kept.keepRooms("alice", [{ id: "kitchen" } as never]));
    await one.reload();
    await one.evaluate(() => kept.claim("alice"));
    expect(await cursorOf(one, "alice", "kitchen")).toBe(1);

    await two.evaluate(() => kept.claim("bob"));
    await keep(one, "alice", "kitchen", 2);
    for (const owner of ["alice", "bob"]) {
      expect(await cursorOf(two, owner, "kitchen")).toBeNull();
      expect(await two.evaluate((name) => kept.rooms(name), owner)).toBeNull();
    }
    await keep(two, "bob", "attic", 3);
    await two.evaluate(() => kept.clear());
    await keep(two, "bob", "attic", 4);
    await two.evaluate(() => kept.claim("bob"));
    expect(await cursorOf(two, "bob", "attic")).toBeNull();
  });

  test("[SDK4] holds the rooms that were open last, and a list that ends", async () => {
    const page = await openTab();
    await page.evaluate(() => kept.claim("alice"));
    for (let index = 0; index < 34; index += 1) await keep(page, "alice", `room ${index}`, index);
    // Visited again, so it is not the oldest any more.
    await keep(page, "alice", "room 4", 100);
    await keep(page, "alice", "room 34", 34);
    expect(await cursorOf(page, "alice", "room 3")).toBeNull();
    expect(await cursorOf(page, "alice", "room 4")).toBe(100);
    expect(await cursorOf(page, "alice", "room 5")).toBeNull();
    expect(await cursorOf(page, "alice", "room 6")).toBe(6);
    const list = Array.from({ length: 250 }, (_, index) => ({ id: `room ${index}` }) as RoomSummary);
    await page.evaluate((rooms) => kept.keepRooms("alice", rooms), list);
    expect((await page.evaluate(() => kept.rooms("alice")))?.length).toBe(200);
    await page.evaluate(() => kept.dropRoom("alice", "room 4"));
    expect(await cursorOf(page, "alice", "room 4")).toBeNull();
  });
});
