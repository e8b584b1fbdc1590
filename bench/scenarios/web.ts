import { existsSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Browser, chromium, type Page, type Response } from "playwright-core";
import type { Figures } from "../load/spec.js";
import { startParlor } from "../peers/parlor.js";
import type { OwnContext } from "../scenario.js";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SLOWER = 4;
const MESSAGES = 50;

/** Opens a room as a person who was here before, in a browser without a cache. */
export async function measureWeb({ folder }: OwnContext): Promise<Figures> {
  if (!existsSync(EXECUTABLE)) throw new Error(`skipped: no Chromium at ${EXECUTABLE}`);
  const server = await startParlor(join(folder, "parlor"));
  const browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
  });
  try {
    const link = `${server.url}/r/${await makeRoom(server.url)}`;
    return await openRoom(browser, link, await becomeKnown(browser, link));
  } finally {
    await browser.close();
    await server.stop();
  }
}

async function makeRoom(url: string): Promise<string> {
  const post = async (path: string, body: unknown) => {
    const headers = { "content-type": "application/json" };
    const response = await fetch(url + path, { method: "POST", headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`POST ${path} answers ${response.status}`);
    return (await response.json()) as { id: string };
  };
  const { id } = await post("/rooms", { name: "Bench" });
  for (let number = 1; number <= MESSAGES; number += 1) {
    await post(`/rooms/${id}/messages`, {
      user_id: "bench-writer",
      username: "Writer",
      content: `Line ${number}`,
    });
  }
  return id;
}

/** Chooses a name on a first visit; answers what the browser keeps of it. */
async function becomeKnown(browser: Browser, link: string) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByLabel("Your name").fill("Visitor");
  await page.getByRole("button", { name: "Continue" }).click();
  await composerOf(page).waitFor();
  const state = await context.storageState({ indexedDB: true });
  await context.close();
  return state;
}

type State = Awaited<ReturnType<typeof becomeKnown>>;

async function openRoom(browser: Browser, link: string, state: State): Promise<Figures> {
  const context = await browser.newContext({ storageState: state });
  const page = await context.newPage();
  const scripts: Promise<Buffer>[] = [];
  const note = (response: Response) => {
    if (response.request().resourceType() === "script") scripts.push(response.body());
  };
  page.on("response", note);
  const session = await context.newCDPSession(page);
  await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.goto(link, { waitUntil: "commit" });
  await page.getByRole("log").getByText(`Line ${MESSAGES}`, { exact: true }).waitFor();
  // Interactive is what takes a letter: the history shows, and the composer answers to the keyboard.
  await composerOf(page).pressSequentially("x");
  await page.waitForFunction(() => {
    const field = document.activeElement;
    return field instanceof HTMLTextAreaElement && field.value === "x";
  });
  // What comes later is fetched ahead, for what a person may want next.
  page.off("response", note);
  const { interactiveMs, transferred } = await page.evaluate(() => ({
    interactiveMs: performance.now(),
    transferred: performance
      .getEntriesByType("resource")
      .reduce((sum, entry) => sum + (entry as PerformanceResourceTiming).transferSize, 0),
  }));
  const bodies = await Promise.all(scripts);
  await context.close();
  return {
    interactiveMs,
    gzipKb: bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0) / 1000,
    transferredKb: transferred / 1000,
  };
}

function composerOf(page: Page) {
  return page.getByRole("textbox", { name: "Message", exact: true });
}
