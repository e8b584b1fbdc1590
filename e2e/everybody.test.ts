import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { describeWithBrowser, launchBrowser } from "./support/browser.js";
import { type Parlor, startParlor } from "./support/parlor.js";
import { settle, type World } from "./tour/world.js";

/** What has the focus: its name, and whether one sees that it has it. */
async function focused(page: Page): Promise<{ name: string; seen: boolean; inside: string }> {
  return await page.evaluate(() => {
    const element = document.activeElement as HTMLElement;
    const isMarked = (one: Element | null): boolean => {
      if (!one) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(one);
      return outlineStyle !== "none" && Number.parseFloat(outlineWidth) >= 2;
    };
    const field = element.closest("form, [class*='focus-within'], label");
    const border = field ? getComputedStyle(field).borderTopColor : "";
    const accent = getComputedStyle(document.documentElement).getPropertyValue("--color-accent");
    const probe = document.createElement("i");
    probe.style.color = "var(--color-accent)";
    document.body.append(probe);
    const accentColor = getComputedStyle(probe).color;
    probe.remove();
    return {
      name: element.getAttribute("aria-label") ?? element.textContent?.trim().slice(0, 60) ?? element.tagName,
      seen: isMarked(element) || isMarked(field) || (accent !== "" && border === accentColor),
      inside: element.tagName === "BODY" ? "body" : element.tagName,
    };
  });
}

