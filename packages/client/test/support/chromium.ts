import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { type BrowserContext, chromium } from "playwright-core";

const paths = [process.env.CHROMIUM ?? "", "/usr/bin/chromium", "/usr/bin/chromium-browser"];
const found = paths.find((path) => path !== "" && existsSync(path)) ?? null;
if (!found && process.env.PARLOR_REQUIRE_ALL === "1") throw new Error("No Chromium: install Debian's.");

/** Where Chromium is; `null` on a machine without one. */
export const chromiumPath: string | null = found;

/** A name that leads to this machine and that no browser takes for safe: pages on it have no Web Locks. */
export const PLAIN_HOST = "lan.parlor.test";

const FLAGS = [
  "--headless=new",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  `--host-resolver-rules=MAP ${PLAIN_HOST} 127.0.0.1`,
  "--remote-debugging-port=0",
];

/** On a machine that runs everything at once a browser takes its time. */
const START_TIMEOUT = 120_000;

/** A browser with a profile on disk. */
export interface ProfileBrowser {
  readonly context: BrowserContext;
  /** Ends all of its processes without a word. */
  kill(): Promise<void>;
}

/** Starts a browser on a profile's folder. */
export async function startChromium(profile: string): Promise<ProfileBrowser> {
  const child = spawn(chromiumPath ?? "", [...FLAGS, `--user-data-dir=${profile}`], {
    // A group of its own, so that all of its processes end together.
    detached: true,
    stdio: ["ignore", "ignore", "pipe"],
  });
  const browser = await chromium.connectOverCDP(await endpointOf(child), { timeout: START_TIMEOUT });
  const [context] = browser.contexts();
  if (!context) throw new Error("Chromium has no context.");
  context.setDefaultTimeout(30_000);
  return {
    context,
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const gone = once(child, "exit");
      process.kill(-(child.pid ?? 0), "SIGKILL");
      await gone;
      await browser.close().catch(() => {});
    },
  };
}

async function endpointOf(child: ChildProcess): Promise<string> {
  if (!child.stderr) throw new Error("Chromium has no output.");
  for await (const line of createInterface({ input: child.stderr })) {
    const address = /DevTools listening on (ws:\S+)/.exec(line)?.[1];
    if (address) {
      child.stderr.resume();
      return address;
    }
  }
  throw new Error("Chromium ended.");
}

/** A page of which every path runs a script of the SDK. */
export interface ScriptPage {
  readonly port: number;
  close(): Promise<void>;
}

/** Serves a script, written against the SDK's sources, as a page. */
export async function servePage(script: string): Promise<ScriptPage> {
  const resolveDir = fileURLToPath(new URL("../../src", import.meta.url));
  const stdin = { contents: script, resolveDir, loader: "ts" as const };
  const built = await build({ stdin, bundle: true, format: "iife", write: false, conditions: ["source"] });
  const page = `<!doctype html><script>${built.outputFiles[0]?.text}</script>`;
  const server = createServer((_, reply) => reply.setHeader("content-type", "text/html").end(page));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
