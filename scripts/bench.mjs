// `npm run bench`, `bench:jitter` and `bench:calls`: builds what is stale, installs what the peers need, and runs the
// program that the first argument names.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { build } from "./build.mjs";
import { root, staleTargets } from "./build-state.mjs";

await build(staleTargets(["server", "web"]));
if (!existsSync(`${root}bench/node_modules`)) {
  // Without a network the peers are named as skipped.
  spawnSync("npm", ["ci", "--no-audit", "--no-fund"], { cwd: `${root}bench`, stdio: "inherit" });
}
const args = ["--import", "tsx", "--conditions=source", ...process.argv.slice(2)];
const run = spawnSync(process.execPath, args, { cwd: root, stdio: "inherit" });
process.exitCode = run.status ?? 1;
