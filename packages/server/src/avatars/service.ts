import { join } from "node:path";
import { type AvatarSize, ParlorError } from "@parlor/protocol";
import type { Database } from "../db/database.js";
import { isDiskTrouble } from "../disk.js";
import type { Logger } from "../log.js";
import type { UsersService } from "../users/service.js";
import { createAvatarFiles } from "./files.js";
import { makeSizes, type Pictures } from "./picture.js";
import { stemsElsewhere, stemsOfUsers } from "./store.js";

/** Name of the folder under `DATA_DIR`. */
const FOLDER = "avatars";
const HOUR = 60 * 60 * 1000;
/** A sweep renews the mark of files in use when it is so old. */
const SEEN_EVERY = HOUR;
/** A file goes so long after nothing refers to it. Its mark may be two sweeps old by then. */
const UNUSED_FOR = 24 * HOUR + 2 * SEEN_EVERY;

/** What an upload brings: one picture for all sizes, pictures of sizes, or both. */
export interface AvatarUpload {
  readonly single: Buffer | null;
  readonly sizes: Partial<Pictures>;
}

/** A stored avatar: paths and bytes of its sizes. */
export interface UploadedAvatar {
  readonly paths: Record<AvatarSize, string>;
  readonly bytes: Record<AvatarSize, number>;
}

export type AvatarsService = ReturnType<typeof createAvatars>;

/** Avatars that people upload: decoded, made anew in four sizes, kept on the disk. */
export function createAvatars(parts: {
  database: Database;
  users: UsersService;
  dataDir: string;
  log: Logger;
}) {
  const { database, users, log } = parts;
  const { sql } = database;
  const files = createAvatarFiles(join(parts.dataDir, FOLDER));

  return {
    /** Makes the files of an upload; {@link use} gives them to the user. */
    async store(userId: string, upload: AvatarUpload): Promise<UploadedAvatar> {
      const made = await makeSizes(sourcesOf(upload));
      const names = await files.write(userId, made).catch((error: unknown) => {
        throw explainDisk(error, log);
      });
      return {
        paths: mapSizes((size) => `/${FOLDER}/${names[size]}`),
        bytes: mapSizes((size) => made[size].length),
      };
    },

    /** Makes a stored upload the user's avatar; their rooms are told. */
    async use(userId: string, avatar: UploadedAvatar): Promise<void> {
      await users.setAvatar(userId, avatar.paths);
    },

    /** Takes the user's avatar away; their rooms are told. The files go when nothing refers to them any more. */
    async remove(userId: string): Promise<void> {
      await users.setAvatar(userId, null);
    },

    /** The bytes of a file by its name; `null` when there is none. */
    read: (name: string) => files.read(name),

    /** Removes files that nothing refers to since 24 hours. Meant to run every hour; answers how many uploads went. */
    async sweep(now: number = Date.now()): Promise<number> {
      const old = await files.olderThan(now - SEEN_EVERY);
      if (old.length === 0) return 0;
      const used = await stemsOfUsers(sql);
      const due = old.filter(({ stem, seenAt }) => !used.has(stem) && seenAt < now - UNUSED_FOR);
      if (due.length > 0) {
        const elsewhere = await stemsElsewhere(
          sql,
          due.map(({ stem }) => stem),
        );
        for (const stem of elsewhere) used.add(stem);
      }
      for (const avatar of old) if (used.has(avatar.stem)) await files.markSeen(avatar, now);
      let removed = 0;
      for (const avatar of due) if (!used.has(avatar.stem) && (await files.remove(avatar))) removed++;
      if (removed > 0) log.debug({ removed }, "unused avatars removed");
      return removed;
    },
  };
}

function mapSizes<T>(of: (size: AvatarSize) => T): Record<AvatarSize, T> {
  return { thumbnail: of("thumbnail"), small: of("small"), medium: of("medium"), large: of("large") };
}

/** The picture that each size is made from: its own, else the one for all, else the largest that came. */
function sourcesOf({ single, sizes }: AvatarUpload): Pictures {
  const fallback = single ?? sizes.large ?? sizes.medium ?? sizes.small ?? sizes.thumbnail;
  if (!fallback) {
    throw new ParlorError(
      "invalid_request",
      "Send a picture in the field `file`, `avatar`, or one for each size.",
    );
  }
  return mapSizes((size) => sizes[size] ?? fallback);
}

function explainDisk(error: unknown, log: Logger): unknown {
  if (!isDiskTrouble(error)) return error;
  log.error({ err: error }, "an avatar could not be stored");
  return new ParlorError("unavailable", "The picture could not be stored. Try again later.", {
    cause: error,
  });
}
