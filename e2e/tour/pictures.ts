// `npm run pictures`: makes docs/gallery and the README's picture from the running product, with people who talk.
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import sharp from "sharp";
import { launchBrowser } from "../support/browser.js";
import { startParlor } from "../support/parlor.js";
import type { Stop } from "./stop.js";
import { type Look, STOPS, visit } from "./stops.js";
import type { TourLanguage } from "./texts.js";
import { settle } from "./world.js";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const GALLERY = `${ROOT}docs/gallery/`;
const MOST_BYTES = 4_000_000;

interface Shot extends Look {
  readonly language: TourLanguage;
}

const SIZES = [
  { width: 1440, height: 900 },
  { width: 768, height: 900 },
  { width: 360, height: 740 },
] as const;
const SHOTS: readonly Shot[] = [
  ...SIZES.flatMap((size) => [false, true].map((dark) => ({ ...size, dark, language: "en" as const }))),
  { width: 768, height: 900, dark: false, language: "ar" },
];
const SHOWN = STOPS.filter(({ minor }) => !minor);

const fileOf = (stop: Stop, { language, width, dark }: Shot) =>
  `${stop.name}-${language === "en" ? `${width}-${dark ? "dark" : "light"}` : language}.webp`;

async function takeAll(language: TourLanguage, only: ReadonlySet<string>): Promise<void> {
  const parlor = await startParlor({ RATE_LIMIT: "off" });
  const browser = await launchBrowser();
  try {
    const world = await settle(browser, parlor.url, language);
    for (const stop of SHOWN.filter(({ name }) => only.size === 0 || only.has(name))) {
      for (const shot of SHOTS.filter((one) => one.language === language)) {
        const page = await visit((options) => browser.newPage(options), stop, world, shot);
        const png = await page.screenshot({ animations: "disabled", caret: "hide" });
        await sharp(png)
          .webp({ quality: 62, effort: 6 })
          .toFile(GALLERY + fileOf(stop, shot));
        if (stop.name === "room" && shot.width === 1440 && !shot.dark)
          await sharp(png).png({ palette: true }).toFile(`${ROOT}docs/images/room.png`);
        await page.close();
      }
      console.log(`${language} ${stop.name}`);
    }
    await world.close();
  } finally {
    await browser.close();
    await parlor.close();
  }
}

/** The page of the gallery: each screen with its pictures, the widest first. */
function writePage(): void {
  const picture = (stop: Stop, shot: Shot, width: number) =>
    `<img src="${fileOf(stop, shot)}" width="${width}" alt="${stop.title}, ${shot.width} pixels wide, ${shot.language === "ar" ? "in Arabic" : shot.dark ? "dark" : "light"}">`;
  const sections = SHOWN.map((stop) => {
    const [light, dark, tablet, tabletDark, phone, phoneDark, arabic] = SHOTS.map((shot, index) =>
      picture(stop, shot, index < 2 ? 480 : index < 4 || index === 6 ? 230 : 150),
    );
    return `## ${stop.title}\n\n${light} ${dark}\n\n${phone} ${phoneDark} ${tablet} ${tabletDark} ${arabic}\n`;
  });
  writeFileSync(
    `${GALLERY}README.md`,
    `# The web client, screen by screen\n\nEach at 1440, 768 and 360 pixels, by day and by lamplight, and in Arabic. \`npm run pictures\` makes this page and its
pictures from the running product.\n\n${sections.join("\n")}`,
  );
}

const only = new Set(process.argv.slice(2));
execFileSync(process.execPath, [`${ROOT}scripts/build.mjs`, "server", "web"], { stdio: "inherit" });
if (only.size === 0) rmSync(GALLERY, { recursive: true, force: true });
mkdirSync(GALLERY, { recursive: true });
for (const language of ["en", "ar"] as const) await takeAll(language, only);
writePage();
const bytes = readdirSync(GALLERY).reduce((sum, file) => sum + statSync(GALLERY + file).size, 0);
console.log(
  `parlor: ${SHOWN.length * SHOTS.length} pictures, ${(bytes / 1e6).toFixed(1)} MB in docs/gallery`,
);
if (bytes > MOST_BYTES) throw new Error(`the gallery is larger than ${MOST_BYTES / 1e6} MB`);
