import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { chromium } from "playwright-core";
import type { Figures } from "../load/spec.js";
import { type BarePage, withBarePage } from "../measure/chromium.js";
import { startParlor } from "../peers/parlor.js";
import type { OwnContext } from "../scenario.js";

const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SLOWER = 4;
const MESSAGES = 50;
const ARGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-background-networking",
  "--disable-component-update",
];
const WITHIN_MS = 60_000;
/** A browser that has just started is busy with itself. */
const BUSY_FOR_MS = 700;
const OPENING = readFileSync(new URL("../measure/opening.js", import.meta.url), "utf8");

/** Opens a room as a person who was here before, in a browser without a cache. */
export async function measureWeb({ folder }: OwnContext): Promise<Figures> {
  if (!existsSync(EXECUTABLE)) throw new Error(`skipped: no Chromium at ${EXECUTABLE}`);
  const server = await startParlor(join(folder, "parlor"));
  try {
    const link = `${server.url}/r/${await makeRoom(server.url)}`;
    const { cookies, local } = await becomeKnown(link);
    return await withBarePage(EXECUTABLE, ARGS, cookies, (page) => openRoom(page, link, local));
  } finally {
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

/** Chooses a name on a first visit; answers what the browser knows of it. */
async function becomeKnown(link: string) {
  const browser = await chromium.launch({ executablePath: EXECUTABLE, args: ARGS });
  try {
    const page = await browser.newPage();
    await page.goto(link);
    await page.getByLabel("Your name").fill("Visitor");
    await page.getByRole("button", { name: "Continue" }).click();
    await page.getByRole("textbox", { name: "Message", exact: true }).waitFor();
    const { cookies, origins } = await page.context().storageState();
    // What the browser keeps of the room is a cache too: the program's note of it goes.
    const local = (origins[0]?.localStorage ?? []).filter(({ name }) => !name.startsWith("parlor:kept:"));
    return { cookies, local };
  } finally {
    await browser.close();
  }
}

interface Opening {
  readonly historyMs: number;
  readonly interactiveMs: number;
  readonly transferred: number;
  readonly scripts: readonly string[];
}

/**
 * Interactive is what takes a letter: the history shows, and the composer answers to the keyboard. The page itself
 * notes both; the key is pressed by the browser. A test tool's own scripts would run on the processor that is slowed.
 */
async function openRoom(page: BarePage, link: string, local: readonly object[]): Promise<Figures> {
  const known = `if (location.origin === ${JSON.stringify(new URL(link).origin)})
    for (const { name, value } of ${JSON.stringify(local)}) localStorage.setItem(name, value);`;
  const probe = OPENING.replace("LAST_LINE", String(MESSAGES));
  await page.send("Page.enable");
  await page.send("Runtime.enable");
  await page.send("Runtime.addBinding", { name: "openingSays" });
  await page.send("Page.addScriptToEvaluateOnNewDocument", { source: known });
  await page.send("Page.addScriptToEvaluateOnNewDocument", { source: probe });
  await page.send("Emulation.setFocusEmulationEnabled", { enabled: true });
  await pause(BUSY_FOR_MS);
  await page.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  const told = (take: (payload: string) => boolean) =>
    page.next(
      "Runtime.bindingCalled",
      ({ payload }) => (typeof payload === "string" && take(payload) ? payload : null),
      WITHIN_MS,
    );
  const isShown = told((payload) => payload === "type");
  const isDone = told((payload) => payload !== "type");
  await page.send("Page.navigate", { url: link });
  await isShown;
  const key = { key: "x", code: "KeyX", windowsVirtualKeyCode: 88 };
  void page.send("Input.dispatchKeyEvent", { type: "keyDown", text: "x", ...key });
  void page.send("Input.dispatchKeyEvent", { type: "keyUp", ...key });
  const { historyMs, interactiveMs, transferred, scripts } = JSON.parse(await isDone) as Opening;
  const bodies = await Promise.all(
    scripts.map(async (script) => Buffer.from(await (await fetch(script)).arrayBuffer())),
  );
  return {
    historyMs,
    interactiveMs,
    gzipKb: bodies.reduce((sum, body) => sum + gzipSync(body, { level: 9 }).length, 0) / 1000,
    transferredKb: transferred / 1000,
  };
}
