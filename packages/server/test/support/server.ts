import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { createApp } from "../../src/app.js";
import { type Config, readConfig } from "../../src/config.js";
import { connectDatabase } from "../../src/db/database.js";
import { createLog, type Logger } from "../../src/log.js";
import { createTestDatabase, type TestDatabase } from "./database.js";

/** A whole server on a port of its own, over a database of its own. */
export interface TestServer {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** `ws://127.0.0.1:<port>`. */
  readonly wsUrl: string;
  readonly port: number;
  /** Where its metrics are, when they were asked for. */
  readonly metricsPort: number | undefined;
  readonly databaseUrl: string;
  readonly dataDir: string;
  /** Stops the server, and starts another over the same database, on the same port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

/** A log that keeps its lines. */
export interface KeptLog {
  readonly log: Logger;
  /** The text of each entry. */
  messages(): string[];
  /** All that was written, as JSON lines. */
  all(): string;
}

/** Makes a log that keeps its lines. */
export function keepLog(level = "info"): KeptLog {
  const lines: string[] = [];
  const log = pino({ level }, { write: (line: string) => void lines.push(line) });
  return {
    log,
    messages: () => lines.map((line) => String((JSON.parse(line) as { msg?: unknown }).msg)),
    all: () => lines.join(""),
  };
}

/** Starts the real server in this process. Quotas are off unless a test asks for them. */
export async function startTestServer(
  overrides: Partial<Config> = {},
  options: { log?: Logger; database?: TestDatabase } = {},
): Promise<TestServer> {
  const owned = options.database ?? (await createTestDatabase());
  const dataDir = overrides.dataDir ?? (await mkdtemp(join(tmpdir(), "parlor-test-")));
  const log = options.log ?? createLog("fatal", false);
  const recording = { ...readConfig({}).recording, folder: join(dataDir, "recordings") };
  const config = {
    ...readConfig({}),
    recording,
    port: 0,
    host: "127.0.0.1",
    rateLimit: false,
    dataDir,
    ...overrides,
  };
  const start = async (port: number) => {
    const database = connectDatabase({ url: owned.url, max: 5 }, log);
    const app = await createApp({ config: { ...config, port }, database, log });
    const listening = await app.listen();
    const close = async () => {
      await app.close();
      await database.close();
    };
    return { port: listening.port, metricsPort: listening.metricsPort, close };
  };
  let running = await start(config.port);
  const { port } = running;
  return {
    url: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    port,
    metricsPort: running.metricsPort,
    databaseUrl: owned.url,
    dataDir,
    async restart() {
      await running.close();
      running = await start(port);
    },
    async close() {
      await running.close();
      if (!options.database) await owned.drop();
      if (overrides.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
    },
  };
}
