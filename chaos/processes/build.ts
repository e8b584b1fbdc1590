import { spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

const BUILD = `
  import { build } from "./scripts/build.mjs";
  import { staleTargets } from "./scripts/build-state.mjs";
  await build(staleTargets(["server"]));
`;

/** Builds the server when it is stale, as `npm start` does; answers the file to run. */
export function buildServer(folder = root): string {
  const args = ["--input-type=module", "--eval", BUILD];
  const run = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`the server can not be built: ${run.stderr}`);
  return `${folder}/packages/server/dist/main.js`;
}
