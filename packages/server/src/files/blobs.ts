import { copyFile, type FileHandle, mkdir, open, opendir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { syncFolder, unlessMissing, writeWhole } from "../disk.js";
import { errorCode } from "../startup-error.js";
import { HEAD_BYTES } from "./detect.js";

/** A file on the disk that is open for reading. */
export interface OpenBlob {
  readonly handle: FileHandle;
  readonly size: number;
}

/**
 * The bytes of files below a folder, and of unfinished uploads below another of the same disk: what is in the first
 * never changes. Ids are hex digits, so no name leads out of either.
 */
export function createBlobs({ folder, incoming }: { folder: string; incoming: string }) {
  const shardOf = (id: string) => join(folder, id.slice(0, 2));
  const nameOf = (id: string, width: number | null) => (width === null ? id : `${id}-${width}.webp`);

  return {
    /** Writes the next bytes of an upload, durable when it resolves. `false`: what came before them is not there. */
    async append(id: string, at: number, bytes: Buffer): Promise<boolean> {
      await mkdir(incoming, { recursive: true });
      const path = join(incoming, id);
      const file = at === 0 ? await open(path, "w", 0o644) : await unlessMissing(open(path, "r+"));
      if (!file) return false;
      try {
        if ((await file.stat()).size < at) return false;
        for (let done = 0; done < bytes.length; ) {
          const { bytesWritten } = await file.write(bytes, done, bytes.length - done, at + done);
          done += bytesWritten;
        }
        await file.datasync();
      } finally {
        await file.close();
      }
      if (at === 0) await syncFolder(incoming);
      return true;
    },

    /** The first bytes of a complete upload, and whether they are in the file's place already; `null`: nowhere. */
    async head(id: string): Promise<{ bytes: Buffer; isIn: boolean } | null> {
      const coming = await unlessMissing(open(join(incoming, id), "r"));
      const file = coming ?? (await unlessMissing(open(join(shardOf(id), id), "r")));
      if (!file) return null;
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
        return { bytes: buffer.subarray(0, bytesRead), isIn: coming === null };
      } finally {
        await file.close();
      }
    },

    /** All bytes of an upload, for one that was found small enough. */
    async whole(id: string): Promise<Buffer> {
      const file = await open(join(incoming, id), "r");
      return await file.readFile().finally(() => file.close());
    },

    /** Takes a file of this machine in place of an upload that is complete. */
    async takeIn(id: string, path: string): Promise<void> {
      await mkdir(incoming, { recursive: true });
      const file = await open(path, "r+");
      await file.sync().finally(() => file.close());
      try {
        await rename(path, join(incoming, id));
      } catch (error) {
        // It lies on another disk.
        if (errorCode(error) !== "EXDEV") throw error;
        await copyFile(path, join(incoming, id));
        const copy = await open(join(incoming, id), "r+");
        await copy.sync().finally(() => copy.close());
      }
    },

    /** Makes the upload's bytes the file's, whole and durable. */
    async moveIn(id: string): Promise<void> {
      await mkdir(shardOf(id), { recursive: true });
      await rename(join(incoming, id), join(shardOf(id), id));
      await syncFolder(shardOf(id));
      await syncFolder(folder);
    },

    /** Writes a file, or the preview of one, whole and durable; {@link sync} makes its name so. */
    async write(id: string, width: number | null, bytes: Buffer): Promise<void> {
      await mkdir(shardOf(id), { recursive: true });
      await writeWhole(shardOf(id), nameOf(id, width), bytes);
    },

    /** Makes the names of a file and its previews durable. */
    async sync(id: string): Promise<void> {
      await syncFolder(shardOf(id));
      await syncFolder(folder);
    },

    /** Opens a file or one of its previews; whoever gets it closes it. */
    async open(id: string, width: number | null): Promise<OpenBlob | null> {
      const handle = await unlessMissing(open(join(shardOf(id), nameOf(id, width)), "r"));
      return handle && { handle, size: (await handle.stat()).size };
    },

    /** Forgets the bytes that came in. */
    async dropIncoming(id: string): Promise<void> {
      await rm(join(incoming, id), { force: true });
    },

    /** Removes all of a file; what is not there is no error. */
    async remove(id: string, previews: readonly number[]): Promise<void> {
      await rm(join(incoming, id), { force: true });
      for (const width of previews) await rm(join(shardOf(id), nameOf(id, width)), { force: true });
      await rm(join(shardOf(id), id), { force: true });
    },

    /** Removes what a crash left of writes that nobody knows, older than a moment. */
    async sweepIncoming(moment: number, isKnown: (id: string) => Promise<boolean>): Promise<void> {
      const directory = await unlessMissing(opendir(incoming));
      for await (const { name } of directory ?? []) {
        const path = join(incoming, name);
        const seen = await unlessMissing(stat(path));
        if (seen && seen.mtimeMs < moment && !(await isKnown(name))) await rm(path, { force: true });
      }
    },
  };
}
