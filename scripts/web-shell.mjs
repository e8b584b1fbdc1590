// Makes the built web client one version that a browser can keep: names it, and builds the service worker that knows its files.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

/** Files that are larger are kept once somebody used them; the program itself always is. */
const LARGE = 400_000;
/** So is what one language alone needs, and only for finding emoji. */
const SELDOM = /emoji-names-/;

/** Puts the version into the page of `dist`, and `sw.js` beside it. */
export async function finishShell(dist, worker) {
  const names = readdirSync(`${dist}assets`).sort();
  const html = readFileSync(`${dist}index.html`, "utf8");
  const hash = createHash("sha256").update(html);
  // The worker is a part of the version: what it does with the files matters as much as they do.
  for (const file of readdirSync(worker).sort()) hash.update(readFileSync(worker + file));
  const version = hash.update(names.join("\n")).digest("hex").slice(0, 16);
  writeFileSync(
    `${dist}index.html`,
    html.replace("</head>", `  <meta name="parlor-version" content="${version}" />\n  </head>`),
  );
  const isLarge = (name) =>
    !html.includes(name) && (SELDOM.test(name) || statSync(`${dist}assets/${name}`).size > LARGE);
  const paths = (some) => some.map((name) => `/assets/${name}`);
  const shell = {
    version,
    core: paths(names.filter((name) => !isLarge(name))),
    extra: paths(names.filter(isLarge)),
  };
  await build({
    entryPoints: [`${worker}sw.ts`],
    outfile: `${dist}sw.js`,
    bundle: true,
    format: "iife",
    minify: true,
    target: "es2022",
    logLevel: "warning",
    define: { PARLOR_SHELL: JSON.stringify(shell) },
  });
}
