import {
  chmod,
  chown,
  lstat,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Logger } from "../../log.js";
import { errorCode, StartupError } from "../../startup-error.js";
import { type Account, handOver } from "./account.js";
import type { Binaries } from "./binaries.js";
import { reasonIn } from "./failure.js";
import { run } from "./run.js";
import { initArguments, newToken } from "./settings.js";

const halfMadeAgeMs = 10 * 60 * 1000;

/** Makes sure that `clusterDir` holds a database of this major version; true when it was made just now. */
export async function prepareCluster(
  clusterDir: string,
  binaries: Binaries,
  account: Account | undefined,
  log: Logger,
): Promise<boolean> {
  const major = await majorOf(clusterDir);
  if (major === undefined) {
    await refuseForeignContent(clusterDir);
    await removeHalfMade(clusterDir);
    await initialise(clusterDir, binaries, account);
    log.info({ folder: clusterDir }, "database initialised");
    return true;
  }
  if (major !== binaries.major) {
    throw new StartupError(
      `${clusterDir} was made by PostgreSQL ${major}, this Parlor brings ${binaries.major}: dump it with the Parlor that made it, or set DATABASE_URL to a PostgreSQL ${major}.`,
    );
  }
  await takeOver(clusterDir, account);
  return false;
}

/** The word by which a server of this folder is known. */
export async function tokenOf(clusterDir: string, account?: Account): Promise<string> {
  const path = join(clusterDir, "parlor.token");
  const known = await readFile(path, "utf8").catch(() => "");
  if (known.trim() !== "") return known.trim();
  const token = newToken();
  await writeFile(path, token, { mode: 0o600 });
  if (account !== undefined) await chown(path, account.uid, account.gid);
  return token;
}

/**
 * Where the folder is seen from inside it: a path that works even where those above it can not be entered.
 * The programs of PostgreSQL 15 leave their working directory for a moment and do not find back.
 */
export function workingFolder(clusterDir: string, major: number): string {
  return process.platform === "linux" && major > 15 ? "/proc/self/cwd" : clusterDir;
}

/** The generated password, on the one platform without a private socket. */
export async function passwordOf(clusterDir: string): Promise<string | undefined> {
  if (process.platform !== "win32") return undefined;
  return (await readFile(join(clusterDir, "parlor.password"), "utf8")).trim();
}

async function majorOf(clusterDir: string): Promise<number | undefined> {
  try {
    return Number(await readFile(join(clusterDir, "PG_VERSION"), "utf8"));
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    if (errorCode(error) === "EACCES") throw await notOurs(clusterDir);
    throw error;
  }
}

async function notOurs(clusterDir: string): Promise<StartupError> {
  const owner = await lstat(clusterDir).then(
    ({ uid }) => `belongs to the user with number ${uid}`,
    () => "can not be read",
  );
  return new StartupError(
    `the database folder ${clusterDir} ${owner}: run Parlor as that user, or give the folder to this one with chown -R.`,
  );
}

async function refuseForeignContent(clusterDir: string): Promise<void> {
  const content = await readdir(clusterDir).catch((error) => {
    if (errorCode(error) === "ENOENT") return [];
    throw error;
  });
  if (content.length === 0) return;
  throw new StartupError(`${clusterDir} holds files but no database: move it away, or set another DATA_DIR.`);
}

/** What a start left behind that was cut off in the middle of making the database. */
async function removeHalfMade(clusterDir: string): Promise<void> {
  const parent = dirname(clusterDir);
  for (const name of await readdir(parent)) {
    if (!name.startsWith(`${basename(clusterDir)}.new-`)) continue;
    const { mtimeMs } = await lstat(join(parent, name));
    if (Date.now() - mtimeMs > halfMadeAgeMs) await rm(join(parent, name), { recursive: true, force: true });
  }
}

/** Makes the database beside its place and renames it, so that a half-made one is never taken for whole. */
async function initialise(
  clusterDir: string,
  binaries: Binaries,
  account: Account | undefined,
): Promise<void> {
  const fresh = await mkdtemp(`${clusterDir}.new-`);
  try {
    const password = process.platform === "win32" ? newToken() : undefined;
    const passwordFile = password === undefined ? undefined : `${fresh}.password`;
    if (passwordFile !== undefined) await writeFile(passwordFile, `${password}\n`, { mode: 0o600 });
    if (account !== undefined) await chown(fresh, account.uid, account.gid);
    const folder = workingFolder(fresh, binaries.major);
    const made = await run(binaries.initdb, initArguments(binaries.major, folder, passwordFile), {
      account,
      cwd: fresh,
    });
    if (made.code !== 0) throw new Error(`initdb: ${reasonIn(made.output)}`);
    await tokenOf(fresh, account);
    if (passwordFile !== undefined) await rename(passwordFile, join(fresh, "parlor.password"));
    await rmdir(clusterDir).catch(() => undefined);
    await rename(fresh, clusterDir);
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    // Another start was faster: its database is as good as ours.
    if (errorCode(error) === "ENOTEMPTY" || errorCode(error) === "EEXIST") return;
    throw error;
  }
}

/** PostgreSQL wants its folder to be its own and closed to others; a restored or moved one often is not. */
async function takeOver(clusterDir: string, account: Account | undefined): Promise<void> {
  const { uid, mode } = await lstat(clusterDir);
  if (account !== undefined && uid !== account.uid) await handOver(clusterDir, account);
  if (account === undefined && process.getuid !== undefined && uid !== process.getuid()) {
    throw await notOurs(clusterDir);
  }
  if (process.platform !== "win32" && (mode & 0o027) !== 0) await chmod(clusterDir, 0o700);
}
