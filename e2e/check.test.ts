import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import {
  createRoom,
  describeWithBrowser,
  enterAsGuest,
  keepPicture,
  launchBrowser,
  openVisitor,
} from "./support/browser.js";
import { launchCallBrowser } from "./support/call-page.js";
import { openTalker } from "./support/call-screens.js";
import { type Parlor, startParlor } from "./support/parlor.js";

describeWithBrowser("the visitor's check for calls", () => {
  let parlor: Parlor;
  let browser: Browser;
  beforeAll(async () => {
    parlor = await startParlor();
    browser = await launchCallBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await parlor?.close();
  });

  /** Looks, and answers what is said of each step. */
  async function look(page: Page): Promise<string[]> {
    await page.getByRole("button", { name: /^(Begin|Check again)$/ }).click();
    await page.getByRole("button", { name: "Copy the result" }).waitFor({ timeout: 60_000 });
    const lines = page.getByRole("list", { name: "Check for calls" }).getByRole("listitem");
    return await lines.evaluateAll((all) =>
      all.map((one) => [...one.querySelectorAll("span > span")].map((part) => part.textContent).join(": ")),
    );
  }

  it("[UX48] all that a call needs is looked at from where one gets ready for it", async () => {
    const { page, context } = await openTalker(browser, parlor.url, "Ann", { dark: true });
    await createRoom(page, "Salon");
    await page.getByRole("button", { name: "Start a call" }).click();
    await page.getByRole("link", { name: "Something doesn’t work?" }).click();
    await page.getByRole("heading", { name: "Check for calls" }).waitFor();
    const said = await look(page);
    expect(said.slice(0, 4)).toEqual([
      "Address of the page: Works",
      "Microphone: Works",
      "Camera: Works",
      "Calls in this browser: Works",
    ]);
    expect(said[4]).toMatch(/^Server: Works, [\d,]+ ms$/);
    expect(said[5]).toBe("Clock of this device: Works");
    expect(said[6]).toMatch(/^Live connection: Works, [\d,]+ ms$/);
    expect(said[7]).toMatch(/^Relay over UDP: This server has no relay\./);
    await page.getByText("All that a call needs works here.").waitFor();
    await keepPicture(page, "check-dark-1280");
    await context.close();
  });

  it("[UX48] what is ill is named with its cure: devices, clock, WebSocket, and a browser without calls", async () => {
    const plain = await launchBrowser();
    const { page, context } = await openVisitor(plain, { width: 360, height: 740 });
    await enterAsGuest(page, parlor.url, "Ben");
    await createRoom(page, "Hall");
    await page.addInitScript(() => Object.assign(window, { RTCPeerConnection: undefined }));
    await page.routeWebSocket(/\/ws\//, (socket) => socket.close());
    await page.route("**/health", async (route) => {
      const answer = await route.fetch();
      const date = new Date(Date.now() - 3_600_000).toUTCString();
      await route.fulfill({ response: answer, headers: { ...answer.headers(), date } });
    });
    await page.goto(`${parlor.url}/check`);
    const said = await look(page);
    const all = said.join("\n");
    expect(all).toContain("Microphone: The browser doesn’t let this page use it.");
    expect(all).toContain("Camera: The browser doesn’t let this page use it.");
    expect(all).toContain("Calls in this browser: This browser keeps pages from making calls.");
    expect(all).toContain("Clock of this device: It is more than five minutes off");
    expect(all).toContain("Live connection: Something between you and the server lets no WebSocket through");
    await page.getByText("5 things keep calls from working.").waitFor();
    await keepPicture(page, "check-ill-light-360");
    await context.close();
    await plain.close();
  });
});
