import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { describe, inject } from "vitest";
import { connectionOf, withDatabase } from "../../src/db/connection-url.js";
import { connectDatabase } from "../../src/db/database.js";
import { migrate } from "../../src/db/migrate.js";
import { createLog } from "../../src/log.js";

/** A database of a test file's own. */
export interface TestDatabase {
  /** For `connectDatabase`, for DATABASE_URL of a spawned server, and for psql. */
  readonly url: string;
  /** Ends its connections and takes no new ones, as a server that is away; or takes them again. */
  setAway(away: boolean): Promise<void>;
  /** Removes it, with whatever is still connected to it. */
  drop(): Promise<void>;
}

/** Why the project's database is not there; empty where it is. */
export function databaseMissing(): string {
  return inject("databaseMissing");
}

/** `describe` for what needs the project's database: skipped, with the reason in its name, where there is none. */
export function describeWithDatabase(name: string, body: () => void): void {
  const missing = databaseMissing();
  describe.skipIf(missing !== "")(missing === "" ? name : `${name} (skipped: ${missing})`, body);
}

/** Makes a fresh database in the project's cluster, with Parlor's schema in it unless told otherwise. */
export async function createTestDatabase({ migrated = true } = {}): Promise<TestDatabase> {
  const missing = databaseMissing();
  if (missing !== "") throw new Error(missing);
  const adminUrl = inject("databaseUrl");
  const name = `parlor_test_${randomBytes(6).toString("hex")}`;
  await administer(adminUrl, `create database ${name} template template0 encoding 'UTF8'`);
  const url = withDatabase(adminUrl, name);
  if (migrated) {
    const log = createLog("error", false);
    const database = connectDatabase({ url, max: 1 }, log);
    await migrate(database, log).finally(() => database.close());
  }
  return {
    url,
    async setAway(away) {
      await administer(adminUrl, `alter database ${name} with allow_connections ${!away}`);
      const others = `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${name}'`;
      if (away) await administer(adminUrl, others);
    },
    drop: () => administer(adminUrl, `drop database if exists ${name} with (force)`),
  };
}

async function administer(url: string, statement: string): Promise<void> {
  const address = connectionOf(url);
  const sql = postgres(address.url, { ...address.options, max: 1, fetch_types: false });
  await sql.unsafe(statement).finally(() => sql.end({ timeout: 1 }));
}
