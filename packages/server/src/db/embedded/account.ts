import { chmod, lchown, lstat, readdir, readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";

/** The user that PostgreSQL runs as, where it is not the one that Parlor runs as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

const nobody: Account = { uid: 65_534, gid: 65_534 };

/**
 * PostgreSQL refuses to run as root, so root hands it to the owner of the database's folder or, for a new
 * one, to the owner of the data folder, else to "nobody". Undefined where it can run as Parlor's own user.
 */
export async function chooseAccount(clusterDir: string, dataDir: string): Promise<Account | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const folder of [clusterDir, dataDir]) {
    const owner = await stat(folder).catch(() => undefined);
    if (owner === undefined || owner.uid === 0) continue;
    if (folder === clusterDir || (await isKnown(owner.uid))) return { uid: owner.uid, gid: owner.gid };
  }
  return nobody;
}

/** `initdb` refuses a user that has a number but no name. */
async function isKnown(uid: number): Promise<boolean> {
  const users = await readFile("/etc/passwd", "utf8").catch(() => "");
  return users.split("\n").some((line) => line.split(":")[2] === String(uid));
}

/** Whether the account may pass through this folder and all those above it. */
export async function canEnter(folder: string, account: Account | undefined): Promise<boolean> {
  if (account === undefined) return true;
  for (let path = folder; ; path = dirname(path)) {
    const { mode, uid, gid } = await stat(path);
    const bit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return false;
    if (dirname(path) === path) return true;
  }
}

/** Gives a folder that was made or restored by root to the account, with all that is in it. */
export async function handOver(folder: string, account: Account): Promise<void> {
  await lchown(folder, account.uid, account.gid);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await handOver(path, account);
    else await lchown(path, account.uid, account.gid);
  }
}

/** Makes a copy readable for everybody and writable for nobody but its owner. */
export async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, ((await lstat(path)).mode & 0o100) === 0 ? 0o644 : 0o755);
  }
}
