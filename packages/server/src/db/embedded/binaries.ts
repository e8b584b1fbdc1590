import { cp, lstat, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import { homedir, tmpdir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import type { Logger } from "../../log.js";
import { errorCode, StartupError } from "../../startup-error.js";
import { type Account, openToAll } from "./account.js";
import { binariesPackage, currentPlatform } from "./platform.js";
import { type Outcome, run } from "./run.js";

/** PostgreSQL's programs, at a place where the account can run them. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  readonly major: number;
}

/** Who will run the binaries, and where else than in the npm package they could be. */
export interface BinariesOptions {
  readonly account: Account | undefined;
  readonly dataDir: string;
  readonly log: Logger;
  /** A folder with the programs, instead of the npm package's. */
  readonly binDir?: string | undefined;
  /** The npm package's folder, instead of the installed one's. */
  readonly packageDir?: string | undefined;
}

/** Finds binaries that run here: the package's own, or a copy of them in a cache folder. */
export async function findBinaries(options: BinariesOptions): Promise<Binaries> {
  const { account, binDir, log } = options;
  if (binDir !== undefined) return verified(binDir, await probe(binDir, account));
  const packageDir = options.packageDir ?? installedPackage();
  const own = join(packageDir, "native", "bin");
  const linked = await makeLinks(packageDir);
  const outcome: Outcome = linked
    ? await probe(own, account)
    : { code: null, output: "its library links can not be made", error: "EACCES" };
  if (outcome.code === 0) return verified(own, outcome);
  if (outcome.error === "ENOENT") throw unusable(outcome);
  log.debug({ reason: outcome.output }, "copying PostgreSQL's programs to a cache folder");
  return copyToCache(packageDir, options, outcome);
}

function installedPackage(): string {
  const name = binariesPackage(currentPlatform());
  try {
    return dirname(dirname(createRequire(import.meta.url).resolve(name)));
  } catch (error) {
    throw new StartupError(
      `the npm package ${name} is not installed: run "npm ci" with optional packages, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

function probe(binDir: string, account: Account | undefined): Promise<Outcome> {
  return run(join(binDir, "postgres"), ["--version"], { account });
}

function verified(binDir: string, outcome: Outcome): Binaries {
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(outcome.output)?.[1]);
  if (outcome.code !== 0 || !Number.isInteger(major)) throw unusable(outcome);
  return {
    initdb: join(binDir, "initdb"),
    postgres: join(binDir, "postgres"),
    pgCtl: join(binDir, "pg_ctl"),
    major,
  };
}

function unusable(outcome: Outcome): StartupError {
  const reason = outcome.output.trim().split("\n")[0];
  return new StartupError(
    `the built-in PostgreSQL does not run on this machine (${reason}): set DATABASE_URL to a PostgreSQL of yours.`,
  );
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** Does what the package's install script does where npm ran it not; false where the folder is not ours to write. */
async function makeLinks(packageDir: string): Promise<boolean> {
  const list = await readFile(join(packageDir, "native", "pg-symlinks.json"), "utf8").catch(() => "[]");
  for (const { source, target } of linkList.parse(JSON.parse(list))) {
    const path = join(packageDir, target);
    if (await lstat(path).catch(() => undefined)) continue;
    try {
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      if (errorCode(error) !== "EEXIST") return false;
    }
  }
  return true;
}

async function copyToCache(packageDir: string, options: BinariesOptions, first: Outcome): Promise<Binaries> {
  const manifest: unknown = JSON.parse(await readFile(join(packageDir, "package.json"), "utf8"));
  const { version } = z.object({ version: z.string() }).parse(manifest);
  const name = `postgresql-${version}-${basename(packageDir)}`;
  let last = first;
  for (const folder of cacheFolders(options.dataDir)) {
    if (!(await isPrivate(folder))) continue;
    const copy = join(folder, name);
    const bin = join(copy, "native", "bin");
    if (!(await makeLinks(copy)) || (await probe(bin, options.account)).code !== 0) {
      const failed = await copyPackage(packageDir, folder, copy);
      if (failed !== undefined) {
        last = { code: null, output: `no copy in ${folder}: ${failed}` };
        continue;
      }
    }
    last = await probe(bin, options.account);
    if (last.code === 0) return verified(bin, last);
  }
  throw unusable(last);
}

/** Where a copy may live: a later start of the same user finds it again. */
function cacheFolders(dataDir: string): string[] {
  const { XDG_CACHE_HOME } = process.env;
  const own = XDG_CACHE_HOME === undefined || XDG_CACHE_HOME === "" ? [] : [join(XDG_CACHE_HOME, "parlor")];
  if (process.getuid?.() !== 0) return [...own, join(homedir(), ".cache", "parlor"), join(dataDir, "cache")];
  return [...own, "/var/cache/parlor", "/var/tmp/parlor", join(tmpdir(), "parlor-cache")];
}

/** What runs from here runs with access to all data: nobody else may have made it or write to it. */
async function isPrivate(folder: string): Promise<boolean> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o755 });
    const { uid, mode } = await lstat(folder);
    return uid === process.getuid?.() && (mode & 0o022) === 0 && (await stat(folder)).isDirectory();
  } catch {
    return false;
  }
}

/** Copies beside the target and renames, so that a copy that was cut short is never taken for a whole one. */
async function copyPackage(packageDir: string, folder: string, target: string): Promise<string | undefined> {
  const fresh = await mkdtemp(join(folder, ".new-"));
  try {
    const filter = (path: string) => !path.endsWith(".a");
    await cp(join(packageDir, "native"), join(fresh, "native"), {
      recursive: true,
      verbatimSymlinks: true,
      filter,
    });
    await openToAll(fresh);
    await makeLinks(fresh);
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
    return undefined;
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    return errorCode(error) === "ENOTEMPTY" ? undefined : String(error);
  }
}
