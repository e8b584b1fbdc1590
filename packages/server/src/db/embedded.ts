import { mkdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Logger } from "../log.js";
import { errorCode, errorText } from "../startup-error.js";
import { isConnectionLost } from "./connection-lost.js";
import { chooseAccount } from "./embedded/account.js";
import { findBinaries } from "./embedded/binaries.js";
import { passwordOf, prepareCluster, tokenOf } from "./embedded/cluster.js";
import { explain } from "./embedded/failure.js";
import { alreadyRunning, lockInstance } from "./embedded/instance-lock.js";
import { readPidFile, servesFolder } from "./embedded/pid-file.js";
import {
  findPostmaster,
  type Place,
  type Postmaster,
  startPostmaster,
  stopPostmaster,
} from "./embedded/postmaster.js";
import { serverLog } from "./embedded/server-log.js";
import { embeddedUrl, openSession, type Session } from "./embedded/session.js";
import type { Address } from "./embedded/settings.js";

/** Where the embedded database lives, and what tests set differently. */
export interface EmbeddedOptions {
  readonly dataDir: string;
  readonly log: Logger;
  /** A folder with PostgreSQL's programs; those of the npm package by default. */
  readonly binDir?: string;
  /** The npm package's folder; the installed one by default. */
  readonly packageDir?: string;
}

/** A PostgreSQL of Parlor's own. */
export interface EmbeddedDatabase {
  /** For `connectDatabase`; psql takes it too. */
  readonly url: string;
  /** Whether it had been left running by a process that was killed. */
  readonly adopted: boolean;
  /** Whether the database was made by this start. */
  readonly created: boolean;
  /** Shuts the server down and waits for its end. */
  stop(): Promise<void>;
}

interface Running {
  readonly postmaster: Postmaster;
  readonly session: Session;
  readonly url: string;
}

const logCheckMs = 10 * 60 * 1000;
const cannotConnectNow = "57P03";
const busyCheckMs = 50;

/**
 * Starts PostgreSQL in `dataDir`, or adopts the one that a killed Parlor left running there, and keeps it
 * running until `stop`. All that can go wrong comes as a `StartupError`.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedDatabase> {
  try {
    await mkdir(options.dataDir, { recursive: true });
    const dataDir = await realpath(options.dataDir);
    const lock = await lockInstance(dataDir, options.log);
    try {
      const { place, created } = await preparePlace({ ...options, dataDir });
      const running = await ensureRunning(place);
      return keep(place, running, created, () => lock.release());
    } catch (error) {
      await lock.release();
      throw error;
    }
  } catch (error) {
    throw await explain(error, options.dataDir);
  }
}

/** The address of the database of a data folder, where it runs and is ready; whoever started it. */
export async function findEmbedded(dataDir: string): Promise<string | undefined> {
  const clusterDir = join(dataDir, "postgres");
  const file = await readPidFile(clusterDir);
  if (file?.status !== "ready" || !(await servesFolder(file.pid, clusterDir))) return undefined;
  return embeddedUrl(file, await passwordOf(clusterDir));
}

/** Whether a data folder holds a database. */
export async function holdsEmbedded(dataDir: string): Promise<boolean> {
  return await stat(join(dataDir, "postgres", "PG_VERSION")).then(
    () => true,
    (error: unknown) => {
      if (["ENOENT", "ENOTDIR"].includes(errorCode(error) ?? "")) return false;
      throw error;
    },
  );
}

async function preparePlace(options: EmbeddedOptions): Promise<{ place: Place; created: boolean }> {
  const { dataDir, log, binDir, packageDir } = options;
  const clusterDir = join(dataDir, "postgres");
  const account = await chooseAccount(clusterDir, dataDir);
  const binaries = await findBinaries({ account, dataDir, log, binDir, packageDir });
  const created = await prepareCluster(clusterDir, binaries, account, log);
  const place = { dataDir, clusterDir, account, binaries, log, serverLog: serverLog(dataDir) };
  await place.serverLog.bound();
  return { place, created };
}

/** Adopts the server that runs, or starts one; a server that can not be used is stopped first. */
async function ensureRunning(place: Place, address?: Address): Promise<Running> {
  const token = await tokenOf(place.clusterDir, place.account);
  const password = await passwordOf(place.clusterDir);
  const deadline = performance.now() + 60_000;
  for (;;) {
    const postmaster = (await findPostmaster(place)) ?? (await startPostmaster(place, address));
    const url = embeddedUrl(postmaster, password);
    const session = await openSession(url, { token, startedAt: postmaster.startedAt }).catch(
      async (error) => {
        // It recovers from the death of one of its processes, or ends: stopping it now would only cost time.
        if (errorCode(error) === cannotConnectNow && performance.now() < deadline) return "busy";
        // It was killed, or one of its processes, while it was asked.
        if (performance.now() < deadline && (await hasBroken(place, postmaster, error))) return "busy";
        if (!postmaster.started && performance.now() < deadline) return errorText(error);
        await stopPostmaster(place, postmaster);
        throw error;
      },
    );
    if (session === "locked") throw alreadyRunning(place.dataDir);
    if (session === "busy") {
      await pause(busyCheckMs);
      continue;
    }
    if (typeof session !== "string") return { postmaster, session, url };
    // Its folder says that it is ours, yet it can not be spoken to: its socket was removed, say.
    place.log.warn({ pid: postmaster.pid, reason: session }, "restarting the database that was left running");
    await stopPostmaster(place, postmaster);
  }
}

async function hasBroken(place: Place, { pid }: Postmaster, error: unknown): Promise<boolean> {
  if (!(await servesFolder(pid, place.clusterDir))) return true;
  return errorCode(error) !== "ECONNREFUSED" && isConnectionLost(error);
}

function keep(
  place: Place,
  first: Running,
  created: boolean,
  release: () => Promise<void>,
): EmbeddedDatabase {
  let running = first;
  let stopping = false;
  const watch = async () => {
    for (;;) {
      await running.session.broken;
      if (stopping) return;
      place.log.error("the connection to the embedded database broke; bringing it back");
      running = await revive(place, running, () => stopping);
      if (stopping) return;
      place.log.info({ pid: running.postmaster.pid }, "the embedded database is back");
    }
  };
  const watching = watch();
  const timer = setInterval(() => void place.serverLog.bound().catch(() => undefined), logCheckMs).unref();
  const stop = async () => {
    stopping = true;
    clearInterval(timer);
    await running.session.end().catch(() => undefined);
    await watching;
    await stopPostmaster(place, running.postmaster);
    await release();
  };
  let stopped: Promise<void> | undefined;
  return {
    url: first.url,
    adopted: !first.postmaster.started,
    created,
    stop: () => {
      stopped ??= stop();
      return stopped;
    },
  };
}

/** Tries until the server is back at its old address, so that the pools find it again by themselves. */
async function revive(place: Place, last: Running, stopping: () => boolean): Promise<Running> {
  for (let attempt = 1; !stopping(); attempt++) {
    await last.session.end().catch(() => undefined);
    try {
      return await ensureRunning(place, last.postmaster);
    } catch (error) {
      place.log.error({ reason: errorText(error), attempt }, "the embedded database does not come back yet");
      await pause(Math.min(5000, 200 * attempt));
    }
  }
  return last;
}
