import { execFile } from "node:child_process";
import { readdir, readFile, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

/** What a running PostgreSQL writes about itself into its data folder. */
export interface PidFile {
  readonly pid: number;
  /** Seconds since 1970. */
  readonly startedAt: number;
  readonly port: number;
  readonly socketFolder: string;
  readonly status: string;
}

/** Reads `postmaster.pid`; undefined where there is none, or one that is being written. */
export async function readPidFile(clusterDir: string): Promise<PidFile | undefined> {
  const text = await readFile(join(clusterDir, "postmaster.pid"), "utf8").catch(() => "");
  const [pid, , startedAt, port, socketFolder, , , status] = text.split("\n");
  if (!/^\d+$/.test(pid ?? "")) return undefined;
  return {
    pid: Number(pid),
    startedAt: Number(startedAt),
    port: Number(port),
    socketFolder: socketFolder?.trim() ?? "",
    status: status?.trim() ?? "",
  };
}

/**
 * Whether this process lives and is a server of this very folder. A number alone proves nothing: after a
 * restart of the machine or the container it can be anybody's. A server's working directory is its data
 * folder, and the kernel tells which folder that is, whatever its path is called.
 */
export async function servesFolder(pid: number, clusterDir: string): Promise<boolean> {
  if (process.platform === "linux") return (await isAlive(pid)) && worksIn(pid, clusterDir);
  if (process.platform === "win32") return isSignalable(pid);
  const { stdout } = await promisify(execFile)("ps", ["-o", "command=", "-p", String(pid)]).catch(() => ({
    stdout: "",
  }));
  return stdout.includes("postgres") && stdout.includes(clusterDir);
}

/**
 * Removes a `postmaster.pid` that PostgreSQL would believe although it is stale: its number belongs to an
 * unrelated process, or to a dead one that nobody has reaped. Only where no process works in the folder.
 */
export async function removeStalePidFile(clusterDir: string): Promise<boolean> {
  if (process.platform !== "linux") return false;
  const processes = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  for (const pid of processes) {
    if (pid !== process.pid && (await worksIn(pid, clusterDir))) return false;
  }
  await rm(join(clusterDir, "postmaster.pid"), { force: true });
  return true;
}

/** A process that ended and was not reaped yet still has its number; its state is Z or X. */
async function isAlive(pid: number): Promise<boolean> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const state = text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3);
  return state !== "" && state !== "Z" && state !== "X";
}

async function worksIn(pid: number, clusterDir: string): Promise<boolean> {
  const [there, here] = await Promise.all([
    stat(`/proc/${pid}/cwd`).catch(() => undefined),
    stat(clusterDir).catch(() => undefined),
  ]);
  return there !== undefined && here !== undefined && there.ino === here.ino && there.dev === here.dev;
}

function isSignalable(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
