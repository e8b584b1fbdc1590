import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  keepPicture,
  launchBrowser,
  openVisitor,
  say,
  seeMessage,
  signUp,
} from "./support/browser.js";
import { startDeploys } from "./support/deploys.js";
import { type Parlor, startParlor } from "./support/parlor.js";

const NEW_VERSION = "0123456789abcdef";

/** Waits until this browser keeps the client. */
async function shellIsKept(page: Page): Promise<void> {
  await page.evaluate(async () => await navigator.serviceWorker.ready);
  await page.waitForFunction(() => navigator.serviceWorker.controller !== null);
}

/** Waits until this browser keeps a message in the history of its room; the list of rooms has its words sooner. */
async function historyIsKept(page: Page, text: string): Promise<void> {
  const snapshots = async () => (await keptBy(page)).databases.filter((row) => row.includes('"snapshot"'));
  await expect.poll(async () => (await snapshots()).join("\n"), { timeout: 20_000 }).toContain(text);
}

/** All that a browser keeps of this site: the rows of its databases, the keys of its storage, names of its caches. */
async function keptBy(page: Page) {
  return await page.evaluate(async () => {
    const rows = <T>(request: IDBRequest<T>) =>
      new Promise<T>((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const databases: string[] = [];
    for (const { name } of await indexedDB.databases()) {
      const database = await rows(indexedDB.open(name ?? ""));
      for (const store of database.objectStoreNames) {
        const all = await rows(database.transaction(store).objectStore(store).getAll());
        for (const row of all) databases.push(`${name}: ${JSON.stringify(row)}`);
      }
      database.close();
    }
    const caches = (await globalThis.caches.keys()).map((name) => name.replace(/[0-9a-f]{16}$/, "*"));
    return { databases, storage: Object.keys(localStorage), caches };
  });
}

const versionOf = (page: Page) =>
  page.evaluate(() => document.querySelector<HTMLMetaElement>('meta[name="parlor-version"]')?.content);

const appIsReady = (page: Page) => page.getByRole("textbox", { name: "Message", exact: true }).waitFor();

describeWithBrowser("without a network, and as an app", () => {
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

  it("[PWA1] [PWA2] a reload without a server shows rooms and history; what is written then goes out later", async () => {
    const alice = await openVisitor(browser, { worker: true });
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice");
    const link = await createRoom(alice.page, "Kitchen");
    await enterAsGuest(bob.page, link, "Bob");
    await say(bob.page, "The kettle is on");
    await seeMessage(alice.page, "The kettle is on");
    await shellIsKept(alice.page);
    await historyIsKept(alice.page, "The kettle is on");

    await parlor.kill();
    onTestFinished(() => parlor.start());
    await alice.page.reload();
    await seeMessage(alice.page, "The kettle is on");
    const rooms = alice.page.getByRole("navigation", { name: "Rooms" });
    await rooms.getByRole("link", { name: /^Kitchen/ }).waitFor();
    await alice.page.getByRole("heading", { level: 1, name: "Kitchen" }).waitFor();
    await say(alice.page, "Written in the dark");
    await alice.page.getByText("Waiting for the connection").waitFor();
    await keepPicture(alice.page, "offline-room");
    await alice.page.reload();
    await seeMessage(alice.page, "Written in the dark");
    // The rest of the client is there too.
    await alice.page.getByRole("link", { name: /^Settings/ }).click();
    await alice.page.getByRole("heading", { name: "Privacy" }).waitFor();
    await alice.page.goto(parlor.url);
    await rooms.getByRole("link", { name: /^Kitchen/ }).waitFor();
    await keepPicture(alice.page, "offline-home");

    await parlor.start();
    await seeMessage(bob.page, "Written in the dark");
    await rooms.getByRole("link", { name: /^Kitchen/ }).click();
    await alice.page.getByText("Waiting for the connection").waitFor({ state: "detached" });
    await seeMessage(alice.page, "Written in the dark");
    await alice.context.close();
    await bob.context.close();
  });

  it("[PWA2] [UX8] what came meanwhile stands below the line of new messages", async () => {
    const alice = await openVisitor(browser, { worker: true });
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Alice Attic");
    const link = await createRoom(alice.page, "Attic");
    await enterAsGuest(bob.page, link, "Bob Attic");
    await say(bob.page, "before");
    await seeMessage(alice.page, "before");
    await historyIsKept(alice.page, "before");
    await alice.page.goto("about:blank");
    await say(bob.page, "meanwhile");
    await seeMessage(bob.page, "meanwhile");
    await alice.page.goto(link);
    await seeMessage(alice.page, "meanwhile");
    const log = alice.page.getByRole("log");
    const line = await log.getByText("New messages").boundingBox();
    const [above, below] = [
      await log.getByText("before", { exact: true }).boundingBox(),
      await log.getByText("meanwhile", { exact: true }).boundingBox(),
    ];
    expect(line?.y).toBeGreaterThan(above?.y ?? Number.POSITIVE_INFINITY);
    expect(line?.y).toBeLessThan(below?.y ?? 0);
    await alice.context.close();
    await bob.context.close();
  });

  it("[PWA3] a new version is said and taken when the person wants; the open page goes on with its own files", async () => {
    const deploys = await startDeploys(parlor);
    const { page, context } = await openVisitor(browser, { worker: true });
    await enterAsGuest(page, deploys.url, "Carol");
    await createRoom(page, "Porch");
    await shellIsKept(page);
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.fill("half a thought");
    await page.evaluate(() => Object.assign(window, { isSame: true }));
    const old = await versionOf(page);

    deploys.deploy(NEW_VERSION, (path) => path.startsWith("/assets/settings-page"));
    await page.getByRole("status").getByText("A new version is ready.").waitFor();
    expect(await page.evaluate(() => "isSame" in window)).toBe(true);
    expect(await composer.inputValue()).toBe("half a thought");
    await keepPicture(page, "update-offer");
    // Its own files are kept, though the server has them no more.
    await page.getByRole("link", { name: /^Settings/ }).click();
    await page.getByRole("heading", { name: "Privacy" }).waitFor();
    await page.goBack();
    await appIsReady(page);

    await page.getByRole("button", { name: "Reload", exact: true }).click({ noWaitAfter: true });
    await page.waitForFunction(() => !("isSame" in window));
    await appIsReady(page);
    expect(await versionOf(page)).toBe(NEW_VERSION);
    expect(await versionOf(page)).not.toBe(old);
    expect(await composer.inputValue()).toBe("half a thought");
    await page.waitForFunction(async () => !(await navigator.serviceWorker.getRegistration())?.waiting);
    expect(await page.getByText("A new version is ready.").count()).toBe(0);
    await context.close();
    await deploys.close();
  });

  it("[PWA3] whatever is kept, the next load is the server's version, without a word about it", async () => {
    const deploys = await startDeploys(parlor);
    const { page, context } = await openVisitor(browser, { worker: true });
    await enterAsGuest(page, deploys.url, "Dan");
    await createRoom(page, "Balcony");
    await shellIsKept(page);
    await page.goto("about:blank");
    deploys.deploy(NEW_VERSION);
    await page.goto(deploys.url);
    expect(await versionOf(page)).toBe(NEW_VERSION);
    // The new worker takes over by itself: the page is its own already.
    await expect
      .poll(async () => await keptVersions(page), { timeout: 20_000 })
      .toContain(`parlor-shell-${NEW_VERSION}`);
    await page.waitForFunction(async () => {
      const registration = await navigator.serviceWorker.getRegistration();
      return registration?.active?.state === "activated" && !registration.waiting && !registration.installing;
    });
    expect(await page.getByText("A new version is ready.").count()).toBe(0);
    await context.close();
    await deploys.close();
  });

  it("[PWA4] logging out leaves nothing of the person, in another tab neither, and the next one sees nothing", async () => {
    const { page, context } = await openVisitor(browser, { worker: true });
    await signUp(page, parlor.url, "Erin", "correct horse");
    const link = await createRoom(page, "Cellar");
    await say(page, "a secret");
    await shellIsKept(page);
    await historyIsKept(page, "a secret");
    const tab = await context.newPage();
    await tab.goto(link);
    await seeMessage(tab, "a secret");
    await tab.getByRole("textbox", { name: "Message", exact: true }).fill("half a secret");
    await page.bringToFront();
    await page.getByRole("link", { name: /^Settings/ }).click();
    await page.getByText("Dark", { exact: true }).click();
    await page.getByRole("button", { name: "Log out" }).click();
    for (const one of [page, tab]) await one.getByLabel("Your name").waitFor();
    await expect
      .poll(async () => await keptBy(page), { timeout: 20_000 })
      .toEqual({ databases: [], storage: ["parlor:theme"], caches: ["parlor-shell-*"] });

    await parlor.kill();
    onTestFinished(() => parlor.start());
    await page.goto(link);
    await page.getByRole("button", { name: "Try again" }).waitFor();
    expect(await page.getByText("a secret").count()).toBe(0);
    expect(await page.getByText("Cellar").count()).toBe(0);
    await context.close();
  });

  it("[PWA1] the manifest has all that installing needs", async () => {
    const { page, context } = await openVisitor(browser, { worker: true });
    await page.goto(parlor.url);
    const session = await context.newCDPSession(page);
    await shellIsKept(page);
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    // A browser context of a test counts as a private window, and in that nothing is installed.
    expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual(
      [],
    );
    const { errors, data } = await session.send("Page.getAppManifest");
    expect(errors).toEqual([]);
    for (const { src, sizes } of JSON.parse(data ?? "{}").icons) {
      const width = await page.evaluate(async (url) => {
        const image = new Image();
        image.src = url;
        await image.decode();
        return image.naturalWidth;
      }, src);
      expect(`${width}x${width}`).toBe(sizes);
    }
    await context.close();
  });
});

async function keptVersions(page: Page): Promise<string[]> {
  return await page.evaluate(async () => await caches.keys());
}
