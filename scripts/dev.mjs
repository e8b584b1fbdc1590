// `npm run dev`: the server from its sources, restarted on each change, and Vite in front of the web client.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { root } from "./build-state.mjs";

const require = createRequire(`${root}packages/web/package.json`);
const bin = (name, path) => join(dirname(require.resolve(`${name}/package.json`)), path);
const port = process.env.PORT ?? "8000";

const children = [
  run(root, [bin("tsx", "dist/cli.mjs"), "watch", "--conditions=source", "packages/server/src/main.ts"]),
];
if (existsSync(`${root}packages/web/index.html`)) {
  children.push(run(`${root}packages/web`, [bin("vite", "bin/vite.js"), "--clearScreen", "false"]));
}

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.on(signal, () => {
    for (const child of children) child.kill(signal);
  });
}

function run(cwd, args) {
  const env = { ...process.env, PARLOR_SERVER: `http://localhost:${port}` };
  const child = spawn(process.execPath, args, { cwd, env, stdio: "inherit" });
  child.on("exit", (code) => {
    process.exitCode ||= code ?? 0;
    for (const other of children) if (other !== child) other.kill();
  });
  return child;
}
