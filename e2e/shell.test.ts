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
import { type Parlor, startParlor } from "./support/parlor.js";

const row = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Rooms" }).getByRole("link", { name: new RegExp(`^${name}\\b`) });

/** The id that this browser speaks for. */
async function idOf(page: Page): Promise<string> {
  return await page.evaluate(() => JSON.parse(localStorage.getItem("parlor:me") ?? "{}").user_id as string);
}

/** Posts as the person of a page, which need not show the room. */
async function post(page: Page, roomUrl: string, content: string, mentions: string[] = []): Promise<void> {
  const room = decodeURIComponent(roomUrl.split("/r/")[1] ?? "");
  const body = { user_id: await idOf(page), content, mentions };
  const status = await page.evaluate(
    async ({ room, body }) => {
      const headers = { "content-type": "application/json" };
      const path = `/rooms/${encodeURIComponent(room)}/messages`;
      const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify(body) });
      return answer.status;
    },
    { room, body },
  );
  expect(status).toBe(200);
}

/** Opens a page of a person in a second tab. */
async function secondTab(page: Page, url: string): Promise<Page> {
  const tab = await page.context().newPage();
  await tab.goto(url);
  return tab;
}

describeWithBrowser("the shell around the rooms", () => {
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

  /** Alice and Bob in a room of Alice's; both have read its first message. */
  async function pair(name: string) {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    await enterAsGuest(alice.page, parlor.url, `Alice ${name}`);
    const link = await createRoom(alice.page, name);
    await enterAsGuest(bob.page, link, `Bob ${name}`);
    await say(alice.page, "Hello");
    await seeMessage(bob.page, "Hello");
    await bob.page.waitForFunction(() =>
      Object.keys(localStorage).some(
        (key) => key.startsWith("parlor:read:") && localStorage.getItem(key) === "1",
      ),
    );
    const close = async () => {
      await alice.context.close();
      await bob.context.close();
    };
    return { alice: alice.page, bob: bob.page, link, close };
  }

  it("[UX27] [UX25] unread and mention counts, title and icon agree in all tabs; reading clears them", async () => {
    const { alice, bob, link, close } = await pair("Attic");
    await bob.goto(`${parlor.url}/settings`);
    const tab = await secondTab(bob, `${parlor.url}/settings`);
    await post(alice, link, "one");
    await post(alice, link, "two");
    await post(alice, link, "Bob, look", [await idOf(bob)]);
    for (const page of [bob, tab]) {
      await row(page, "Attic").getByText("2 unread").waitFor();
      await row(page, "Attic").getByText("mentioned 1 time").waitFor();
      await row(page, "Attic").getByText("Alice Attic: Bob, look").waitFor();
      await page.waitForFunction(() => document.title.startsWith("(1) Settings"));
      await page.waitForFunction(() =>
        document.querySelector<HTMLLinkElement>('link[rel="icon"]')?.href.includes("calls"),
      );
    }
    await keepPicture(bob, "sidebar-unread");
    await bob.bringToFront();
    await row(bob, "Attic").click();
    await seeMessage(bob, "Bob, look");
    for (const page of [bob, tab]) {
      await page.waitForFunction(() => /^(Attic|Settings)/.test(document.title));
      await row(page, "Attic").getByText("unread").waitFor({ state: "detached" });
    }
    await close();
  });

  it("[UX27] [READ1] what was read counts also when the page is left in the same moment", async () => {
    const { alice, bob, link, close } = await pair("Scullery");
    const left = bob.waitForURL(/\/settings$/);
    await bob.evaluate(() => {
      const { setItem } = Storage.prototype;
      Storage.prototype.setItem = function (key, value) {
        setItem.call(this, key, value);
        // The page has just noted the second message as read; it told nobody yet.
        if (key.startsWith("parlor:read:") && value === "2") location.assign("/settings");
      };
    });
    await post(alice, link, "one");
    await left;
    await row(bob, "Scullery").getByText("Alice Scullery: one").waitFor();
    const id = await idOf(bob);
    const unread = async () => {
      const answer = await bob.evaluate(async (path) => (await fetch(path)).json(), `/users/${id}/rooms`);
      return answer[0].unread as number;
    };
    await expect.poll(unread).toBe(0);
    expect(await row(bob, "Scullery").getByText("unread").count()).toBe(0);
    await close();
  });

  it("[UX27] a room that is set to nothing stays quiet, and leaving takes it from the list", async () => {
    const { alice, bob, link, close } = await pair("Cellar");
    await bob.getByRole("button", { name: "Room menu" }).click();
    await bob.getByRole("menuitemradio", { name: "Nothing" }).click();
    await row(bob, "Cellar").getByRole("img", { name: "Nothing" }).waitFor();
    await bob.goto(`${parlor.url}/settings`);
    await post(alice, link, "psst");
    await row(bob, "Cellar").getByText("Alice Cellar: psst").waitFor();
    expect(await row(bob, "Cellar").getByText("unread").count()).toBe(0);
    expect(await bob.title()).toBe("Settings · Parlor");
    await row(bob, "Cellar").click();
    await bob.getByRole("button", { name: "Room menu" }).click();
    await bob.getByRole("menuitem", { name: "Leave room" }).click();
    await bob.getByRole("dialog").getByRole("button", { name: "Leave room" }).click();
    const yours = bob.getByRole("region", { name: "Your rooms" });
    await yours.getByRole("link", { name: /^Cellar/ }).waitFor({ state: "detached" });
    await close();
  });

  it("[UX27] on a phone, the way back to the list counts what calls from other rooms", async () => {
    const { alice, bob, close } = await pair("Sill");
    await bob.setViewportSize({ width: 390, height: 844 });
    const back = bob.getByRole("link", { name: "Back to rooms" });
    await back.waitFor();
    await alice
      .getByRole("complementary", { name: "People" })
      .getByRole("button", { name: /Bob Sill/ })
      .click();
    await alice.getByRole("dialog", { name: "Profile" }).getByRole("button", { name: "Message" }).click();
    await alice.getByRole("heading", { level: 1, name: "Bob Sill" }).waitFor();
    await say(alice, "Psst");
    await back.getByText("1", { exact: true }).waitFor();
    await keepPicture(bob, "phone-back");
    await back.click();
    await row(bob, "Alice Sill").click();
    await seeMessage(bob, "Psst");
    await expect.poll(() => back.textContent()).toBe("");
    await close();
  });

  it("[UX27] the header counts whom the panel lists", async () => {
    const { alice, bob, close } = await pair("Porch");
    for (const page of [alice, bob]) {
      await page.getByText("2 members · 2 online").waitFor();
      const listed = page.getByRole("complementary", { name: "People" }).getByRole("listitem");
      await expect.poll(() => listed.count()).toBe(2);
    }
    await close();
  });

  it("[UX13] the smallest face, of who has read a message, has its letter in the middle", async () => {
    const { alice, close } = await pair("Nook");
    const face = alice.getByTitle("Read by Bob Nook").locator("[style*='font-size']");
    await face.waitFor();
    const off = await face.evaluate((box) => {
      const letter = document.createRange();
      letter.selectNodeContents(box);
      const [inner, outer] = [letter.getBoundingClientRect(), box.getBoundingClientRect()];
      return (inner.top + inner.bottom - outer.top - outer.bottom) / 2;
    });
    expect(Math.abs(off)).toBeLessThan(1);
    await close();
  });

  it("[UX13] the address of a conversation in which nothing was said opens it, even when it is made late", async () => {
    const { alice, bob, close } = await pair("Loft");
    const ids = [await idOf(alice), await idOf(bob)].sort();
    await alice.route("**/users/*/direct", async (route) => {
      await alice.getByRole("heading", { name: "No room here" }).waitFor();
      await route.continue();
    });
    await alice.goto(`${parlor.url}/r/${encodeURIComponent(`dm:${ids.join(":")}`)}`);
    await alice.getByRole("heading", { name: "Bob Loft", level: 1 }).waitFor();
    await say(alice, "Just us");
    await close();
  });

  it("[UX13] a profile card tells who somebody is and leads to a conversation, which is a room", async () => {
    const { alice, bob, close } = await pair("Hall");
    await bob.goto(`${parlor.url}/settings`);
    await bob.getByLabel("Emoji").fill("🫖");
    await bob.getByLabel("What’s up?").fill("Making tea");
    await bob.getByRole("button", { name: "Set status" }).click();
    await bob.getByText("Status set.").waitFor();
    await bob.getByRole("switch", { name: "Read receipts" }).uncheck();
    await bob.reload();
    await bob.getByRole("switch", { name: "Read receipts", checked: false }).waitFor();
    await alice
      .getByRole("complementary", { name: "People" })
      .getByRole("button", { name: /Bob Hall/ })
      .click();
    const card = alice.getByRole("dialog", { name: "Profile" });
    await card.getByText("Making tea").waitFor();
    await keepPicture(alice, "profile-card");
    await card.getByRole("button", { name: "Message" }).click();
    await alice.getByRole("heading", { level: 1, name: "Bob Hall" }).waitFor();
    await say(alice, "Just us two");
    await row(bob, "Alice Hall").getByText("1 unread").waitFor();
    await bob.waitForFunction(() => document.title.startsWith("(1)"));
    await row(bob, "Alice Hall").click();
    await seeMessage(bob, "Just us two");
    // There is nobody to list, and no link to send.
    expect(await alice.getByRole("complementary", { name: "People" }).count()).toBe(0);
    await say(bob, "Indeed");
    await seeMessage(alice, "Indeed");
    await keepPicture(bob, "conversation");
    await close();
  });

  it("[UX39] the keyboard alone: switcher over rooms and people, next room, Esc reads, ? lists, typing is left alone", async () => {
    const { alice, bob, link, close } = await pair("Study");
    await createRoom(bob, "Larder");
    await bob.getByRole("heading", { level: 1, name: "Larder" }).waitFor();
    await bob.keyboard.press("Alt+ArrowDown");
    await bob.getByRole("heading", { level: 1, name: "Study" }).waitFor();
    await bob.keyboard.press("Control+k");
    await bob.getByRole("combobox").fill("larder");
    await bob.keyboard.press("Enter");
    await bob.getByRole("heading", { level: 1, name: "Larder" }).waitFor();
    await bob.keyboard.press("Control+k");
    await bob.getByRole("combobox").fill("alice study");
    await bob.getByRole("option", { name: /Alice Study/ }).waitFor();
    await bob.keyboard.press("Enter");
    await bob.getByRole("heading", { level: 1, name: "Alice Study" }).waitFor();

    await post(alice, link, "something new");
    await row(bob, "Study").getByText("1 unread").waitFor();
    const composer = bob.getByRole("textbox", { name: "Message", exact: true });
    await composer.fill("what?");
    await composer.press("?");
    expect(await composer.inputValue()).toBe("what??");
    expect(await bob.getByRole("dialog").count()).toBe(0);
    await composer.fill("");
    await composer.press("Alt+Shift+ArrowDown");
    await bob.getByRole("heading", { level: 1, name: "Study" }).waitFor();

    await bob.locator("h1").click();
    await bob.keyboard.press("?");
    const map = bob.getByRole("dialog", { name: "Keyboard shortcuts" });
    await map.getByText("Next room with something new").waitFor();
    await keepPicture(bob, "shortcuts");
    await bob.keyboard.press("Escape");
    await map.waitFor({ state: "detached" });
    await close();
  });

  it("[UX28] [UX25] permission is asked on an act; one notification over all tabs, none while one is looked at", async () => {
    const alice = await openVisitor(browser);
    const bob = await openVisitor(browser);
    // The browser's own notifications cannot be read from outside: what the page asks of it is.
    await bob.context.addInitScript(() => {
      const shown: string[] = [];
      let permission = localStorage.getItem("test:permission") ?? "default";
      class Recorded extends EventTarget {
        static get permission() {
          return permission;
        }
        static async requestPermission() {
          shown.push("asked");
          permission = "granted";
          localStorage.setItem("test:permission", permission);
          return permission;
        }
        constructor(title: string, options: { body: string }) {
          super();
          shown.push(`${title}: ${options.body}`);
        }
        close() {}
      }
      Object.assign(window, { Notification: Recorded, shown, looking: true });
      const isLooking = () => (window as unknown as { looking: boolean }).looking;
      document.hasFocus = isLooking;
      Object.defineProperty(document, "visibilityState", {
        get: () => (isLooking() ? "visible" : "hidden"),
      });
    });
    const shownBy = (page: Page) => page.evaluate(() => (window as unknown as { shown: string[] }).shown);
    const look = (page: Page, looking: boolean) =>
      page.evaluate((value) => {
        Object.assign(window, { looking: value });
        document.dispatchEvent(new Event("visibilitychange"));
      }, looking);
    await enterAsGuest(alice.page, parlor.url, "Alice Loft");
    const link = await createRoom(alice.page, "Loft");
    await enterAsGuest(bob.page, link, "Bob Loft");
    await alice.page.getByText("2 members · 2 online").waitFor();
    expect(await shownBy(bob.page)).toEqual([]);
    await say(bob.page, "Anybody here?");
    await bob.page.getByRole("button", { name: "Turn on", exact: true }).click();
    await bob.page.waitForFunction(() => localStorage.getItem("test:permission") === "granted");
    expect(await shownBy(bob.page)).toEqual(["asked"]);
    const tab = await secondTab(bob.page, `${parlor.url}/settings`);
    await tab.getByRole("switch", { name: "Show notifications on this device", checked: true }).waitFor();
    const bobId = await idOf(bob.page);

    await post(alice.page, link, "seen", [bobId]);
    // Its row may come with the list; what comes after it comes when both tabs have heard of the call.
    for (const page of [bob.page, tab]) await row(page, "Loft").getByText("Alice Loft: seen").waitFor();
    await post(alice.page, link, "and on");
    for (const page of [bob.page, tab]) await row(page, "Loft").getByText("Alice Loft: and on").waitFor();
    for (const page of [bob.page, tab]) await look(page, false);
    await post(alice.page, link, "no call");
    await row(tab, "Loft").getByText("Alice Loft: no call").waitFor();
    await post(alice.page, link, "Bob!", [bobId]);
    await expect
      .poll(async () => [...(await shownBy(bob.page)), ...(await shownBy(tab))], { timeout: 10_000 })
      .toEqual(["asked", "Alice Loft in Loft: Bob!"]);
    await alice.context.close();
    await bob.context.close();
  });

  it("[HTTP2] a mistyped address is a page that says so and leads home", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "Wanda");
    const home = page.getByRole("heading", { level: 1, name: /^Hello, Wanda/ });
    await home.waitFor();
    const answer = await page.goto(`${parlor.url}/room/of-my-friends`);
    expect(answer?.status()).toBe(404);
    await page.getByRole("heading", { name: "Nothing here" }).waitFor();
    await keepPicture(page, "no-page");
    await page.getByRole("main").getByRole("link").first().click();
    await home.waitFor();
    await context.close();
  });

  it("[A11Y1] the longest names of a person and of a room make no page wider than its window", async () => {
    const { page, context } = await openVisitor(browser);
    await enterAsGuest(page, parlor.url, "W".repeat(100));
    await page.getByRole("heading", { level: 1, name: /^Hello, WWW/ }).waitFor();
    const beyond = () =>
      page.evaluate(() =>
        [...document.querySelectorAll("main, aside, .overflow-y-auto")].reduce(
          (most, part) => Math.max(most, part.scrollWidth - part.clientWidth),
          document.documentElement.scrollWidth - window.innerWidth,
        ),
      );
    expect(await beyond()).toBe(0);
    await createRoom(page, "M".repeat(200));
    await page.getByRole("heading", { level: 2, name: /^This is the beginning of MMM/ }).waitFor();
    await page.getByRole("complementary", { name: "People" }).getByRole("listitem").waitFor();
    expect(await beyond()).toBe(0);
    await context.close();
  });

  it("looks right on a phone, a tablet and a desk, in both themes", async () => {
    for (const dark of [false, true]) {
      const { page, context } = await openVisitor(browser, { dark, width: 1440, height: 900 });
      const other = await openVisitor(browser);
      const name = dark ? "Night" : "Day";
      await enterAsGuest(page, parlor.url, `Ada ${name}`);
      const link = await createRoom(page, `Reading room ${name}`);
      await enterAsGuest(other.page, link, `Grace ${name}`);
      await say(page, "Who has the second volume?");
      await seeMessage(other.page, "Who has the second volume?");
      await createRoom(page, `Garden ${name}`);
      await page.getByRole("heading", { level: 1, name: `Garden ${name}` }).waitFor();
      const garden = page.url();
      await post(other.page, link, "I do, with tea stains.", [await idOf(page)]);
      await post(other.page, link, "Come and get it.");
      await row(page, `Reading room ${name}`).getByText("mentioned 1 time").waitFor();
      for (const width of [360, 768, 1440]) {
        await page.setViewportSize({ width, height: width === 360 ? 740 : 900 });
        const look = `${width}-${dark ? "dark" : "light"}`;
        await page.goto(garden);
        await page.getByRole("heading", { level: 1, name: `Garden ${name}` }).waitFor();
        await keepPicture(page, `shell-room-${look}`);
        await page.goto(parlor.url);
        await row(page, `Reading room ${name}`).waitFor();
        await keepPicture(page, `shell-home-${look}`);
        await page.goto(`${parlor.url}/settings`);
        await page.getByRole("heading", { name: "Privacy" }).waitFor();
        await keepPicture(page, `shell-settings-${look}`);
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
      }
      await context.close();
      await other.context.close();
    }
  });
});
