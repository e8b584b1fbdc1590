import { randomBytes } from "node:crypto";
import postgres from "postgres";
import { connectionOf, withDatabase } from "../../src/db/connection-url.js";
import { type EmbeddedDatabase, startEmbedded } from "../../src/db/embedded.js";
import { createLog } from "../../src/log.js";
import { newestInstalled } from "./database-setup.js";
import { temporaryFolder } from "./process.js";

/** The programs of the machine's own PostgreSQL; undefined where there is none. */
export const debianPrograms = newestInstalled();

/** A PostgreSQL of the machine's own version, beside the embedded one. */
export interface Debian {
  /** Makes a database; answers its address. */
  create(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts it in a folder of its own. */
export async function startDebian(): Promise<Debian> {
  if (debianPrograms === undefined) throw new Error("no PostgreSQL is installed");
  const log = createLog("silent", false);
  const database: EmbeddedDatabase = await startEmbedded({
    dataDir: temporaryFolder(),
    log,
    binDir: debianPrograms,
  });
  return {
    async create() {
      const name = `db_${randomBytes(4).toString("hex")}`;
      await queryAt(database.url, `create database ${name} template template0 encoding 'UTF8'`);
      return withDatabase(database.url, name);
    },
    stop: () => database.stop(),
  };
}

/** Runs one statement in a database. */
export async function queryAt(url: string, statement: string): Promise<postgres.RowList<postgres.Row[]>> {
  const address = connectionOf(url);
  const sql = postgres(address.url, { ...address.options, max: 1, fetch_types: false });
  return await sql.unsafe(statement).finally(() => sql.end({ timeout: 1 }));
}
