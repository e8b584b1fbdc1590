import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../testing/free-port.js";

const MAIN = fileURLToPath(new URL("../../packages/server/dist/main.js", import.meta.url));
/** Longest wait for a server to be healthy: the first start also makes the database. */
const HEALTHY_WITHIN = 60_000;

/** A built server in a process of its own, as a person runs it. */
export interface Parlor {
  readonly url: string;
  /** The folder of its database and files. */
  readonly dataDir: string;
  /** Ends the process without a word. */
  kill(): Promise<void>;
  /** Starts it again on the same folder and port; one that runs goes on. */
  start(): Promise<void>;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

/** Starts the built server on a free port and an empty folder. */
export async function startParlor(env: Record<string, string> = {}): Promise<Parlor> {
  const port = await freePort();
  const dataDir = await mkdtemp(join(tmpdir(), "parlor-e2e-"));
  const url = `http://localhost:${port}`;
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    if (child) return;
    const started = spawn(process.execPath, [MAIN], {
      env: { ...process.env, LOG_LEVEL: "warn", ...env, PORT: String(port), DATA_DIR: dataDir },
      stdio: ["ignore", "ignore", "inherit"],
    });
    child = started;
    const deadline = Date.now() + HEALTHY_WITHIN;
    while (!(await isHealthy(url))) {
      if (started.exitCode !== null) throw new Error(`the server ended with ${started.exitCode}`);
      if (Date.now() > deadline) throw new Error("the server is not healthy in time");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, "exit");
    running.kill(signal);
    await gone;
  }

  await start();
  return {
    url,
    dataDir,
    start,
    kill: () => end("SIGKILL"),
    async close() {
      // A killed server leaves its database running; the next start adopts and then stops it.
      if (!child) await start();
      await end("SIGTERM");
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** Makes a room, over REST; answers its id. */
export async function makeRoom(parlor: Pick<Parlor, "url">, fields: object = {}): Promise<string> {
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ name: "Room", ...fields });
  const made = await fetch(`${parlor.url}/rooms`, { method: "POST", headers, body });
  return ((await made.json()) as { id: string }).id;
}

async function isHealthy(url: string): Promise<boolean> {
  const answer = await fetch(`${url}/health`).catch(() => null);
  return answer?.ok ?? false;
}
