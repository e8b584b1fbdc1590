import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { startEmbedded } from "../../src/db/embedded.js";
import { createLog } from "../../src/log.js";

declare module "vitest" {
  /** What this set-up hands to the tests of its project, through `inject`. */
  interface ProvidedContext {
    /** The cluster's administrator; empty where there is none. */
    databaseUrl: string;
    /** Why there is none; empty where there is one. */
    databaseMissing: string;
  }
}

/** Starts one PostgreSQL for the project and gives its address to the tests; answers how to end it. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const kind = project.config.env.PARLOR_TEST_DATABASE === "postgres" ? "postgres" : "embedded";
  const given = process.env.TEST_DATABASE_URL;
  if (kind === "postgres" && given !== undefined && given !== "") return provide(project, given);
  const binDir = kind === "postgres" ? newestInstalled() : undefined;
  if (kind === "postgres" && binDir === undefined) {
    const reason = "no PostgreSQL: set TEST_DATABASE_URL, or install Debian's postgresql";
    if (process.env.PARLOR_REQUIRE_ALL === "1") throw new Error(`${project.name}: ${reason}`);
    project.provide("databaseMissing", reason);
    project.provide("databaseUrl", "");
    return undefined;
  }
  const dataDir = mkdtempSync(join(tmpdir(), "parlor-test-"));
  // PostgreSQL 15 has to come to its folder from above, and for root it runs as somebody else.
  chmodSync(dataDir, 0o755);
  const log = createLog("error", false);
  const database = await startEmbedded({ dataDir, log, ...(binDir !== undefined && { binDir }) });
  provide(project, database.url);
  return async () => {
    await database.stop();
    rmSync(dataDir, { recursive: true, force: true });
  };
}

function provide(project: TestProject, url: string): undefined {
  project.provide("databaseMissing", "");
  project.provide("databaseUrl", url);
}

/** The newest PostgreSQL that Debian's packages have put on this machine. */
export function newestInstalled(): string | undefined {
  const root = "/usr/lib/postgresql";
  if (!existsSync(root)) return undefined;
  const versions = readdirSync(root).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => join(root, version, "bin")).find((bin) => existsSync(join(bin, "initdb")));
}
