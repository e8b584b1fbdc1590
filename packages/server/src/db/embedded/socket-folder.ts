import { chmod, chown, mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { errorText, StartupError } from "../../startup-error.js";
import { type Account, canEnter } from "./account.js";
import type { Address } from "./settings.js";

/** A socket's path ends at 107 bytes on Linux and at 103 on macOS. */
const longest = 103;
const prefix = "parlor-";

/** A new, short folder that only PostgreSQL's user (and root) enters. */
export async function makeAddress(dataDir: string, account: Account | undefined): Promise<Address> {
  if (process.platform === "win32") return { socketFolder: "", port: await freePort() };
  const problems: string[] = [];
  for (const base of new Set([tmpdir(), "/tmp", dataDir])) {
    if (Buffer.byteLength(join(base, `${prefix}XXXXXX`, ".s.PGSQL.5432")) > longest) continue;
    try {
      if (!(await canEnter(base, account))) continue;
      const socketFolder = await mkdtemp(join(base, prefix));
      if (account !== undefined) await chown(socketFolder, account.uid, account.gid);
      await chmod(socketFolder, 0o700);
      return { socketFolder, port: 5432 };
    } catch (error) {
      problems.push(errorText(error));
    }
  }
  throw new StartupError(
    `no folder for the database's socket (${problems.join("; ") || "all paths are too long"}): set TMPDIR to a short path that is writable.`,
  );
}

/** Removes a socket folder of ours whose server is gone. */
export async function removeAddress(socketFolder: string): Promise<void> {
  const ours = basename(socketFolder).startsWith(prefix) && dirname(socketFolder) !== ".";
  if (ours) await rm(socketFolder, { recursive: true, force: true });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 5433));
    });
  });
}
