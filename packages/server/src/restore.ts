import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { verifyArchive } from "./backup/archive-reader.js";
import { readableBytes, runCommand, UsageError } from "./backup/command.js";
import { restoreBackup } from "./backup/load.js";
import { openTarget } from "./backup/place.js";
import { awaitDatabase } from "./db/database.js";
import { migrations } from "./db/migrations/index.js";

const usage = `npm run restore -- <backup> [--replace]
Restores a backup into an empty DATA_DIR or DATABASE_URL; --replace gives up what they hold. The server must not run.`;

await runCommand(usage, async (args, { config, log, connect, progress }) => {
  const replace = args.includes("--replace");
  const paths = args.filter((arg) => arg !== "--replace");
  const [given] = paths;
  if (given === undefined || paths.length > 1 || given.startsWith("-"))
    throw new UsageError(`use it so: ${usage.split("\n")[0]}`);
  const started = Date.now();
  let bytes = 0;
  const archive = await verifyArchive(resolve(process.env.INIT_CWD ?? ".", given), (count) => {
    bytes += count;
    progress(`checking: ${readableBytes(bytes)}`);
  });
  await mkdir(config.dataDir, { recursive: true });
  const database = connect(await openTarget(config, log));
  await awaitDatabase(database, log);
  let rows = 0;
  await restoreBackup({
    database,
    dataDir: config.dataDir,
    archive,
    migrations,
    replace,
    onProgress: (step, count) => {
      rows += count;
      progress(`${step}: ${rows} rows`);
    },
  });
  const { totals, manifest } = archive;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  return `Restored the backup of ${manifest.created_at}: ${totals.rows.messages ?? 0} messages (${rows} rows) and ${totals.files} files in ${seconds} s. Start Parlor now.`;
});
