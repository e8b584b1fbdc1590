import { get } from "node:http";
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
  seeStored,
} from "./support/browser.js";
import { type Parlor, startParlor } from "./support/parlor.js";

/** What the page names, and what a visit has loaded by the time that it can be written in. */
const FIRST = 147_400;
const OPENED = 150_000;

/** Bytes of a file as it goes over the wire to a browser that takes gzip. */
async function sentBytes(url: string): Promise<number> {
  return await new Promise((resolve, reject) => {
    const request = get(url, { headers: { "accept-encoding": "gzip" } }, (answer) => {
      let bytes = 0;
      expect(answer.headers["content-encoding"]).toBe("gzip");
      answer.on("data", (chunk: Buffer) => {
        bytes += chunk.length;
      });
      answer.on("end", () => resolve(bytes));
      answer.on("error", reject);
    });
    request.on("error", reject);
  });
}

async function sumOf(url: string, paths: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const path of new Set(paths)) bytes += await sentBytes(url + path);
  return bytes;
}

const root = (page: Page) =>
  page.evaluate(() => ({ lang: document.documentElement.lang, dir: document.documentElement.dir }));

describeWithBrowser("the language of the page", () => {
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

  it("[WORD2] it is the browser's, errors too; a choice changes the page at once, in all tabs, and is kept", async () => {
    const { page, context } = await openVisitor(browser, { locale: "de-AT" });
    await page.goto(`${parlor.url}/login`);
    await page.getByRole("heading", { name: "Schön, dass du wieder da bist" }).waitFor();
    expect(await root(page)).toEqual({ lang: "de-AT", dir: "ltr" });
    await page.getByLabel("Name", { exact: true }).fill("Niemand");
    await page.getByLabel("Passwort", { exact: true }).fill("falsch falsch");
    await page.getByRole("button", { name: "Anmelden" }).click();
    await page.getByText("Name und Passwort passen nicht zusammen.").waitFor();

    await page.goto(parlor.url);
    await page.getByLabel("Dein Name").fill("Jänner");
    await page.getByRole("button", { name: "Weiter" }).click();
    await page.getByRole("heading", { name: "Hallo, Jänner" }).waitFor();
    await page.goto(`${parlor.url}/settings`);
    const other = await context.newPage();
    await other.goto(parlor.url);
    await other.getByRole("heading", { name: "Hallo, Jänner" }).waitFor();

    await page.getByLabel("Sprache").selectOption({ label: "日本語" });
    await page.getByRole("heading", { level: 1, name: "設定" }).waitFor();
    expect(await root(page)).toEqual({ lang: "ja", dir: "ltr" });
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("SELECT");
    await other.getByRole("heading", { name: "Jännerさん、こんにちは" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { level: 1, name: "設定" }).waitFor();

    await page.getByLabel("言語").selectOption("ar");
    await page.getByRole("heading", { level: 1, name: "الإعدادات" }).waitFor();
    expect(await root(page)).toEqual({ lang: "ar", dir: "rtl" });
    await page.getByLabel("اللغة").selectOption("");
    await page.getByRole("heading", { level: 1, name: "Einstellungen" }).waitFor();
    expect(await root(page)).toEqual({ lang: "de-AT", dir: "ltr" });
    expect(await page.evaluate(() => localStorage.getItem("parlor:language"))).toBeNull();
    await context.close();
  });

  it("[WORD1] [WORD3] two people in one room, each in their own language, digits and direction", async () => {
    const egypt = await openVisitor(browser, { locale: "ar-EG" });
    const spain = await openVisitor(browser, { locale: "es-ES" });
    await egypt.page.goto(parlor.url);
    await egypt.page.getByLabel("اسمك").fill("Rana");
    await egypt.page.getByRole("button", { name: "متابعة" }).click();
    await egypt.page
      .getByRole("heading", { level: 1, name: "مرحبًا، \u2068Rana\u2069", exact: true })
      .waitFor();
    await egypt.page.getByRole("button", { name: "غرفة جديدة" }).click();
    await egypt.page.getByLabel("اسم الغرفة").fill("المطبخ");
    await egypt.page.getByRole("dialog").getByRole("button", { name: "إنشاء غرفة" }).click();
    await egypt.page.waitForURL(/\/r\/[^/]+$/);
    await spain.page.goto(egypt.page.url());
    await spain.page.getByRole("heading", { name: "Te han invitado a \u2068المطبخ\u2069" }).waitFor();
    await spain.page.getByLabel("Tu nombre").fill("Inés");
    await spain.page.getByRole("button", { name: "Continuar", exact: true }).click();
    await spain.page.getByText("2 miembros · 2 en línea").waitFor();
    await egypt.page.getByText("عضوان · ٢ متصل").waitFor();
    await spain.page.getByRole("textbox", { name: "Mensaje", exact: true }).fill("Hola, @todos");
    await spain.page.keyboard.press("Enter");
    await seeMessage(egypt.page, "Hola, @todos");
    const line = egypt.page.getByRole("log").getByText("Hola, @todos", { exact: true });
    expect(await line.evaluate((element) => getComputedStyle(element).direction)).toBe("ltr");
    await keepPicture(egypt.page, "arabic-room");
    await egypt.context.close();
    await spain.context.close();
  });

  it("[WORD1] the host's word for everybody calls them in every language", async () => {
    const host = await openVisitor(browser, { locale: "de-DE" });
    const guest = await openVisitor(browser);
    await enterAsGuest(guest.page, parlor.url, "Placeholder");
    await host.page.goto(parlor.url);
    await host.page.getByLabel("Dein Name").fill("Gastgeberin");
    await host.page.getByRole("button", { name: "Weiter" }).click();
    await host.page.getByRole("button", { name: "Neuer Raum" }).click();
    await host.page.getByLabel("Name des Raums").fill("Werkstatt");
    await host.page.getByRole("dialog").getByRole("button", { name: "Raum anlegen" }).click();
    await host.page.waitForURL(/\/r\/[^/]+$/);
    await guest.page.goto(host.page.url());
    await host.page.getByText("2 Mitglieder · 2 online").waitFor();
    const composer = host.page.getByRole("textbox", { name: "Nachricht", exact: true });
    await composer.fill("Hört her, @alle!");
    await composer.press("Enter");
    await guest.page.getByRole("log").getByText("@alle", { exact: true }).waitFor();
    await composer.fill("Nur @alleine.");
    await composer.press("Enter");
    await seeMessage(guest.page, "Nur @alleine.");
    await host.context.close();
    await guest.context.close();
  });

  it("[WORD2] where its words cannot be fetched, English stands in", async () => {
    const { page, context } = await openVisitor(browser, { locale: "ja-JP" });
    await page.route(/assets\/ja-[^/]*\.js$/, (route) => route.abort());
    await page.goto(parlor.url);
    await page.getByRole("heading", { name: "Come on in." }).waitFor();
    expect(await root(page)).toEqual({ lang: "en", dir: "ltr" });
    await context.close();
  });

  it("[UX40] a first visit to a room loads at most 150 kB of JavaScript, and asks for each thing once", async () => {
    const page = await (await fetch(parlor.url, { headers: { accept: "text/html" } })).text();
    const scripts = [...page.matchAll(/(?:src|href)="(\/assets\/[^"]+\.js)"/g)].map(([, path]) => path ?? "");
    expect(scripts.length).toBeGreaterThan(0);
    expect(await sumOf(parlor.url, scripts)).toBeLessThanOrEqual(FIRST);

    const { page: visitor, context } = await openVisitor(browser);
    await enterAsGuest(visitor, parlor.url, "Slow phone");
    await createRoom(visitor, "Budget");
    await say(visitor, "light");
    await seeStored(visitor, "light");
    // A browser that knows its user and has nothing else: what reading and writing need, and nothing more.
    const kept = await context.storageState();
    const link = visitor.url();
    await context.close();
    const fresh = await openVisitor(browser, { kept });
    const asked: string[] = [];
    fresh.page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    await fresh.page.goto(link);
    await seeMessage(fresh.page, "light");
    await fresh.page.keyboard.type("x");
    await expect
      .poll(() => fresh.page.getByRole("textbox", { name: "Message", exact: true }).inputValue())
      .toBe("x");
    const loaded = asked.filter((path) => path.endsWith(".js") && path.startsWith("/assets/"));
    expect(await sumOf(parlor.url, loaded)).toBeLessThanOrEqual(OPENED);
    expect(loaded.filter((path) => /\/(de|es|ar|ja)-/.test(path))).toEqual([]);
    // Asked before the program is there, and not again by it.
    for (const once of [/^\/users\/[^/]+$/, /^\/rooms\/[^/]+$/, /^\/rooms\/[^/]+\/messages$/])
      expect(asked.filter((path) => once.test(path))).toHaveLength(1);
    // What a person may want next comes by itself, before they ask for it.
    await expect
      .poll(() => asked.some((path) => /\/find-dialogs-/.test(path)), { timeout: 20_000 })
      .toBe(true);
    await fresh.context.close();
  });

  it("[UX50] a part that cannot be fetched says so, and comes with the next try", async () => {
    const { page, context } = await openVisitor(browser);
    let isShut = true;
    await page.route(/assets\/(create-room-dialog|settings-page)-[^/]*\.js$/, (route) =>
      isShut ? route.abort() : route.continue(),
    );
    await enterAsGuest(page, parlor.url, "Patience");
    await page.getByRole("link", { name: "Settings: Patience" }).click();
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).waitFor();
    await page.getByRole("complementary").getByRole("button", { name: "Create room" }).click();
    await page.getByText("The server can’t be reached").nth(1).waitFor();
    isShut = false;
    await page.getByRole("alert").getByRole("button", { name: "Try again" }).click();
    await page.getByRole("heading", { level: 1, name: "Settings" }).waitFor();
    await page.getByRole("complementary").getByRole("button", { name: "Create room" }).click();
    await page.getByRole("dialog").waitFor();
    await context.close();
  });
});
