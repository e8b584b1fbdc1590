import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Figures } from "../load/spec.js";
import { startParlor } from "../peers/parlor.js";
import type { OwnContext } from "../scenario.js";

/** Starts the server on a data folder in which it has run before. */
export async function measureStart({ folder }: OwnContext): Promise<Figures> {
  const dataDir = join(folder, "parlor");
  if (!existsSync(dataDir)) await (await startParlor(dataDir)).stop();
  const server = await startParlor(dataDir);
  await server.stop();
  return { healthyMs: server.startedInMs };
}
