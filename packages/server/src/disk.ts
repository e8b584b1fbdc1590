import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "./startup-error.js";

/** What a full, broken or read-only disk says. */
const TROUBLE = new Set(["ENOSPC", "EDQUOT", "EROFS", "EACCES", "EPERM", "EIO", "EMFILE", "ENFILE"]);
/** Those of them that mean that there is no room. */
const FULL = new Set(["ENOSPC", "EDQUOT"]);

/** Whether an error is the disk's, so that the same request can succeed later. */
export function isDiskTrouble(error: unknown): boolean {
  return TROUBLE.has(errorCode(error) ?? "");
}

/** Whether an error says that the disk has no room left. */
export function isDiskFull(error: unknown): boolean {
  return FULL.has(errorCode(error) ?? "");
}

/** The result, or `null` where a file is not there. */
export async function unlessMissing<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return null;
    throw error;
  }
}

/** Writes beside and renames, so that nobody reads half a file, not even after a crash. */
export async function writeWhole(folder: string, name: string, bytes: Buffer): Promise<void> {
  const temporary = join(folder, `.${randomUUID()}.tmp`);
  try {
    const file = await open(temporary, "wx", 0o644);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, join(folder, name));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** Makes the names in a folder durable. */
export async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and keeps renames by itself.
  if (process.platform === "win32") return;
  const handle = await open(folder, "r");
  await handle.sync().finally(() => handle.close());
}
