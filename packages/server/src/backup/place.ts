import { setTimeout as pause } from "node:timers/promises";
import type { Config } from "../config.js";
import { AlreadyRunning } from "../db/embedded/instance-lock.js";
import { findEmbedded, holdsEmbedded, startEmbedded } from "../db/embedded.js";
import type { Logger } from "../log.js";
import { StartupError } from "../startup-error.js";

/** The database that a command works with, for as long as it does. */
export interface Place {
  readonly url: string;
  /** Stops what the command has started. */
  close(): Promise<void>;
}

/** While a server starts or stops, its database can be neither reached nor started. */
const BETWEEN_MS = 30_000;

/** The database to back up: DATABASE_URL, the one that a running Parlor uses, or that of DATA_DIR started for the time. */
export async function openSource(config: Config, log: Logger): Promise<Place> {
  const { databaseUrl, dataDir } = config;
  if (databaseUrl !== undefined) return { url: databaseUrl, close: async () => undefined };
  if (!(await holdsEmbedded(dataDir))) {
    throw new StartupError(
      `there is no database in ${dataDir}: set DATA_DIR or DATABASE_URL as for the server.`,
    );
  }
  const deadline = Date.now() + BETWEEN_MS;
  for (;;) {
    const url = await findEmbedded(dataDir);
    if (url !== undefined) return { url, close: async () => undefined };
    try {
      return await startOwn(dataDir, log);
    } catch (error) {
      if (!(error instanceof AlreadyRunning) || Date.now() > deadline) throw error;
      await pause(100);
    }
  }
}

/** The database to restore into: DATABASE_URL, or that of DATA_DIR, made if there is none. No Parlor may use it. */
export async function openTarget(config: Config, log: Logger): Promise<Place> {
  if (config.databaseUrl !== undefined) return { url: config.databaseUrl, close: async () => undefined };
  return await startOwn(config.dataDir, log);
}

async function startOwn(dataDir: string, log: Logger): Promise<Place> {
  const embedded = await startEmbedded({ dataDir, log });
  return { url: embedded.url, close: () => embedded.stop() };
}
