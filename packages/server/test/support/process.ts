import { type ChildProcess, type ChildProcessByStdio, spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { connectionOf } from "../../src/db/connection-url.js";
import { readPidFile } from "../../src/db/embedded/pid-file.js";
import { embeddedUrl } from "../../src/db/embedded/session.js";
import { removeAddress } from "../../src/db/embedded/socket-folder.js";

/** The folder of the checkout. */
export const root = fileURLToPath(new URL("../../../..", import.meta.url));
/** Whether the tests run as root, who can become others. */
export const isRoot = process.getuid?.() === 0;
/** An ordinary user, for tests that run as root. */
export const ordinary = { uid: 65_534, gid: 65_534 };

/** How a server process is started. */
export interface ServerOptions {
  readonly dataDir: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Another user than the tests' own. */
  readonly account?: { readonly uid: number; readonly gid: number };
  /** Another checkout than this one. */
  readonly checkout?: string;
}

/** A server in a process of its own. */
export interface ServerProcess {
  readonly child: ChildProcess;
  readonly pid: number;
  /** All that it has printed. */
  output(): string;
  /** Waits until it is healthy; answers its address. */
  ready(): Promise<string>;
  /** Waits for its end; answers its exit code, or the signal. */
  ended(): Promise<{ readonly code: number | string; readonly stderr: string }>;
}

const children = new Set<ChildProcess>();
const folders = new Set<string>();

/** Builds the server as `npm start` does. */
export function buildServer(): void {
  const run = spawnSync(process.execPath, ["scripts/build.mjs", "server"], { cwd: root, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`the server can not be built: ${run.stderr}`);
}

/** A folder for one test, which everybody may enter. */
export function temporaryFolder(mode = 0o755): string {
  const folder = mkdtempSync(join(tmpdir(), "parlor-process-"));
  chmodSync(folder, mode);
  folders.add(folder);
  return folder;
}

let template: string | undefined;

/** A data folder in which a server has run and was stopped: a copy, since making a database takes seconds. */
export async function preparedFolder(): Promise<string> {
  if (template === undefined) {
    const dataDir = temporaryFolder();
    const server = startServer({ dataDir });
    await server.ready();
    server.child.kill("SIGTERM");
    await server.ended();
    folders.delete(dataDir);
    template = dataDir;
  }
  const folder = temporaryFolder();
  const copy = spawnSync("cp", ["-a", `${template}/.`, folder]);
  if (copy.status !== 0) throw new Error("the data folder can not be copied");
  return folder;
}

/** Removes the folder that `preparedFolder` copies. */
export function removePrepared(): void {
  if (template !== undefined) rmSync(template, { recursive: true, force: true });
  template = undefined;
}

/** Starts the built server; it takes any free port unless told otherwise. */
export function startServer({ dataDir, env, account, checkout = root }: ServerOptions): ServerProcess {
  return follow(
    spawn(process.execPath, [join(checkout, "packages/server/dist/main.js")], {
      cwd: "/",
      env: { PATH: process.env.PATH, HOST: "127.0.0.1", PORT: "0", DATA_DIR: dataDir, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      ...account,
    }),
  );
}

function follow(child: ChildProcessByStdio<null, Readable, Readable>): ServerProcess {
  children.add(child);
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const end = new Promise<number | string>((resolve) => {
    child.once("close", (code, signal) => resolve(code ?? signal ?? "nothing"));
  });
  return {
    child,
    pid: child.pid ?? 0,
    output: () => stdout + stderr,
    ready: async () => {
      const find = () => /open (http:\S+) in a browser/.exec(stdout)?.[1];
      await until("the server is ready", () => find() !== undefined || child.exitCode !== null, 40_000);
      const url = find()?.replace("localhost", "127.0.0.1");
      if (url === undefined) throw new Error(`the server ended: ${stdout}${stderr}`);
      await until("the server is healthy", async () => (await health(url)) === 200);
      return url;
    },
    ended: async () => ({ code: await end, stderr }),
  };
}

/** Runs one of the built commands to its end. */
export async function runCommand(
  name: "backup" | "restore",
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly code: number | string; readonly stdout: string; readonly stderr: string }> {
  const command = startCommand(name, args, env);
  return { ...(await command.ended()), stdout: command.output() };
}

/** Starts one of the built commands. */
export function startCommand(
  name: "backup" | "restore",
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ServerProcess {
  return follow(
    spawn(process.execPath, [join(root, `packages/server/dist/${name}.js`), ...args], {
      cwd: "/",
      env: { PATH: process.env.PATH, ...env },
      stdio: ["ignore", "pipe", "pipe"],
    }),
  );
}

/** The status that /health answers; 0 for no answer. */
export async function health(url: string): Promise<number> {
  return fetch(`${url}/health`).then(
    ({ status }) => status,
    () => 0,
  );
}

/** Waits for a condition, looking again every few milliseconds; fails with its name after the deadline. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  patienceMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await pause(20);
  }
}

/** Runs one statement in the embedded database of a data folder, beside the server. */
export async function queryIn(dataDir: string, statement: string): Promise<postgres.RowList<postgres.Row[]>> {
  const file = await readPidFile(join(dataDir, "postgres"));
  if (file === undefined) throw new Error("no database runs there");
  const address = connectionOf(embeddedUrl(file, undefined));
  const sql = postgres(address.url, { ...address.options, max: 1, fetch_types: false });
  return sql.unsafe(statement).finally(() => sql.end({ timeout: 1 }));
}

/** The processes of PostgreSQL that work in a data folder. */
export function databaseProcesses(dataDir: string): number[] {
  const here = inode(join(dataDir, "postgres"));
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => here !== undefined && inode(`/proc/${pid}/cwd`) === here).map(Number);
}

/** Ends all that a test has started. */
export async function endProcesses(): Promise<void> {
  for (const child of children) child.kill("SIGKILL");
  children.clear();
  for (const dataDir of [...folders].flatMap((folder) => [folder, ...subfolders(folder)])) {
    const file = await readPidFile(join(dataDir, "postgres"));
    for (const pid of databaseProcesses(dataDir)) kill(pid);
    await until("the databases have ended", () => databaseProcesses(dataDir).length === 0);
    if (file !== undefined) await removeAddress(file.socketFolder);
  }
}

/** Ends all that a test has started, and removes its folders. */
export async function cleanUp(): Promise<void> {
  await endProcesses();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
  folders.clear();
}

/** Kills a process; it may have ended by itself. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has.
  }
}

function inode(path: string): string | undefined {
  try {
    const { dev, ino } = statSync(path);
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}

function subfolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => join(folder, name));
}
