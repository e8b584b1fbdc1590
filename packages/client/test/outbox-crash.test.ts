import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startTestServer, type TestServer } from "../../server/test/support/server.js";
import type { Api, Courier, OutboxStore, RoomClient } from "../src/index.js";
import {
  chromiumPath,
  PLAIN_HOST,
  type ProfileBrowser,
  type ScriptPage,
  servePage,
  startChromium,
} from "./support/chromium.js";
import { startProxy, type TestProxy } from "./support/proxy.js";
import { type Guest, makeGuest } from "./support/talk.js";

interface Login {
  url: string;
  token: string;
  userId: string;
}

declare global {
  /** What the test's page puts there. */
  var parlor: {
    outbox: OutboxStore;
    room: RoomClient;
    courier: Courier;
    api: (login: Login) => Api;
    open: (login: Login, roomId: string) => void;
    courierFor: (login: Login) => void;
    key: (login: Login, roomId: string) => string;
  };
}

const SCRIPT = `
  import { createApi, createCourier, createIndexedDbOutbox, openRoom, outboxKey } from "./index.ts";
  const outbox = createIndexedDbOutbox();
  const api = ({ url, token }) => createApi({ url, token: () => token });
  globalThis.parlor = {
    outbox, api, room: null, courier: null,
    open(login, roomId) {
      parlor.room = openRoom({ ...login, token: () => login.token, api: api(login), roomId, outbox });
    },
    courierFor(login) {
      parlor.courier = createCourier({ api: api(login), userId: login.userId, outbox });
    },
    key: ({ url, userId }, roomId) => outboxKey(url, roomId, userId),
  };`;

const NO_CHANNEL = () => {
  Reflect.deleteProperty(globalThis, "BroadcastChannel");
};

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const reason = chromiumPath ? "" : " (skipped: no Chromium)";

