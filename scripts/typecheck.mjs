// Checks the types of every package; each has its own tsconfig because their environments differ.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const projects = [
  "packages/protocol",
  "packages/client",
  "packages/server",
  "packages/web",
  "packages/web/worker",
  "e2e",
  "bench",
  "chaos",
];
let failed = false;
for (const project of projects.filter((path) => existsSync(`${root}${path}/tsconfig.json`))) {
  const run = spawnSync("npx", ["--no-install", "tsc", "-p", project], { cwd: root, stdio: "inherit" });
  failed ||= run.status !== 0;
}
process.exitCode = failed ? 1 : 0;
