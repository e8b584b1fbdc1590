import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../../../testing/free-port.js";
import type { JanusConfig } from "../../src/config.js";

const EXECUTABLE = "/usr/bin/janus";
/** The configuration that docs/SELF-HOSTING.md tells. */
const CONFIG = fileURLToPath(new URL("../../../../docs/janus/", import.meta.url));
const FILES = ["janus.jcfg", "janus.transport.websockets.jcfg", "janus.plugin.videoroom.jcfg"];
const STARTS_WITHIN = 30_000;

/** Whether Janus is there. */
export const hasJanus: boolean = existsSync(EXECUTABLE);
if (!hasJanus && process.env.PARLOR_REQUIRE_ALL === "1") throw new Error("No Janus: install Debian's.");

/** What the name of a test says where it is skipped. */
export const withoutJanus: string = hasJanus ? "" : " (skipped: no Janus)";

/** A Janus on this machine; media goes over whatever address it has. */
export interface TestJanus {
  readonly config: JanusConfig;
  /** The variables of a server that uses it. */
  readonly env: Record<string, string>;
  /** Ends the process without a word. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts Janus as documented, on free ports. */
export async function startJanus(): Promise<TestJanus> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "parlor-janus-"));
  const secret = "a secret of the tests, long enough";
  const adminKey = "a key of the tests, long enough too";
  const firstPort = 20_000 + Math.floor(Math.random() * 60) * 200;
  const changes: [string, string][] = [
    ["CHANGE-ME-to-JANUS_SECRET", secret],
    ["CHANGE-ME-to-JANUS_ADMIN_KEY", adminKey],
    ["20000-29999", `${firstPort}-${firstPort + 199}`],
    ["ws_port = 8188", `ws_port = ${port}`],
  ];
  for (const name of FILES) {
    let text = await readFile(join(CONFIG, name), "utf8");
    for (const [from, to] of changes) text = text.replace(from, to);
    await writeFile(join(folder, name), text);
  }
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const started = spawn(EXECUTABLE, ["-F", folder, "-C", join(folder, "janus.jcfg"), "-o"], {
      stdio: "ignore",
    });
    child = started;
    // A test that is killed leaves none behind.
    process.once("exit", () => started.kill("SIGKILL"));
    const deadline = Date.now() + STARTS_WITHIN;
    while (!(await isOpen(port))) {
      if (started.exitCode !== null || Date.now() > deadline) throw new Error("Janus does not start");
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  async function kill(): Promise<void> {
    const running = child;
    child = null;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const gone = once(running, "exit");
    running.kill("SIGKILL");
    await gone;
  }

  await start();
  const url = `ws://127.0.0.1:${port}`;
  return {
    config: { url, secret, adminKey },
    env: { JANUS_URL: url, JANUS_SECRET: secret, JANUS_ADMIN_KEY: adminKey },
    kill,
    start,
    async close() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function isOpen(port: number): Promise<boolean> {
  const socket = connect(port, "127.0.0.1");
  const isThere = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true));
    socket.once("error", () => resolve(false));
  });
  socket.destroy();
  return isThere;
}
