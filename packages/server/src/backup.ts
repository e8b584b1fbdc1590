import { mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { alreadyThere } from "./backup/archive-writer.js";
import { readableBytes, runCommand, UsageError } from "./backup/command.js";
import { FileGone, writeBackup } from "./backup/dump.js";
import { openSource } from "./backup/place.js";
import { awaitDatabase } from "./db/database.js";

const usage = `npm run backup -- [file or folder]
Writes the database and the uploaded files to one file; DATA_DIR/backups by default. The server may run meanwhile.`;

await runCommand(usage, async (args, { config, log, connect, progress }) => {
  if (args.length > 1 || args[0]?.startsWith("-")) throw new UsageError(`use it so: ${usage.split("\n")[0]}`);
  const started = Date.now();
  const path = await choosePath(args[0], config.dataDir);
  const database = connect(await openSource(config, log));
  await awaitDatabase(database, log);
  const write = () =>
    writeBackup({
      database,
      dataDir: config.dataDir,
      path,
      onProgress: (step, { rows, fileBytes }) =>
        progress(`${step}: ${rows} rows, ${readableBytes(fileBytes)} of files`),
    });
  const { totals, size } = await again(write);
  const rows = Object.values(totals.rows).reduce((sum, count) => sum + count, 0);
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  return `Backup of ${totals.rows.messages ?? 0} messages (${rows} rows) and ${totals.files} files in ${path} (${readableBytes(size)}, ${seconds} s).`;
});

/** A folder gets a file with the time in its name; npm runs elsewhere than where the person stands. */
async function choosePath(given: string | undefined, dataDir: string): Promise<string> {
  const fileName = `parlor-${new Date().toISOString().slice(0, 19).replaceAll(":", "-")}.tar.gz`;
  const target = given === undefined ? join(dataDir, "backups") : resolve(process.env.INIT_CWD ?? ".", given);
  const known = await stat(target).catch(() => undefined);
  const isFolder = given === undefined || given.endsWith("/") || given.endsWith(sep) || known?.isDirectory();
  if (!isFolder && known !== undefined) throw alreadyThere(target);
  const path = isFolder ? join(target, fileName) : target;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  return path;
}

/** A file that was deleted meanwhile is not in the next snapshot any more. */
async function again<T>(write: () => Promise<T>): Promise<T> {
  for (let left = 4; ; left--) {
    try {
      return await write();
    } catch (error) {
      if (!(error instanceof FileGone) || left === 0) throw error;
    }
  }
}