describe.skipIf(!chromiumPath)(`unsent messages in a browser${reason}`, () => {
  let server: TestServer;
  let proxy: TestProxy;
  let site: ScriptPage;
  let alice: Guest;
  let profile: string;
  let browser: ProfileBrowser;

  beforeAll(async () => {
    site = await servePage(SCRIPT);
    const allowedOrigins = [`http://127.0.0.1:${site.port}`, `http://${PLAIN_HOST}:${site.port}`];
    server = await startTestServer({ allowedOrigins });
    proxy = await startProxy(server.port);
    alice = await makeGuest(server.url, "Alice");
    profile = await mkdtemp(join(tmpdir(), "parlor-profile-"));
    browser = await startChromium(profile);
  });
  afterEach(async () => {
    proxy.refuseAll(false);
    for (const page of browser.context.pages().slice(1)) await page.close();
  });
  afterAll(async () => {
    await browser?.kill();
    await proxy?.close();
    await server?.close();
    await site?.close();
    if (profile) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  });

  const login = (): Login => ({ url: proxy.url, token: alice.token, userId: alice.id });

  async function makeRoom(): Promise<string> {
    return (await alice.api.call("createRoom", { body: { name: "Kitchen" } })).id;
  }

  async function openTab(host = "127.0.0.1", prepare: (() => void) | null = null): Promise<Page> {
    const context: BrowserContext = browser.context;
    const page = await context.newPage();
    if (prepare) await page.addInitScript(prepare);
    await page.goto(`http://${host}:${site.port}/`);
    return page;
  }

  const enter = (page: Page, roomId: string) =>
    page.evaluate(([who, id]) => parlor.open(who as Login, id as string), [login(), roomId]);
  const send = (page: Page, content: string) => page.evaluate((text) => parlor.room.send(text), content);
  const unsentIn = (page: Page, roomId: string) =>
    page.evaluate(
      async ([who, id]) =>
        (await parlor.outbox.list(parlor.key(who as Login, id as string))).map(({ content }) => content),
      [login(), roomId],
    );
  const stored = async (roomId: string) =>
    (await alice.api.call("listMessages", { params: { room_id: roomId }, query: { limit: 1_000 } })).map(
      ({ content }) => content,
    );
  const allSent = (page: Page) => page.waitForFunction(() => parlor.room.state.pending.length === 0);
  const isLive = (page: Page) => page.waitForFunction(() => parlor.room.state.status === "live");

  /** Writes something and waits until it is kept. */
  async function write(page: Page, roomId: string, content: string): Promise<void> {
    await send(page, content);
    await expect.poll(() => unsentIn(page, roomId)).toContain(content);
  }

  test("[OUT1] kill -9 of the browser loses nothing: the next one sends it, once and in order", async () => {
    const roomId = await makeRoom();
    const first = await openTab();
    await enter(first, roomId);
    await isLive(first);
    await send(first, "sent");
    await allSent(first);
    proxy.refuseAll(true);
    for (const text of ["one", "two", "three"]) await write(first, roomId, text);
    await browser.kill();
    proxy.refuseAll(false);
    browser = await startChromium(profile);
    const second = await openTab();
    await enter(second, roomId);
    await isLive(second);
    await allSent(second);
    expect(await stored(roomId)).toEqual(["sent", "one", "two", "three"]);
    expect(await unsentIn(second, roomId)).toEqual([]);
  });

  test("[OUT1] kill -9 in the middle of sending: what was stored and not yet forgotten is shown once", async () => {
    const roomId = await makeRoom();
    const first = await openTab();
    await enter(first, roomId);
    await isLive(first);
    const texts = Array.from({ length: 40 }, (_, index) => `line ${index}`);
    await first.evaluate((lines) => {
      for (const text of lines) parlor.room.send(text);
    }, texts);
    await expect.poll(async () => (await stored(roomId)).length).toBeGreaterThan(5);
    await browser.kill();
    browser = await startChromium(profile);
    const second = await openTab();
    await enter(second, roomId);
    await isLive(second);
    await allSent(second);
    const inStore = await stored(roomId);
    // What the outbox had not written yet when the browser died was never promised; the rest is a beginning.
    expect(inStore).toEqual(texts.slice(0, inStore.length));
    const shown = await second.evaluate(() => parlor.room.state.messages.map(({ content }) => content));
    expect(shown).toEqual(inStore);
  });

  describe.each([
    { where: "with Web Locks", host: "127.0.0.1", prepare: null, hasLocks: true },
    { where: "on a page without https", host: PLAIN_HOST, prepare: null, hasLocks: false },
    { where: "without https and channels", host: PLAIN_HOST, prepare: NO_CHANNEL, hasLocks: false },
  ])("$where", ({ host, prepare, hasLocks }) => {
    test("[OUT2] three tabs write offline: each message goes out once, in the order of writing", async () => {
      const roomId = await makeRoom();
      const tabs = [await openTab(host, prepare), await openTab(host, prepare), await openTab(host, prepare)];
      expect(await tabs[0]?.evaluate(() => navigator.locks !== undefined)).toBe(hasLocks);
      for (const tab of tabs) await enter(tab, roomId);
      for (const tab of tabs) await isLive(tab);
      proxy.refuseAll(true);
      const texts: string[] = [];
      for (let turn = 0; turn < 4; turn += 1) {
        for (const [index, tab] of tabs.entries()) {
          texts.push(`${turn} of tab ${index}`);
          await write(tab, roomId, `${turn} of tab ${index}`);
        }
      }
      proxy.refuseAll(false);
      for (const tab of tabs) await allSent(tab);
      expect(await stored(roomId)).toEqual(texts);
      for (const tab of tabs) {
        await expect
          .poll(() => tab.evaluate(() => parlor.room.state.messages.map(({ content }) => content)))
          .toEqual(texts);
      }
    });

    test("[OUT2] a tab that is closed in the middle of a send leaves it to the others", async () => {
      const roomId = await makeRoom();
      const [one, two] = [await openTab(host, prepare), await openTab(host, prepare)];
      await enter(one, roomId);
      await isLive(one);
      // What this tab sends from now on gets lost on the way.
      proxy.freeze();
      await enter(two, roomId);
      await isLive(two);
      await write(one, roomId, "from the first tab");
      await write(two, roomId, "from the second tab");
      await one.close();
      await allSent(two);
      expect(await stored(roomId)).toEqual(["from the first tab", "from the second tab"]);
    });

    test("[OUT2] a turn that was lost is noticed before the next send", async () => {
      const page = await openTab(host, prepare);
      const held = await page.evaluate(async () => {
        const { signal } = new AbortController();
        const answers: boolean[] = [];
        await parlor.outbox.exclusively("room", signal, async (turn) => {
          answers.push(await turn.holds());
          // As if this tab had been frozen, and another one had taken over.
          await new Promise<void>((resolve, reject) => {
            const request = indexedDB.open("parlor-outbox");
            request.onerror = () => reject(request.error);
            request.onsuccess = () => {
              const transaction = request.result.transaction("turns", "readwrite");
              transaction.objectStore("turns").put({ owner: "another tab", beat: 7 }, "room");
              transaction.oncomplete = () => resolve();
              transaction.onabort = () => reject(transaction.error);
            };
          });
          answers.push(await turn.holds(), turn.signal.aborted);
        });
        return answers;
      });
      expect(held).toEqual([true, false, true]);
      // That other tab does not exist: its turn ends by itself.
      await page.evaluate(() =>
        parlor.outbox.exclusively("room", new AbortController().signal, async () => {}),
      );
    });
  });

  test("[OUT3] a message that can never be accepted fails visibly and blocks nothing", async () => {
    const roomId = await makeRoom();
    proxy.refuseAll(true);
    const page = await openTab();
    await enter(page, roomId);
    await write(page, roomId, "before");
    await page.evaluate(
      ([who, id]) =>
        parlor.outbox.put(parlor.key(who as Login, id as string), {
          client_id: "poison",
          content: "x".repeat(100_001),
          created_at: 0,
          status: "pending",
        }),
      [login(), roomId],
    );
    await write(page, roomId, "after");
    proxy.refuseAll(false);
    await page.waitForFunction(
      () => parlor.room.state.pending.map(({ status }) => status).join() === "failed",
    );
    expect(await stored(roomId)).toEqual(["before", "after"]);
    const failure = await page.evaluate(() => parlor.room.state.pending[0]?.failure?.code);
    expect(failure).toBe("content_too_long");
    expect(await page.evaluate(() => parlor.room.discard("poison")?.length)).toBe(100_001);
    await expect.poll(() => unsentIn(page, roomId)).toEqual([]);
  });

  test("[OUT4] what was written in one room goes out while only another one is open, for its author alone", async () => {
    const [kitchen, garden] = [await makeRoom(), await makeRoom()];
    const bob = await makeGuest(server.url, "Bob");
    proxy.refuseAll(true);
    const page = await openTab();
    await enter(page, kitchen);
    for (const text of ["one", "two"]) await write(page, kitchen, text);
    await page.reload();
    proxy.refuseAll(false);
    await page.evaluate((who) => parlor.courierFor(who), {
      ...login(),
      token: bob.token,
      userId: bob.id,
    } satisfies Login);
    await enter(page, garden);
    await isLive(page);
    await page.evaluate(() => parlor.courier.close());
    expect(await stored(kitchen)).toEqual([]);
    await page.evaluate((who) => parlor.courierFor(who), login());
    await page.waitForFunction((id) => parlor.courier.unsent.get(id)?.waiting === 2, kitchen);
    await page.waitForFunction(() => parlor.courier.unsent.size === 0);
    expect(await stored(kitchen)).toEqual(["one", "two"]);
  });

  test("[OUT5] a full disk or a browser that keeps nothing: it says so, and sends all the same", async () => {
    const roomId = await makeRoom();
    const page = await openTab();
    // A full disk as the browser tells it: no quota that a test can set is enforced at once.
    await page.evaluate(() => {
      const { add } = IDBObjectStore.prototype;
      IDBObjectStore.prototype.add = function full() {
        IDBObjectStore.prototype.add = add;
        this.transaction.abort();
        throw new DOMException("The disk is full.", "QuotaExceededError");
      };
    });
    proxy.refuseAll(true);
    await enter(page, roomId);
    await send(page, "one");
    await page.waitForFunction(() => !parlor.room.state.pendingKept);
    // With the next change it is kept after all, in its order.
    await send(page, "two");
    await send(page, "three");
    await page.waitForFunction(() => parlor.room.state.pendingKept);
    expect(await unsentIn(page, roomId)).toEqual(["one", "two", "three"]);
    const bare = await openTab("127.0.0.1", () => Reflect.deleteProperty(globalThis, "indexedDB"));
    const other = await makeRoom();
    await enter(bare, other);
    await send(bare, "kept by nobody");
    await bare.waitForFunction(() => !parlor.room.state.pendingKept);
    proxy.refuseAll(false);
    await allSent(page);
    await allSent(bare);
    expect(await stored(roomId)).toEqual(["one", "two", "three"]);
    expect(await stored(other)).toEqual(["kept by nobody"]);
  });

  test("[OUT6] an outbox of an older page goes on, and one of a newer page is used as it is", async () => {
    const page = await openTab();
    await page.evaluate(async () => {
      const ready = <T>(request: IDBRequest<T>) =>
        new Promise<T>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = () => reject(request.error);
        });
      await ready(indexedDB.deleteDatabase("parlor-outbox"));
      const opening = indexedDB.open("parlor-outbox", 1);
      opening.onupgradeneeded = () => {
        const store = opening.result.createObjectStore("messages", { autoIncrement: true });
        store.createIndex("by_key", "key");
        store.createIndex("by_name", ["key", "client_id"], { unique: true });
        for (const client_id of ["b", "a"])
          store.add({ key: "room", client_id, content: client_id, created_at: 0, status: "pending" });
      };
      (await ready(opening)).close();
    });
    const names = (tab: Page) =>
      tab.evaluate(async () => (await parlor.outbox.list("room")).map(({ client_id }) => client_id));
    expect(await names(page)).toEqual(["b", "a"]);
    await page.evaluate(() =>
      parlor.outbox.exclusively("room", new AbortController().signal, async () => {}),
    );
    await page.evaluate(async () => {
      await new Promise<void>((resolve, reject) => {
        const opening = indexedDB.open("parlor-outbox", 99);
        opening.onupgradeneeded = () => opening.result.createObjectStore("more");
        opening.onsuccess = () => {
          opening.result.close();
          resolve();
        };
        opening.onerror = () => reject(opening.error);
      });
    });
    expect(await names(page)).toEqual(["b", "a"]);
    await page.evaluate(() => parlor.outbox.delete("room", "b"));
    expect(await names(page)).toEqual(["a"]);
  });
});
