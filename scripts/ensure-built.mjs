// What every command does first: says what is missing on this machine, and builds what is missing or stale.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { root, staleTargets } from "./build-state.mjs";

/** Builds the targets that are missing or stale; ends the process with one line where that is not possible. */
export async function ensureBuilt(names) {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major < 20 || (major === 20 && minor < 19)) {
    fail(`Node.js ${process.versions.node} is too old: install 20.19 or newer.`);
  }
  if (!existsSync(`${root}node_modules`)) fail('its packages are not installed: run "npm ci" first.');
  const stale = staleTargets(names);
  if (stale.length === 0) return;
  const require = createRequire(import.meta.url);
  try {
    require.resolve("esbuild");
  } catch {
    fail(
      'the tools to build it are not installed (npm leaves them out when NODE_ENV=production): run "npm ci --include=dev".',
    );
  }
  const { build } = await import("./build.mjs");
  await build(stale).catch((error) => fail(`the build failed: ${error.message}`));
}

function fail(line) {
  console.error(`parlor: ${line}`);
  process.exit(1);
}
