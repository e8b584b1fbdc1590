import { createHash } from "node:crypto";
import { mkdir, opendir, readFile, rm, stat, utimes } from "node:fs/promises";
import { join } from "node:path";
import type { AvatarSize } from "@parlor/protocol";
import { syncFolder, unlessMissing, writeWhole } from "../disk.js";
import { createQueue } from "../queue.js";
import { type Pictures, SIZE_NAMES } from "./picture.js";

/** The only names that are served, so that no path can be asked for. */
const NAME = /^([0-9a-f]{32})-(thumbnail|small|medium|large)\.webp$/;
const TEMPORARY = /^\.[0-9a-f-]{36}\.tmp$/;

/** One upload on the disk: its files live and go together. */
export interface StoredAvatar {
  readonly stem: string;
  readonly names: readonly string[];
  /** Milliseconds at which it was last known to be in use. */
  readonly seenAt: number;
}

/** The part of the names that an upload's files share: the same user and picture give the same one again. */
export function stemOf(userId: string, pictures: Pictures): string {
  const hash = createHash("sha256").update(JSON.stringify(userId));
  for (const size of SIZE_NAMES) hash.update(`\n${pictures[size].length}\n`).update(pictures[size]);
  return hash.digest("hex").slice(0, 32);
}

/** Name of the file of a size. */
export function fileName(stem: string, size: AvatarSize): string {
  return `${stem}-${size}.webp`;
}

/** Whether a text is the name of an avatar's file. */
export function isFileName(text: string): boolean {
  return NAME.test(text);
}

/** Files of avatars in a folder. What is written there is whole and survives a crash; names never change content. */
export function createAvatarFiles(folder: string) {
  // A file that an upload finds and uses again must not be removed in the same moment.
  const exclusive = createQueue({ slots: 1, waiting: Number.POSITIVE_INFINITY });

  /** Marks a file as in use; `false` when it is not there in this length. */
  async function reuse(name: string, length: number): Promise<boolean> {
    return await exclusive.run(async () => {
      const path = join(folder, name);
      const known = await unlessMissing(stat(path));
      if (known?.size !== length) return false;
      await utimes(path, new Date(), new Date());
      return true;
    });
  }

  return {
    /** Keeps the sizes of an upload; durable when it resolves. Answers their names. */
    async write(userId: string, pictures: Pictures): Promise<Record<AvatarSize, string>> {
      const stem = stemOf(userId, pictures);
      await mkdir(folder, { recursive: true });
      let wrote = false;
      for (const size of SIZE_NAMES) {
        const name = fileName(stem, size);
        if (await reuse(name, pictures[size].length)) continue;
        await writeWhole(folder, name, pictures[size]);
        wrote = true;
      }
      if (wrote) await syncFolder(folder);
      const name = (size: AvatarSize) => fileName(stem, size);
      return {
        thumbnail: name("thumbnail"),
        small: name("small"),
        medium: name("medium"),
        large: name("large"),
      };
    },

    /** The bytes of a file; `null` when the name is none of ours, or not there. */
    async read(name: string): Promise<Buffer | null> {
      return isFileName(name) ? await unlessMissing(readFile(join(folder, name))) : null;
    },

    /** All uploads that were last seen in use before a moment; temporary files that old are removed. */
    async olderThan(moment: number): Promise<StoredAvatar[]> {
      const found = new Map<string, { stem: string; names: string[]; seenAt: number }>();
      const directory = await unlessMissing(opendir(folder));
      for await (const { name } of directory ?? []) {
        const stem = NAME.exec(name)?.[1];
        const isTemporary = TEMPORARY.test(name);
        if (stem === undefined && !isTemporary) continue;
        const seenAt = (await unlessMissing(stat(join(folder, name))))?.mtimeMs;
        if (seenAt === undefined) continue;
        if (stem === undefined) {
          if (seenAt < moment) await rm(join(folder, name), { force: true });
          continue;
        }
        const known = found.get(stem) ?? { stem, names: [], seenAt };
        known.names.push(name);
        known.seenAt = Math.max(known.seenAt, seenAt);
        found.set(stem, known);
      }
      return [...found.values()].filter((avatar) => avatar.seenAt < moment);
    },

    /** Marks an upload as seen in use at a moment. */
    async markSeen(avatar: StoredAvatar, moment: number): Promise<void> {
      const time = new Date(moment);
      for (const name of avatar.names) await unlessMissing(utimes(join(folder, name), time, time));
    },

    /** Removes an upload, unless it came into use again since it was listed; tells whether it is gone. */
    async remove(avatar: StoredAvatar): Promise<boolean> {
      return await exclusive.run(async () => {
        const paths = avatar.names.map((name) => join(folder, name));
        for (const path of paths) {
          const known = await unlessMissing(stat(path));
          if (known && known.mtimeMs > avatar.seenAt) return false;
        }
        for (const path of paths) await rm(path, { force: true });
        return true;
      });
    },
  };
}
