import { existsSync, mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { describe } from "vitest";

/** Where Chromium is looked for. */
export const EXECUTABLE = process.env.CHROMIUM ?? "/usr/bin/chromium";
const ARTEFACTS = fileURLToPath(new URL("../artefacts/", import.meta.url));

/** `describe` for what needs a browser: skipped, with the reason in its name, where there is none. */
export function describeWithBrowser(name: string, body: () => void): void {
  const missing = !existsSync(EXECUTABLE);
  describe.skipIf(missing)(missing ? `${name} (skipped: no Chromium at ${EXECUTABLE})` : name, body);
}

/** Flags of a headless browser that asks no other host for anything. */
export const BROWSER_FLAGS: readonly string[] = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // A microphone that beeps; a context still has to grant it.
  "--use-fake-device-for-media-stream",
];

/** Starts a headless browser that asks no other host for anything. */
export async function launchBrowser(): Promise<Browser> {
  return await chromium.launch({ executablePath: EXECUTABLE, args: [...BROWSER_FLAGS] });
}

/** Saves what a page shows, for a person to look at. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(ARTEFACTS, { recursive: true });
  await page.screenshot({ path: `${ARTEFACTS}${name}.png` });
}

/** A person with a browser of their own. */
export interface Visitor {
  readonly context: BrowserContext;
  readonly page: Page;
}

/** What a browser has kept of earlier visits. */
type Kept = NonNullable<Parameters<Browser["newContext"]>[0]>["storageState"];

/** Opens a browser context with one page; `worker` lets the client's service worker run, which hides requests from routes. */
export async function openVisitor(
  browser: Browser,
  options: {
    width?: number;
    height?: number;
    dark?: boolean;
    locale?: string;
    worker?: boolean;
    kept?: Kept;
  } = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width: options.width ?? 1280, height: options.height ?? 800 },
    colorScheme: options.dark ? "dark" : "light",
    locale: options.locale ?? "en-US",
    serviceWorkers: options.worker ? "allow" : "block",
    ...(options.kept ? { storageState: options.kept } : {}),
  });
  context.setDefaultTimeout(20_000);
  return { context, page: await context.newPage() };
}

/** Chooses a name on a first visit. */
export async function enterAsGuest(page: Page, url: string, name: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Continue" }).click();
}

/** Makes an account. */
export async function signUp(page: Page, url: string, name: string, password: string): Promise<void> {
  await page.goto(`${url}/signup`);
  await page.getByLabel("Username").fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account" }).click();
}

/** Makes a room and walks into it; answers its link. */
export async function createRoom(page: Page, name: string, password?: string): Promise<string> {
  await page
    .getByRole("button", { name: /Create room|New room/ })
    .first()
    .click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Room name").fill(name);
  if (password !== undefined) {
    await dialog.getByText("People with the password").click();
    await dialog.getByLabel("Room password").fill(password);
  }
  const before = page.url();
  await dialog.getByRole("button", { name: "Create room" }).click();
  // From one room to the next one, too.
  await page.waitForURL((url) => url.href !== before && /\/r\/[^/]+$/.test(url.href));
  return page.url();
}

/** Sends a message. */
export async function say(page: Page, text: string): Promise<void> {
  const composer = page.getByRole("textbox", { name: "Message", exact: true });
  await composer.fill(text);
  await composer.press("Enter");
}

/** Texts of the messages that a page shows and that begin with `prefix`, from top to bottom. */
export async function messagesLike(page: Page, prefix: string): Promise<string[]> {
  const texts = await page
    .getByRole("log")
    .getByText(new RegExp(`^${prefix}`))
    .allTextContents();
  return texts.map((text) => text.trim());
}

/** Waits until a page shows a message. */
export async function seeMessage(page: Page, text: string): Promise<void> {
  await page.getByRole("log").getByText(text, { exact: true }).first().waitFor();
}

/** Waits until a page shows a message that the server has; until then it is this browser's alone. */
export async function seeStored(page: Page, text: string): Promise<void> {
  await page.getByRole("log").locator("[data-seq]").getByText(text, { exact: true }).first().waitFor();
}
