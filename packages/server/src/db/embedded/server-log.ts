import { copyFile, open, stat, truncate } from "node:fs/promises";
import { join } from "node:path";

const limitBytes = 1024 * 1024;

/** PostgreSQL's own log, `postgres.log` in the data folder: a file, since it must outlive Parlor's process. */
export interface ServerLog {
  readonly path: string;
  /** What was written after this byte. */
  since(offset: number): Promise<string>;
  size(): Promise<number>;
  /** Moves the text to `postgres.log.1` when there is more than 1 MB of it. */
  bound(): Promise<void>;
}

/** Names the log of a data folder. */
export function serverLog(dataDir: string): ServerLog {
  const path = join(dataDir, "postgres.log");
  const size = () =>
    stat(path).then(
      (file) => file.size,
      () => 0,
    );
  return {
    path,
    size,
    async since(offset) {
      const file = await open(path, "r");
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(64 * 1024), 0, 64 * 1024, offset);
        return buffer.toString("utf8", 0, bytesRead);
      } finally {
        await file.close();
      }
    },
    async bound() {
      if ((await size()) <= limitBytes) return;
      await copyFile(path, `${path}.1`);
      // The server appends, so it goes on at the new end.
      await truncate(path, 0);
    },
  };
}
