// `npm run icons`: draws the icons of the installed app from the favicon.
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { root } from "./build-state.mjs";

const mark = readFileSync(`${root}packages/web/src/favicon.svg`, "utf8");
// What a system cuts into its own shape fills its square, with the mark in the part that every shape leaves.
const icons = [
  { name: "icon-192", edge: 192, scale: 0.92, ground: "transparent" },
  { name: "icon-512", edge: 512, scale: 0.92, ground: "transparent" },
  { name: "maskable-512", edge: 512, scale: 0.56, ground: "#f7f5f1" },
  { name: "apple-touch-180", edge: 180, scale: 0.72, ground: "#f7f5f1" },
];

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
});
for (const { name, edge, scale, ground } of icons) {
  const page = await browser.newPage({ viewport: { width: edge, height: edge } });
  const style = `margin:0;height:100vh;display:grid;place-items:center;background:${ground}`;
  await page.setContent(`<body style="${style}">${mark}</body>`);
  await page.addStyleTag({ content: `svg { width: ${Math.round(edge * scale)}px }` });
  const path = `${root}packages/web/public/icons/${name}.png`;
  await page.screenshot({ path, omitBackground: true });
}
await browser.close();
