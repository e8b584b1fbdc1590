import { mkdir } from "node:fs/promises";
import { createApp } from "./app.js";
import { type Config, readConfig } from "./config.js";
import { awaitDatabase, connectDatabase } from "./db/database.js";
import { explain } from "./db/embedded/failure.js";
import { startEmbedded } from "./db/embedded.js";
import { migrate } from "./db/migrate.js";
import { START_PATIENCE, throughTrouble } from "./db/patience.js";
import { createLog, type Logger } from "./log.js";
import { errorCode, errorText, StartupError } from "./startup-error.js";

/** A part of the running server that the end of the process has to close. */
interface Part {
  readonly name: string;
  close(): Promise<void>;
}

const shutdownLimitMs = 20_000;
/** Ctrl-C under npm comes twice, from the terminal and from npm: only a later one means "now". */
const echoMs = 1000;

/** The parts that run, in the order in which they were started; they are closed backwards. */
const parts: Part[] = [];
let log: Logger | undefined;
let ending: Promise<void> | undefined;
let endingSince = 0;

process.on("SIGTERM", onSignal);
process.on("SIGINT", onSignal);
process.on("SIGHUP", onSignal);
process.on("uncaughtException", onFault);
process.on("unhandledRejection", onFault);
process.on("beforeExit", onNothingLeft);

const starting = start().catch((error: unknown) => {
  if (ending !== undefined) return;
  const line = error instanceof StartupError ? error.message : `can not start: ${errorText(error)}`;
  if (!(error instanceof StartupError)) log?.debug({ err: error }, "start failed");
  void end(1, () => process.stderr.write(`parlor: ${line}\n`));
});

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const newLog = createLog(config.logLevel);
  log = newLog;
  for (const warning of config.warnings) newLog.warn(warning);
  // Uploads live here with either database.
  await mkdir(config.dataDir, { recursive: true }).catch(async (error: unknown) => {
    throw await explain(error, config.dataDir);
  });
  const url = config.databaseUrl ?? (await startOwnDatabase(config, newLog));
  await prepareDatabase(url, config.databaseUrl === undefined, newLog);
  if (ending !== undefined) return;
  const database = connectDatabase({ url }, newLog);
  parts.push({ name: "database connections", close: () => database.close() });
  if (ending !== undefined) return;
  const app = await createApp({ config, database, log: newLog });
  parts.push({ name: "app", close: () => app.close() });
  const { port } = await app.listen().catch((error: unknown) => {
    throw explainListen(error, config);
  });
  if (ending !== undefined) return;
  const address = config.publicUrl ?? `http://${browserHost(config.host)}:${port}`;
  newLog.info(
    { port, database: config.databaseUrl === undefined ? "embedded" : "external" },
    "parlor is ready",
  );
  process.stdout.write(`Parlor is ready: open ${address} in a browser.\n`);
}

/**
 * Waits for the database and brings its schema up to date, for as long as that takes. One of Parlor's own that dies
 * meanwhile is being started again; an address at which nobody has answered yet is given up sooner.
 */
async function prepareDatabase(url: string, isOwn: boolean, log: Logger): Promise<void> {
  const database = connectDatabase({ url, max: 1, patient: true }, log);
  try {
    await awaitDatabase(database, log, isOwn ? START_PATIENCE : undefined);
    await throughTrouble(log, () => migrate(database, log));
  } finally {
    await database.close();
  }
}

async function startOwnDatabase(config: Config, log: Logger): Promise<string> {
  const embedded = await startEmbedded({ dataDir: config.dataDir, log });
  parts.push({ name: "embedded database", close: () => embedded.stop() });
  log.info({ adopted: embedded.adopted, folder: config.dataDir }, "embedded database started");
  return embedded.url;
}

/** The first signal drains and closes; a second one means "now". */
function onSignal(signal: NodeJS.Signals): void {
  if (ending !== undefined) {
    if (performance.now() - endingSince > echoMs) process.exit(1);
    return;
  }
  log?.info({ signal }, "stopping");
  void end(0);
}

function onFault(error: unknown): void {
  log?.fatal({ err: error }, "unexpected failure");
  if (log === undefined) process.stderr.write(`parlor: ${errorText(error)}\n`);
  void end(1);
}

/** Nothing can go on any more, and nobody has ended it: a start whose answer was lost must not look like a success. */
function onNothingLeft(): void {
  void end(1, () =>
    process.stderr.write("parlor: can not start: the database went away in the middle of it.\n"),
  );
}

/** Closes what runs, newest first, and ends the process; at the latest when the time is up. */
async function end(code: number, lastWord?: () => void): Promise<void> {
  if (ending !== undefined) return ending;
  endingSince = performance.now();
  setTimeout(() => {
    log?.error("closing takes too long");
    process.exit(1);
  }, shutdownLimitMs).unref();
  ending = closeParts();
  await ending;
  // A signal may come in the middle of the start: what that still brought up is closed as well.
  if (code === 0) await starting.then(closeParts);
  lastWord?.();
  process.exit(code);
}

async function closeParts(): Promise<void> {
  for (let part = parts.pop(); part !== undefined; part = parts.pop()) {
    await part.close().catch((error: unknown) => {
      log?.error({ err: error, part: part?.name }, "could not close");
    });
  }
}

function explainListen(error: unknown, { host, port }: Config): unknown {
  switch (errorCode(error)) {
    case "EADDRINUSE":
      return new StartupError(
        `port ${port} is taken by another program: stop it, or set another PORT (PORT=${port + 1} npm start).`,
      );
    case "EACCES":
      return new StartupError(`port ${port} needs more rights: set a PORT above 1023.`);
    case "EADDRNOTAVAIL":
    case "ENOTFOUND":
      return new StartupError(
        `HOST ${host} is not an address of this machine: set HOST to 0.0.0.0 or one that is.`,
      );
    default:
      return error;
  }
}

/** A browser can not open "all addresses": it opens this machine. */
function browserHost(host: string): string {
  if (host === "0.0.0.0" || host === "::") return "localhost";
  return host.includes(":") ? `[${host}]` : host;
}
