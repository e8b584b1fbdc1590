import { spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../../log.js";
import { StartupError } from "../../startup-error.js";
import type { Account } from "./account.js";
import type { Binaries } from "./binaries.js";
import { tokenOf, workingFolder } from "./cluster.js";
import { diskFull, isStillThere, reasonIn } from "./failure.js";
import { type PidFile, readPidFile, removeStalePidFile, servesFolder } from "./pid-file.js";
import { cleanEnvironment, run } from "./run.js";
import type { ServerLog } from "./server-log.js";
import { type Address, serverArguments } from "./settings.js";
import { makeAddress, removeAddress } from "./socket-folder.js";

/** All that is needed to start a server in a folder. */
export interface Place {
  readonly dataDir: string;
  readonly clusterDir: string;
  readonly account: Account | undefined;
  readonly binaries: Binaries;
  readonly serverLog: ServerLog;
  readonly log: Logger;
}

/** A server that is ready. */
export interface Postmaster extends Address {
  readonly pid: number;
  readonly startedAt: number;
  /** False when it was found running. */
  readonly started: boolean;
}

/** A server that ended instead of becoming ready. */
interface Ended {
  readonly said: string;
  /** Somebody killed it: another try says more than its words. */
  readonly wasKilled: boolean;
}

const pollMs = 15;
const recoveryMs = 120_000;
const stillThereMs = 10_000;
const fastStopMs = 10_000;

/** The server of the folder that is running, waited for until it is ready; undefined when there is none. */
export async function findPostmaster(place: Place): Promise<Postmaster | undefined> {
  const file = await readPidFile(place.clusterDir);
  if (file === undefined || !(await servesFolder(file.pid, place.clusterDir))) return undefined;
  const ready = await awaitReady(place, file.pid, () => undefined);
  return ready && { ...ready, started: false };
}

/** Starts a server; at `address` when it takes the place of one that broke down. */
export async function startPostmaster(place: Place, address?: Address): Promise<Postmaster> {
  const deadline = performance.now() + stillThereMs;
  const stale = await readPidFile(place.clusterDir);
  const where = address ?? (await makeAddress(place.dataDir, place.account));
  if (stale !== undefined && stale.socketFolder !== where.socketFolder)
    await removeAddress(stale.socketFolder);
  for (;;) {
    const result = await attempt(place, where);
    if ("pid" in result) return result;
    const { said, wasKilled } = result;
    if (!(wasKilled || isStillThere(said)) || performance.now() > deadline) {
      if (address === undefined) await removeAddress(where.socketFolder);
      throw failure(place, said);
    }
    // Right after a kill the old processes may not be reaped yet; another start may also have been faster.
    const other = await findPostmaster(place);
    if (other !== undefined) {
      if (address === undefined) await removeAddress(where.socketFolder);
      return other;
    }
    await removeStalePidFile(place.clusterDir);
    await pause(100);
  }
}

/** Stops a server: a fast shutdown, which rolls back what is open and writes a checkpoint. */
export async function stopPostmaster(place: Place, { pid, socketFolder }: Postmaster): Promise<void> {
  const { clusterDir, binaries, account, log } = place;
  if (process.platform === "win32") {
    await run(binaries.pgCtl, ["stop", "-D", clusterDir, "-m", "fast", "-w"], { account });
  } else if (await servesFolder(pid, clusterDir)) {
    process.kill(pid, "SIGINT");
    if (!(await awaitGone(pid, clusterDir, fastStopMs))) {
      log.warn("the database does not stop; the next start will recover it");
      process.kill(pid, "SIGQUIT");
      await awaitGone(pid, clusterDir, 3000);
    }
  }
  await removeAddress(socketFolder);
}

/** Spawns the server; answers what it said when it ended instead of becoming ready. */
async function attempt(place: Place, address: Address): Promise<Postmaster | Ended> {
  const { clusterDir, dataDir, account, binaries } = place;
  const offset = await place.serverLog.size();
  const token = await tokenOf(clusterDir, account);
  const folder = workingFolder(clusterDir, binaries.major);
  const output = openSync(place.serverLog.path, "a", 0o600);
  // In a session of its own, or Ctrl-C in a terminal would stop it before Parlor has drained.
  const child = spawn(
    binaries.postgres,
    serverArguments(address, { major: binaries.major, folder, dataDir, token }),
    {
      cwd: clusterDir,
      env: cleanEnvironment(),
      detached: true,
      stdio: ["ignore", output, output],
      windowsHide: true,
      ...account,
    },
  );
  closeSync(output);
  let ended: string | undefined;
  let wasKilled = false;
  child.once("error", (error) => {
    ended = error.message;
  });
  child.once("exit", (code, signal) => {
    wasKilled = signal === "SIGKILL";
    ended ??= `it ended with ${signal ?? `code ${code}`}`;
  });
  child.unref();
  const ready = child.pid === undefined ? undefined : await awaitReady(place, child.pid, () => ended);
  if (ready !== undefined) return { ...ready, started: true };
  const said = await place.serverLog.since(offset).catch(() => "");
  return { said: said.trim() === "" ? (ended ?? "it does not become ready") : said, wasKilled };
}

/** Waits while the server starts and recovers; undefined when it has ended. */
async function awaitReady(
  place: Place,
  pid: number,
  ended: () => string | undefined,
): Promise<PidFile | undefined> {
  const begin = performance.now();
  let told = begin;
  while (ended() === undefined && performance.now() - begin < recoveryMs) {
    const file = await readPidFile(place.clusterDir);
    if (file?.pid === pid && file.status === "ready") return file;
    if (performance.now() - begin > 1000 && !(await servesFolder(pid, place.clusterDir))) return undefined;
    if (performance.now() - told > 5000) {
      told = performance.now();
      place.log.info("waiting for the database to recover");
    }
    await pause(pollMs);
  }
  return undefined;
}

async function awaitGone(pid: number, clusterDir: string, patienceMs: number): Promise<boolean> {
  const deadline = performance.now() + patienceMs;
  while (await servesFolder(pid, clusterDir)) {
    if (performance.now() > deadline) return false;
    await pause(pollMs);
  }
  return true;
}

function failure({ dataDir, clusterDir }: Place, output: string): Error {
  if (/No space left on device/i.test(output)) return diskFull(dataDir);
  if (isStillThere(output)) {
    return new StartupError(
      `another PostgreSQL seems to use ${clusterDir} (${reasonIn(output)}): stop it, or set another DATA_DIR.`,
    );
  }
  return new Error(reasonIn(output));
}
