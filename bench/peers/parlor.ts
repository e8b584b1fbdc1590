import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { freePort } from "../../testing/free-port.js";
import { serverMain } from "../paths.js";
import { endProcess, type RunningServer, startProcess } from "./process.js";

/** The first start also makes the database. */
const HEALTHY_WITHIN_MS = 60_000;

/** Our server, as it is shipped. */
export interface ParlorServer extends RunningServer {
  readonly url: string;
  /** From the start of `node` to the first healthy answer, in milliseconds. */
  readonly startedInMs: number;
  /** Where the embedded database lives. */
  readonly databaseFolder: string;
}

let nodeOptions: readonly string[] = [];

/** Every server that is started from now on writes a CPU profile into the folder when it ends. */
export function profileInto(folder: string): void {
  nodeOptions = ["--cpu-prof", "--cpu-prof-interval", "500", "--cpu-prof-dir", folder];
}

/** Starts the built server on a data folder, which is made when it is not there. */
export async function startParlor(dataDir: string): Promise<ParlorServer> {
  const [port, metricsPort] = [await freePort(), await freePort()];
  const env = {
    PATH: process.env.PATH,
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: String(port),
    DATA_DIR: dataDir,
    RATE_LIMIT: "off",
    LOG_LEVEL: "error",
    METRICS_PORT: String(metricsPort),
  };
  const start = performance.now();
  const { child, complaint } = startProcess([process.execPath, ...nodeOptions, serverMain], env);
  const url = `http://127.0.0.1:${port}`;
  while (!(await isHealthy(url))) {
    if (child.exitCode !== null || performance.now() > start + HEALTHY_WITHIN_MS) {
      await endProcess(child, "SIGTERM");
      throw new Error(`it is not healthy: ${complaint()}`);
    }
    await pause(5);
  }
  const databaseFolder = join(dataDir, "postgres");
  return {
    url,
    startedInMs: performance.now() - start,
    databaseFolder,
    target: { port, metricsPort, protocol: "ws", pid: child.pid ?? 0, databaseFolder },
    stop: () => endProcess(child, "SIGTERM"),
  };
}

async function isHealthy(url: string): Promise<boolean> {
  return await fetch(`${url}/health`).then(
    (response) => response.ok,
    () => false,
  );
}
