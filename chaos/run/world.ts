import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "@parlor/client";
import { createFakeClock, type FakeClock } from "../processes/clock.js";
import type { ChaosDatabase } from "../processes/database.js";
import { findEmbedded } from "../processes/embedded.js";
import { installedPostgres, startInstalled } from "../processes/installed.js";
import { ServerProcess } from "../processes/server.js";

/** The databases that a run can use. */
export type DatabaseKind = "embedded" | "postgres";

const START_PATIENCE = 90_000;

/** The processes of one run: a server, its database, its clock. */
export interface World {
  readonly server: ServerProcess;
  readonly database: ChaosDatabase;
  readonly clock: FakeClock | null;
  /** The server's own address, past every proxy; throws while it is away. */
  url(): string;
  /** Waits until the server answers that it is healthy. */
  healthy(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts the processes of a run in a temporary folder of its own. */
export async function startWorld(options: {
  readonly database: DatabaseKind;
  readonly main: string;
  readonly onPort: (port: number | null) => void;
  readonly onCrash: (how: string, wasReady: boolean) => void;
}): Promise<World> {
  const folder = mkdtempSync(join(tmpdir(), "parlor-chaos-"));
  chmodSync(folder, 0o755);
  const dataDir = join(folder, "data");
  const clock = createFakeClock(folder);
  const binDir = options.database === "postgres" ? installedPostgres() : "";
  if (binDir === null)
    throw new Error("no PostgreSQL is installed: install Debian's postgresql, or run embedded");
  const database = binDir === "" ? findEmbedded(dataDir) : await startInstalled(binDir, folder);
  let port: number | null = null;
  const server = new ServerProcess({
    main: options.main,
    env: { DATA_DIR: dataDir, RATE_LIMIT: "off", LOG_LEVEL: "warn", ...database.env, ...clock?.env },
    onPort(next) {
      port = next;
      options.onPort(next);
    },
    onCrash: options.onCrash,
  });

  function url(): string {
    if (port === null) throw new Error("the server is away");
    return `http://127.0.0.1:${port}`;
  }

  async function healthy(): Promise<void> {
    const deadline = Date.now() + START_PATIENCE;
    while (Date.now() < deadline) {
      const isHealthy =
        port !== null &&
        (await createApi({ url: url() })
          .call("health")
          .catch(() => null));
      if (isHealthy) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error(`the server does not become healthy:\n${server.output.slice(-20).join("\n")}`);
  }

  /** Nothing outlives the harness, however it ends. */
  const endAll = () => {
    server.abandon();
    database.kill(Number.POSITIVE_INFINITY);
  };
  process.once("exit", endAll);

  async function stop(): Promise<void> {
    process.off("exit", endAll);
    await server.stop();
    await database.stop();
    rmSync(folder, { recursive: true, force: true });
  }

  server.start();
  try {
    await healthy();
  } catch (error) {
    await stop();
    throw error;
  }
  return { server, database, clock, url, healthy, stop };
}