describeWithBrowser("a client for everybody", () => {
  let parlor: Parlor;
  let browser: Browser;
  let world: World;
  beforeAll(async () => {
    parlor = await startParlor();
    browser = await launchBrowser();
    world = await settle(browser, parlor.url, "en");
  });
  afterAll(async () => {
    await world?.close();
    await browser?.close();
    await parlor?.close();
  });

  async function open(path: string, options: Parameters<Browser["newPage"]>[0] = {}): Promise<Page> {
    const page = await browser.newPage({
      storageState: world.states.guest,
      viewport: { width: 1280, height: 800 },
      locale: "en-GB",
      ...options,
    });
    await page.goto(world.url + path);
    return page;
  }
  const room = () => `/r/${world.rooms.breakfast}`;
  const seeEnd = (page: Page) => page.getByRole("log").locator("[data-seq]").last().waitFor();

  it("[A11Y2] Tab goes through all of a room in the order of reading, and one sees where it is", async () => {
    const page = await open(room());
    await seeEnd(page);
    await page.getByRole("link", { name: "Parlor" }).focus();
    const path: string[] = [];
    for (let step = 0; step < 60; step++) {
      await page.keyboard.press("Tab");
      const { name, inside } = await focused(page);
      if (inside === "body") break;
      path.push(name);
      // A frame around a field takes a moment to change its colour.
      const isSeen = async () => (await focused(page)).seen;
      await expect.poll(isSeen, { message: `the focus on “${name}” is not to be seen` }).toBe(true);
    }
    const order = ["Create room", "Search rooms", "Room menu", "Messages in Sunday breakfast", "Message"];
    const places = order.map((name) => path.findIndex((one) => one.startsWith(name)));
    expect(
      places.every((at) => at >= 0),
      `${order} in ${path}`,
    ).toBe(true);
    expect([...places].sort((a, b) => a - b)).toEqual(places);
    await page.close();
  });

  it("[A11Y2] a dialog keeps the focus inside, Esc gives it back to what opened it", async () => {
    const page = await open(room());
    await seeEnd(page);
    const menu = page.getByRole("button", { name: "Room menu" });
    await menu.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("menu").waitFor();
    await page.keyboard.press("Escape");
    await expect.poll(() => menu.evaluate((element) => element === document.activeElement)).toBe(true);
    const search = page.getByRole("button", { name: "Search messages" });
    await search.focus();
    await page.keyboard.press("Enter");
    await page.getByRole("searchbox", { name: "Search messages" }).waitFor();
    for (let step = 0; step < 12; step++) {
      await page.keyboard.press("Tab");
      const isOut = await page.evaluate(
        () => document.activeElement !== document.body && !document.activeElement?.closest("dialog"),
      );
      expect(isOut).toBe(false);
    }
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => search.evaluate((element) => element === document.activeElement)).toBe(true);
    await page.close();
  });

  it("[A11Y2] a dialog begins in its field, and gives the focus back when it goes as a whole", async () => {
    const page = await open(room());
    await seeEnd(page);
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.focus();
    const switcher = page.getByRole("combobox", { name: "Switch room" });
    // The keys come after the first view; before that nobody listens.
    await expect
      .poll(async () => {
        await page.keyboard.press("Control+k");
        return await switcher.count();
      })
      .toBe(1);
    await page.keyboard.type("bre");
    expect(await switcher.inputValue()).toBe("bre");
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").waitFor({ state: "detached" });
    await expect.poll(() => composer.evaluate((field) => field === document.activeElement)).toBe(true);

    const create = page.getByRole("button", { name: "Create room" });
    await create.click();
    await page.getByRole("dialog").getByLabel("Room name").waitFor();
    await page.keyboard.type("Attic");
    expect(await page.getByLabel("Room name").inputValue()).toBe("Attic");
    await page.keyboard.press("Escape");
    await expect.poll(() => create.evaluate((button) => button === document.activeElement)).toBe(true);

    // From a menu, which is gone by then.
    const menu = page.getByRole("button", { name: "Room menu" });
    for (const [item, inside] of [
      ["Go to a date", "Go there"],
      ["Leave room", "Cancel"],
    ] as const) {
      await menu.click();
      await page.getByRole("menuitem", { name: item }).click();
      await page.getByRole("dialog").getByRole("button", { name: inside }).waitFor();
      await page.keyboard.press("Escape");
      await expect.poll(() => menu.evaluate((button) => button === document.activeElement)).toBe(true);
    }
    await page.close();
  });

  it("[A11Y2] choosing what is hidden behind its label moves no page out of its window", async () => {
    const page = await open("/settings");
    await page.getByText("Dark", { exact: true }).click();
    await page.getByRole("radio", { name: "Dark", checked: true }).waitFor();
    await page.keyboard.press("ArrowLeft");
    await page.getByRole("radio", { name: "Light", checked: true }).waitFor();
    const { top, tall } = await page.evaluate(() => ({
      top: document.documentElement.scrollTop,
      tall: document.documentElement.scrollHeight - window.innerHeight,
    }));
    expect({ top, tall }).toEqual({ top: 0, tall: 0 });
    await page.close();
  });

  it("[A11Y3] a new message of somebody else is told once, politely; one's own is not", async () => {
    const page = await open(room());
    await seeEnd(page);
    await page.evaluate(() => {
      const told: string[] = [];
      Object.assign(window, { told });
      for (const region of document.querySelectorAll("[aria-live=polite].sr-only")) {
        new MutationObserver(() => {
          if (region.textContent) told.push(region.textContent);
        }).observe(region, { childList: true, characterData: true, subtree: true });
      }
    });
    const log = page.getByRole("log");
    expect(await log.getAttribute("aria-live")).toBe("off");
    const composer = page.getByRole("textbox", { name: "Message", exact: true });
    await composer.fill("My own words");
    await composer.press("Enter");
    await log.getByText("My own words").waitFor();
    await world.say("maya", world.rooms.breakfast, "News from Maya");
    await log.getByText("News from Maya").waitFor();
    const told = () => page.evaluate(() => (window as unknown as { told: string[] }).told);
    await expect.poll(told, { timeout: 20_000 }).toEqual(["Maya: News from Maya"]);
    await page.close();
  });

  it("[A11Y4] at 200 and 400 % zoom nothing is cut off and no page scrolls sideways", async () => {
    for (const [width, height] of [
      [640, 400],
      [320, 256],
    ] as const) {
      for (const path of [room(), "/", "/settings", `/r/${world.rooms.locked}`]) {
        const page = await open(path, { viewport: { width, height } });
        await page.getByRole("main").first().waitFor();
        await page.waitForLoadState("networkidle");
        const scrollWidth = await page.evaluate(() => document.documentElement.scrollWidth);
        expect(scrollWidth, `${path} at ${width}`).toBeLessThanOrEqual(width);
        const cut = await page.evaluate(() =>
          [...document.querySelectorAll("button, a, input, textarea, select")]
            .filter((element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true }))
            .filter((element) => !element.closest(".sr-only") && !element.classList.contains("sr-only"))
            .filter((element) => {
              const { left, right, width: own } = element.getBoundingClientRect();
              return own > 0 && (left < -1 || right > window.innerWidth + 1);
            })
            .map((element) => element.getAttribute("aria-label") ?? element.textContent),
        );
        expect(cut, `${path} at ${width}`).toEqual([]);
        await page.close();
      }
    }
  });

  it("[A11Y5] who wants less motion gets none", async () => {
    const page = await open(room(), { reducedMotion: "reduce" });
    await seeEnd(page);
    await page.getByRole("button", { name: "Search messages" }).click();
    await page.getByRole("searchbox", { name: "Search messages" }).waitFor();
    const longest = await page.evaluate(() =>
      Math.max(
        0,
        ...document.getAnimations().map((one) => Number(one.effect?.getComputedTiming().duration ?? 0)),
        ...[...document.querySelectorAll("*")]
          .flatMap((element) => ["", "::before", "::after", "::backdrop"].map((part) => ({ element, part })))
          .map(({ element, part }) => {
            const { animationName, animationDuration, transitionDuration } = getComputedStyle(element, part);
            const seconds = [transitionDuration, animationName === "none" ? "0s" : animationDuration]
              .flatMap((text) => text.split(","))
              .map(Number.parseFloat);
            return Math.max(...seconds) * 1_000;
          }),
      ),
    );
    expect(longest).toBeLessThanOrEqual(1);
    await page.close();
  });
});
