import { type Config, readConfig } from "../config.js";
import { connectDatabase, type Database } from "../db/database.js";
import { isDatabaseTrouble } from "../db/trouble.js";
import { createLog, type Logger } from "../log.js";
import { errorCode, errorText, StartupError } from "../startup-error.js";
import type { Place } from "./place.js";

/** What a command works with. */
export interface CommandTools {
  readonly config: Config;
  readonly log: Logger;
  /** Connects to a place; the command's end closes both. */
  connect(place: Place): Database;
  /** Shows on a terminal how far it is. */
  progress(line: string): void;
}

const EXIT = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
const progressEveryMs = 100;

/** Runs a command to its end and ends the process: 0 done, 1 failed, 2 misused, 129 to 143 interrupted. */
export async function runCommand(
  usage: string,
  work: (args: readonly string[], tools: CommandTools) => Promise<string>,
): Promise<never> {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(`${usage}\n`);
    process.exit(0);
  }
  let interrupted: keyof typeof EXIT | undefined;
  const opened: { database: Database; place: Place }[] = [];
  for (const signal of Object.keys(EXIT) as (keyof typeof EXIT)[]) {
    process.on(signal, () => {
      if (interrupted !== undefined && signal !== "SIGINT") process.exit(EXIT[signal]);
      interrupted ??= signal;
      // Whatever is under way fails, and cleans up behind itself.
      for (const { database } of opened) void database.close(0);
    });
  }
  const close = async () => {
    for (const { database, place } of opened.splice(0)) {
      await database.close().catch(() => undefined);
      await place.close();
    }
  };
  const progress = createProgress();
  try {
    const config = readConfig(process.env);
    const log = createLog(process.env.LOG_LEVEL ? config.logLevel : "warn");
    const connect = (place: Place) => {
      const database = connectDatabase({ url: place.url, max: 1, name: "parlor backup", patient: true }, log);
      opened.push({ database, place });
      return database;
    };
    const done = await work(args, { config, log, connect, progress: progress.show });
    await close();
    progress.clear();
    process.stdout.write(`${done}\n`);
    process.exit(0);
  } catch (error) {
    progress.clear();
    await close().catch(() => undefined);
    if (interrupted !== undefined) {
      process.stderr.write("parlor: interrupted; nothing was changed.\n");
      process.exit(EXIT[interrupted]);
    }
    process.stderr.write(`parlor: ${explain(error)}\n`);
    process.exit(error instanceof UsageError ? 2 : 1);
  }
}

/** The command was called in a way that it does not know. */
export class UsageError extends StartupError {}

function explain(error: unknown): string {
  if (error instanceof StartupError) return error.message;
  const text = errorText(error);
  const code = errorCode(error) ?? "";
  if (code === "ENOSPC" || code === "EDQUOT")
    return `the disk is full (${text}): free some space. Nothing was changed.`;
  if (code === "53100")
    return `the database's disk is full (${text}): free some space there. Nothing was changed.`;
  if (code === "42501")
    return `the database's user may not do this (${text}): let it create the schema parlor.`;
  if (["EACCES", "EPERM", "EROFS"].includes(code))
    return `no permission (${text}): run it as the user of the server.`;
  if (isDatabaseTrouble(error)) return `the database went away (${text}): try again. Nothing was changed.`;
  return `it failed (${text}). Nothing was changed.`;
}

function createProgress() {
  const isTerminal = process.stderr.isTTY === true;
  let last = 0;
  let shown = false;
  return {
    show(line: string): void {
      if (!isTerminal || Date.now() - last < progressEveryMs) return;
      last = Date.now();
      shown = true;
      process.stderr.write(`\r\x1b[K${line}`);
    },
    clear(): void {
      if (shown) process.stderr.write("\r\x1b[K");
      shown = false;
    },
  };
}

/** A number of bytes for a person. */
export function readableBytes(count: number): string {
  if (count < 1000) return `${count} B`;
  const units = ["kB", "MB", "GB", "TB"];
  let value = count / 1000;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}
