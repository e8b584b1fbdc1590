import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, it, onTestFinished } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  keepPicture,
  launchBrowser,
  messagesLike,
  openVisitor,
  say,
  seeMessage,
  signUp,
} from "./support/browser.js";
import { type Parlor, startParlor } from "./support/parlor.js";

/** A small picture of one colour, made in the browser so that the test needs no file. */
async function picture(browser: Browser, colour: string): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: 300, height: 300 } });
  await page.setContent(`<body style="margin:0;background:${colour}"></body>`);
  const bytes = await page.screenshot();
  await page.close();
  return bytes;
}

describeWithBrowser("two people in two browsers", () => {
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

  it("[WS2] sign up, create, join by link, talk; a new face appears live; a reload keeps all", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser, { dark: true });
    await signUp(alice.page, parlor.url, "Alice", "correct horse");
    const link = await createRoom(alice.page, "Sunday breakfast");
    await enterAsGuest(bob.page, link, "Bob");
    await say(alice.page, "Good morning!");
    await seeMessage(bob.page, "Good morning!");
    await say(bob.page, "Pancakes?");
    await seeMessage(alice.page, "Pancakes?");
    expect(await messagesLike(alice.page, "Good morning!|Pancakes")).toEqual(["Good morning!", "Pancakes?"]);

    await alice.page.goto(`${parlor.url}/settings`);
    await alice.page.locator('input[type="file"]').setInputFiles({
      name: "me.png",
      mimeType: "image/png",
      buffer: await picture(browser, "rebeccapurple"),
    });
    await alice.page.getByRole("button", { name: "Use picture" }).click();
    const face = bob.page.getByRole("log").locator('img[src*="/avatars/"]').first();
    await face.waitFor();
    const drawn = await face.evaluate((image: HTMLImageElement) =>
      image.decode().then(() => image.naturalWidth),
    );
    expect(drawn).toBeGreaterThan(0);

    await alice.page.goto(link);
    await bob.page.reload();
    for (const page of [alice.page, bob.page]) {
      await seeMessage(page, "Good morning!");
      await seeMessage(page, "Pancakes?");
    }
    await say(alice.page, "Still me.");
    await seeMessage(bob.page, "Still me.");
    await keepPicture(alice.page, "room-light");
    await keepPicture(bob.page, "room-dark");
    await alice.context.close();
    await bob.context.close();
  });

  it("[ROOM4] a password room opens with its password, for this browser from then on", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Carol");
    const link = await createRoom(alice.page, "Secret garden", "rosebud");
    await say(alice.page, "Nobody hears this");
    await seeMessage(alice.page, "Nobody hears this");
    await enterAsGuest(bob.page, link, "Dave");
    await bob.page.getByLabel("Room password").fill("wrong one");
    await bob.page.getByRole("button", { name: "Open room" }).click();
    await bob.page.getByText("That isn’t the password of this room").waitFor();
    await bob.page.getByLabel("Room password").fill("rosebud");
    await bob.page.getByRole("button", { name: "Open room" }).click();
    await seeMessage(bob.page, "Nobody hears this");
    await bob.page.reload();
    await seeMessage(bob.page, "Nobody hears this");
    await alice.context.close();
    await bob.context.close();
  });

  it("[WS3] [UX24] with WebSockets blocked the conversation goes on by polling, and a banner says so", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await bob.context.routeWebSocket(/\/ws\//, (socket) => socket.close());
    await enterAsGuest(alice.page, parlor.url, "Erin");
    const link = await createRoom(alice.page, "Behind a proxy");
    await enterAsGuest(bob.page, link, "Frank");
    await say(alice.page, "Can you hear me?");
    await seeMessage(bob.page, "Can you hear me?");
    await bob.page.getByText("Live updates are blocked on this network").waitFor();
    await say(bob.page, "Loud and clear");
    await seeMessage(alice.page, "Loud and clear");
    await say(alice.page, "Good");
    await seeMessage(bob.page, "Good");
    expect(await messagesLike(bob.page, "Can you|Loud|Good")).toEqual([
      "Can you hear me?",
      "Loud and clear",
      "Good",
    ]);
    await alice.context.close();
    await bob.context.close();
  });

  it("[OPS4] [REL1] kill -9 in the middle of a conversation: nothing lost, nothing twice, in order", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, "Grace");
    const link = await createRoom(alice.page, "Power cut");
    await enterAsGuest(bob.page, link, "Heidi");
    await say(alice.page, "line 1");
    await seeMessage(bob.page, "line 1");
    for (let n = 2; n <= 5; n++) await say(alice.page, `line ${n}`);
    await parlor.kill();
    onTestFinished(() => parlor.start());
    for (let n = 6; n <= 9; n++) await say(alice.page, `line ${n}`);
    await parlor.start();
    const lines = Array.from({ length: 9 }, (_, index) => `line ${index + 1}`);
    for (const page of [alice.page, bob.page]) {
      await seeMessage(page, "line 9");
      await expect.poll(() => messagesLike(page, "line "), { timeout: 20_000 }).toEqual(lines);
    }
    await bob.page.reload();
    await seeMessage(bob.page, "line 9");
    expect(await messagesLike(bob.page, "line ")).toEqual(lines);
    await alice.context.close();
    await bob.context.close();
  });

  it("[A11Y1] at 360 px every page fits the width", async () => {
    const visitor = await openVisitor(browser, { width: 360, height: 740 });
    const fits = async (name: string) => {
      const over = await visitor.page.evaluate(
        () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
      );
      expect(over, name).toBeLessThanOrEqual(0);
      await keepPicture(visitor.page, `phone-${name}`);
    };
    await visitor.page.goto(parlor.url);
    await visitor.page.getByLabel("Your name").waitFor();
    await fits("welcome");
    await enterAsGuest(visitor.page, parlor.url, "Ivan");
    await createRoom(visitor.page, "A room with a rather long name that has to be cut somewhere");
    await say(visitor.page, `wide ${"w".repeat(300)}`);
    await visitor.page.getByRole("log").getByText(/^wide/).first().waitFor();
    await fits("room");
    for (const path of ["/", "/settings", "/login", "/signup"]) {
      await visitor.page.goto(parlor.url + path);
      await visitor.page.getByRole("main").or(visitor.page.getByRole("heading")).first().waitFor();
      await fits(path === "/" ? "rooms" : path.slice(1));
    }
    await visitor.context.close();
  });
});
