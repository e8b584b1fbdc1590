import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { OutboxStore } from "../src/index.js";
import { chromiumPath, type ScriptPage, servePage } from "./support/chromium.js";

declare global {
  /** What the test's page puts there. */
  var outbox: OutboxStore;
  var calls: number;
}

vi.setConfig({ testTimeout: 60_000 });

const reason = chromiumPath ? "" : " (skipped: no Chromium)";

describe.skipIf(!chromiumPath)(`the browser's outbox${reason}`, () => {
  let site: ScriptPage;
  let browser: Browser;
  let context: BrowserContext;
  let url: string;

  beforeAll(async () => {
    site = await servePage(`import { createIndexedDbOutbox } from "./outbox-indexeddb.ts";
      globalThis.outbox = createIndexedDbOutbox();`);
    url = `http://127.0.0.1:${site.port}/`;
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
    await page.goto(url);
    return page;
  }

  const put = (page: Page, key: string, id: string, content: string) =>
    page.evaluate(
      ([key, client_id, content]) =>
        outbox.put(key ?? "", {
          client_id: client_id ?? "",
          content: content ?? "",
          created_at: 0,
          status: "pending",
        }),
      [key, id, content],
    );
  const list = async (page: Page, key: string) =>
    (await page.evaluate((name) => outbox.list(name), key)).map(({ client_id, content }) => [
      client_id,
      content,
    ]);

  test("keeps the order over a reload, replaces in place, forgets, and keeps rooms apart", async () => {
    const page = await openTab();
    for (const id of ["c", "a", "b"]) await put(page, "one", id, id);
    await put(page, "two", "a", "another room's");
    await put(page, "one", "a", "changed");
    await page.reload();
    expect(await list(page, "one")).toEqual([
      ["c", "c"],
      ["a", "changed"],
      ["b", "b"],
    ]);
    await page.evaluate(() => outbox.delete("one", "a"));
    await page.evaluate(() => outbox.delete("one", "unknown"));
    expect((await list(page, "one")).map(([id]) => id)).toEqual(["c", "b"]);
    expect(await list(page, "two")).toEqual([["a", "another room's"]]);
  });

  test("is shared by tabs, which hear of each other's changes", async () => {
    const [one, two] = [await openTab(), await openTab()];
    await two.evaluate(() => {
      globalThis.calls = 0;
      outbox.watch("room", () => {
        globalThis.calls += 1;
      });
    });
    await put(one, "other room", "x", "x");
    await put(one, "room", "a", "hello");
    await two.waitForFunction(() => globalThis.calls === 1);
    expect(await list(two, "room")).toEqual([["a", "hello"]]);
  });

  test("lets one tab at a time work, and the next one when it closes", async () => {
    const [one, two] = [await openTab(), await openTab()];
    const start = () => {
      globalThis.calls = 0;
      const { signal } = new AbortController();
      void outbox.exclusively("room", signal, () => {
        globalThis.calls += 1;
        return new Promise<void>(() => {});
      });
    };
    await one.evaluate(start);
    await one.waitForFunction(() => globalThis.calls === 1);
    await two.evaluate(start);
    await two.evaluate(() => navigator.locks.query());
    expect(await two.evaluate(() => globalThis.calls)).toBe(0);
    await one.close();
    await two.waitForFunction(() => globalThis.calls === 1);
  });
});
