// `npm run pictures`: makes the README's picture from the running product, with people who talk.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { build } from "./build.mjs";
import { root, staleTargets } from "./build-state.mjs";

const port = 8765;
const url = `http://localhost:${port}`;
const dataDir = mkdtempSync(join(tmpdir(), "parlor-pictures-"));

await build(staleTargets(["server", "web"]));
const server = spawn(process.execPath, [`${root}packages/server/dist/main.js`], {
  env: { ...process.env, PORT: String(port), DATA_DIR: dataDir, LOG_LEVEL: "warn" },
  stdio: "inherit",
});
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});
try {
  await healthy();
  await takePictures();
} finally {
  await browser.close();
  const gone = new Promise((resolve) => server.once("exit", resolve));
  server.kill("SIGTERM");
  await gone;
  rmSync(dataDir, { recursive: true, force: true });
}

async function healthy() {
  while (!(await fetch(`${url}/health`).catch(() => null))?.ok) {
    if (server.exitCode !== null) throw new Error("the server ended");
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

async function post(path, body) {
  const answer = await fetch(url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
  return await answer.json();
}

/** A face: two soft shapes on a colour, drawn by the browser. */
async function face(hue) {
  const page = await browser.newPage({ viewport: { width: 240, height: 240 } });
  await page.setContent(
    `<body style="margin:0;background:hsl(${hue} 45% 62%)"><svg width="240" height="240"><circle cx="120" cy="98" r="48" fill="hsl(${hue} 60% 88%)"/><ellipse cx="120" cy="238" rx="86" ry="80" fill="hsl(${hue} 50% 38%)"/></svg>`,
  );
  const bytes = await page.screenshot();
  await page.close();
  return bytes;
}

async function giveFace(user, hue) {
  const form = new FormData();
  form.set("file", new Blob([await face(hue)], { type: "image/png" }), "face.png");
  await fetch(`${url}/users/${user.id}/avatar`, { method: "PUT", body: form });
}

async function takePictures() {
  const [maya, jonas, aiko] = await Promise.all(
    ["Maya", "Jonas", "Aiko"].map((username) => post("/users", { username })),
  );
  await Promise.all([giveFace(maya, 20), giveFace(jonas, 210), giveFace(aiko, 140)]);
  const say = (room, user, content) =>
    post(`/rooms/${room.id}/messages`, { user_id: user.id, username: user.username, content });
  for (const name of ["Reading club", "Allotment", "Band practice"]) {
    const other = await post("/rooms", { name });
    for (const user of [maya, jonas]) await say(other, user, "Hello!");
  }
  const room = await post("/rooms", { name: "Sunday breakfast", description: "Who brings what, and when." });
  await say(room, maya, "Good morning! Is anyone else awake?");
  await say(room, jonas, "Barely. The coffee is on, so there is hope.");
  await say(room, jonas, "I can bring the bread from the corner: https://bakery.example/sourdough");
  await say(room, aiko, "Yes please. I have jam from last summer, three kinds.");

  const context = await browser.newContext({ viewport: { width: 1280, height: 760 }, locale: "en-GB" });
  const page = await context.newPage();
  await page.goto(`${url}/r/${room.id}`);
  await page.getByLabel("Your name").fill("Sam");
  await page.getByRole("button", { name: "Continue" }).click();
  const composer = page.getByRole("textbox", { name: "Message", exact: true });
  await composer.fill("Then I’ll bring oranges and the good knives.\nTen o’clock?");
  await composer.press("Enter");
  await page.getByRole("log").getByText("Ten o’clock?").waitFor();
  await say(room, maya, "Ten is perfect. See you all in a bit!");
  await page.getByRole("log").getByText("Ten is perfect").waitFor();
  await page
    .getByRole("button", { name: "Show who is here" })
    .or(page.getByText("Here now"))
    .first()
    .waitFor();
  await page.waitForLoadState("networkidle");
  await page.screenshot({ path: `${root}docs/images/room.png` });
  await context.close();
}
