import { closeSync, openSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createConnection, createServer, type Server } from "node:net";
import { join } from "node:path";
import type { Logger } from "../../log.js";
import { errorCode, errorText, StartupError } from "../../startup-error.js";

/** Held by the one Parlor process that uses a data folder. */
export interface InstanceLock {
  release(): Promise<void>;
}

const patienceMs = 1500;

/** Another process uses the data folder. */
export class AlreadyRunning extends StartupError {}

/** The line that the second process on one data folder ends with. */
export function alreadyRunning(dataDir: string, holder?: string): AlreadyRunning {
  const who = holder === undefined ? "" : ` (process ${holder})`;
  return new AlreadyRunning(
    `another Parlor${who} is already running with the data folder ${dataDir}: stop it, or set another DATA_DIR and PORT.`,
  );
}

/**
 * A socket in the data folder that the process listens on: the kernel closes it with the process, however
 * that ends, so it can not be left behind locked; and it is found through the folder, so it also keeps two
 * containers apart that share a volume and see neither each other's processes nor each other's /tmp.
 * Where the file system can not hold sockets, the advisory lock in the database stands alone.
 */
export async function lockInstance(dataDir: string, log: Logger): Promise<InstanceLock> {
  if (process.platform === "win32") return { release: async () => undefined };
  const folder = openSync(dataDir, "r");
  // Through the open folder the path is short, whatever the length of DATA_DIR: a socket's ends at 107 bytes.
  const short = process.platform === "linux" ? `/proc/self/fd/${folder}` : dataDir;
  const path = join(short, "parlor.lock");
  const deadline = performance.now() + patienceMs;
  try {
    for (;;) {
      const server = await listen(path);
      if (server !== undefined) return { release: () => release(server, path, () => closeSync(folder)) };
      const holder = await ask(path);
      if (holder === undefined) await rm(path, { force: true });
      else if (performance.now() > deadline) throw alreadyRunning(dataDir, holder);
      else await new Promise((resolve) => setTimeout(resolve, 100));
    }
  } catch (error) {
    closeSync(folder);
    if (error instanceof StartupError) throw error;
    log.debug({ reason: errorText(error) }, "no lock file in the data folder");
    return { release: async () => undefined };
  }
}

function listen(path: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on("error", () => undefined);
      socket.end(`${process.pid}\n`);
    });
    server.once("error", (error) => (errorCode(error) === "EADDRINUSE" ? resolve(undefined) : reject(error)));
    server.listen(path, () => {
      server.unref();
      resolve(server);
    });
  });
}

/** Asks who holds the lock; undefined where nobody answers any more. */
function ask(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    let text = "";
    socket.setTimeout(1000, () => socket.destroy());
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.once("connect", () => socket.once("close", () => resolve(text.trim() || "unknown")));
    socket.once("error", (error) => {
      const code = errorCode(error);
      if (code === "ECONNREFUSED" || code === "ENOENT") resolve(undefined);
      else if (code === "EACCES" || code === "EPERM") resolve("of another user");
      else reject(error);
    });
  });
}

async function release(server: Server, path: string, done: () => void): Promise<void> {
  await rm(path, { force: true });
  await new Promise((resolve) => server.close(resolve));
  done();
}
