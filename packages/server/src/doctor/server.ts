import { access, constants, statfs } from "node:fs/promises";
import { createServer } from "node:net";
import type { Config } from "../config.js";
import { connectDatabase } from "../db/database.js";
import type { Logger } from "../log.js";
import { type Finding, lookAt } from "./finding.js";

/** Free space below which uploads are refused, and below which a person should look. */
const LEAST = 512 * 1024 * 1024;
const LITTLE = 2 * 1024 * 1024 * 1024;
const PATIENCE = 5_000;

interface HealthAnswer {
  readonly status?: string;
  readonly reason?: string;
  readonly services?: { readonly database?: string };
}

/** Looks at what is on this machine: the port, the database and the disk. */
export async function lookAtServer(config: Config, log: Logger): Promise<Finding[]> {
  const health = await fetchHealth(`http://127.0.0.1:${config.port}`).catch(() => null);
  return [
    await lookAtPort(config.port, health),
    await lookAtDatabase(config, health, log),
    await lookAtDisk(config.dataDir),
  ];
}

/** What `/health` says under an address; throws when nothing answers there. */
export async function fetchHealth(base: string): Promise<{ answer: HealthAnswer; date: string | null }> {
  const response = await fetch(`${base}/health`, {
    signal: AbortSignal.timeout(PATIENCE),
    redirect: "manual",
  });
  const answer = (await response.json().catch(() => ({}))) as HealthAnswer;
  if (typeof answer.status !== "string")
    throw new Error(`something answers with ${response.status}, but it is not Parlor`);
  return { answer, date: response.headers.get("date") };
}

async function lookAtPort(port: number, health: object | null): Promise<Finding> {
  const cure = `End what listens on ${port}, or set PORT to another one.`;
  return await lookAt(`port ${port}`, cure, async () => {
    if (health) return { state: "well", says: "Parlor answers" };
    await new Promise<void>((resolve, reject) => {
      const server = createServer();
      server.once("error", reject);
      server.listen(port, () => server.close(() => resolve()));
    });
    return { state: "open", says: "free; Parlor does not run here at the moment", cure: "npm start" };
  });
}

async function lookAtDatabase(
  { databaseUrl }: Config,
  health: { answer: HealthAnswer } | null,
  log: Logger,
): Promise<Finding> {
  const cure = 'docs/SELF-HOSTING.md, "When the database is in trouble", names the cure of each.';
  return await lookAt("database", cure, async () => {
    if (health) {
      const { reason, services } = health.answer;
      if (!reason) return { state: "well", says: "Parlor reads and writes" };
      return { state: "ill", says: `${services?.database ?? "in trouble"}: ${reason}`, cure };
    }
    if (databaseUrl === undefined)
      return { state: "open", says: "the embedded one; it runs while Parlor does" };
    const database = connectDatabase({ url: databaseUrl, max: 1 }, log);
    const trouble = await database.check().finally(() => database.close(0));
    return trouble
      ? { state: "ill", says: `${trouble.kind}: ${trouble.reason}`, cure }
      : { state: "well", says: "answers" };
  });
}

async function lookAtDisk(dataDir: string): Promise<Finding> {
  const cure = "Make the folder of DATA_DIR, and let the user of Parlor write there.";
  return await lookAt(`disk ${dataDir}`, cure, async () => {
    const found = await statfs(dataDir).catch(() => null);
    if (!found) return { state: "open", says: "not there yet; the first start makes it" };
    await access(dataDir, constants.W_OK);
    const free = found.bavail * found.bsize;
    const says = `${(free / 1024 ** 3).toFixed(1)} GB free`;
    if (free > LITTLE) return { state: "well", says };
    return {
      state: free > LEAST ? "doubtful" : "ill",
      says,
      cure: "Make room: with less than 0.5 GB no files are taken any more.",
    };
  });
}
