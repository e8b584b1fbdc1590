import type { Browser, Page } from "playwright-core";
import { enterAsGuest, openVisitor, type Visitor } from "./browser.js";

/** Longest wait for media on a machine that does other things too. */
const PATIENCE = 45_000;

declare global {
  interface Window {
    /** Every peer connection of the page. */
    testPeers: RTCPeerConnection[];
  }
}

/** Before the page's own scripts: pictures small enough for a test, and a way to its connections. */
function prepare(): void {
  window.testPeers = [];
  const Original = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Original {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      window.testPeers.push(this);
    }
  };
  const devices = navigator.mediaDevices;
  if (!devices) return;
  const getUserMedia = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (wanted) => {
    const video = typeof wanted?.video === "object" ? wanted.video : {};
    const small = { ...video, width: 320, height: 180, frameRate: 10 };
    return getUserMedia(wanted?.video ? { ...wanted, video: small } : wanted);
  };
}

/** A person with a camera, in a room. */
export async function openTalker(
  browser: Browser,
  url: string,
  name: string,
  options: Parameters<typeof openVisitor>[1] = {},
): Promise<Visitor> {
  const visitor = await openVisitor(browser, options);
  visitor.page.setDefaultTimeout(PATIENCE);
  await visitor.page.addInitScript(prepare);
  await enterAsGuest(visitor.page, url, name);
  return visitor;
}

/** Joins the room's call, or begins one, as somebody who is heard and seen. */
export async function joinCall(page: Page): Promise<void> {
  await page
    .getByRole("button", { name: /^(Start a call|Join the call)$/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog", { name: "Ready to talk?" });
  await dialog.getByLabel("Your camera’s picture").waitFor();
  await dialog.getByRole("button", { name: /^(Start a call|Join the call)$/ }).click();
  await page.getByRole("toolbar", { name: "Call controls" }).waitFor();
}

/** Pictures that a page has decoded of all others together. */
export async function framesOf(page: Page): Promise<number> {
  return await page.evaluate(async () => {
    let frames = 0;
    for (const peer of window.testPeers) {
      if (peer.connectionState !== "connected") continue;
      (await peer.getStats()).forEach((entry: { type: string; kind?: string; framesDecoded?: number }) => {
        if (entry.type === "inbound-rtp" && entry.kind === "video") frames += entry.framesDecoded ?? 0;
      });
    }
    return frames;
  });
}

/** Waits until pictures go on coming. */
export async function seePictures(page: Page, count = 10): Promise<void> {
  const before = await framesOf(page);
  const deadline = Date.now() + PATIENCE;
  for (;;) {
    const now = await framesOf(page);
    // A connection that was made anew counts from nothing.
    if (now < before ? now >= count : now >= before + count) return;
    if (Date.now() > deadline) throw new Error(`pictures in vain: ${before}, then ${now}`);
    await page.waitForTimeout(100);
  }
}

/** The call in a page. */
export const stage = (page: Page) => page.getByRole("region", { name: "Call", exact: true });
/** Its pictures. */
export const tiles = (page: Page) => stage(page).locator("[data-leg]");
/** A button of it. */
export const button = (page: Page, name: string | RegExp) => stage(page).getByRole("button", { name });

/** A person's tile, as it is told: the name, then what is so of them. */
export const tileOf = (page: Page, name: string | RegExp) => stage(page).getByRole("listitem", { name });

/** Chooses from the menu of what else there is. */
export async function chooseMore(page: Page, item: string): Promise<void> {
  await button(page, "More").click();
  await page.getByRole("menuitem", { name: item }).click();
}

/** Waits until something holds. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + PATIENCE;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
