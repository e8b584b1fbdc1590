// Knows which builds are missing or stale: beside each lies the hash of what it was made of.
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

const shared = [
  "package-lock.json",
  "scripts/build.mjs",
  "scripts/web-shell.mjs",
  "packages/protocol/src",
  "packages/protocol/package.json",
];
const web = ["src", "public", "worker", "index.html", "vite.config.ts", "package.json"];

/** What each target is made of, and the file that proves that it was made. */
export const targets = {
  server: {
    output: "packages/server/dist/main.js",
    sources: [...shared, "packages/server/src", "packages/server/package.json"],
  },
  web: {
    output: "packages/web/dist/index.html",
    needs: "packages/web/index.html",
    sources: [...shared, "packages/client/src", ...web.map((path) => `packages/web/${path}`)],
  },
  client: {
    output: "packages/client/dist/index.js",
    needs: "packages/client/src/index.ts",
    sources: [...shared, "packages/client/src", "packages/client/package.json"],
  },
};

/** The targets of a list that have to be built. */
export function staleTargets(names) {
  return names.filter((name) => {
    const { needs, output } = targets[name];
    // An image holds what was built and not what it was built of.
    if (existsSync(root + output) && !existsSync(`${root}packages/protocol/src`)) return false;
    if (needs && !existsSync(root + needs)) return false;
    const mark = markOf(name);
    const built = existsSync(root + output) && existsSync(mark);
    return !built || readFileSync(mark, "utf8") !== hashOf(name);
  });
}

/** Remembers that a target was built from what is there now. */
export function markBuilt(name, hash) {
  writeFileSync(markOf(name), hash);
}

/** The hash of all that a target is made of. */
export function hashOf(name) {
  const hash = createHash("sha256");
  for (const path of targets[name].sources.flatMap(filesBelow).sort()) {
    hash.update(`${path}\0`).update(readFileSync(root + path));
  }
  return hash.digest("hex");
}

function markOf(name) {
  return `${root}${targets[name].output.replace(/[^/]+$/, "")}.built`;
}

function filesBelow(path) {
  if (!existsSync(root + path)) return [];
  if (!statSync(root + path).isDirectory()) return [path];
  return readdirSync(root + path).flatMap((name) => filesBelow(`${path}/${name}`));
}
