import { randomBytes } from "node:crypto";
import { statfs } from "node:fs/promises";
import { join } from "node:path";
import { LIMITS, type Limits, ParlorError, type Upload, type UploadCreate } from "@parlor/protocol";
import type { Database } from "../db/database.js";
import { isDiskFull, isDiskTrouble } from "../disk.js";
import { createKeyedLock } from "../keyed-lock.js";
import type { Logger } from "../log.js";
import type { RoomsService } from "../rooms/service.js";
import type { SessionsService } from "../sessions/service.js";
import { type Caller, hasPresented } from "../users/caller.js";
import { cleanName, toAttachment, toStored } from "./attachment.js";
import { createBlobs, type OpenBlob } from "./blobs.js";
import { finishUpload } from "./finish.js";
import { expiryOf, type FileKeyClaims, readKey, signKey } from "./key.js";
import type { FileRow } from "./store.js";
import * as store from "./store.js";

/** Names of the folders under `DATA_DIR`: of files, and of what is not finished. */
const FOLDER = "files";
const INCOMING = "uploads";
const HOUR = 60 * 60 * 1000;
/** Room that uploads leave on the disk: the database writes there too. */
const SPARE_BYTES = 512 * 1024 * 1024;
/** Milliseconds for which the sum of all files is believed; what came since is added. */
const SUM_FOR = 10_000;
/** Files that one sweep removes at most; the next goes on. */
const SWEPT = 1_000;

/** What the operator allows. */
export interface FileLimits {
  readonly fileBytes: number;
  readonly dailyBytes: number;
  readonly storageBytes: number;
}

/** A file that the server itself made. */
export interface OwnFile {
  readonly roomId: string;
  /** Whose message brings it. */
  readonly userId: string;
  readonly name: string;
  readonly type: string;
  readonly size: number;
  readonly width: number | null;
  readonly height: number | null;
  readonly durationMs: number;
}

export type FilesService = ReturnType<typeof createFiles>;

/** Files that people send: uploaded in chunks, kept on the disk, read by whoever reads the room. */
export function createFiles(parts: {
  database: Database;
  rooms: Pick<RoomsService, "requireRoom" | "requireAccess">;
  sessions: Pick<SessionsService, "ofDevice">;
  dataDir: string;
  allowed: FileLimits;
  log: Logger;
}) {
  const { database, rooms, sessions, allowed, log } = parts;
  const { sql } = database;
  const blobs = createBlobs({
    folder: join(parts.dataDir, FOLDER),
    incoming: join(parts.dataDir, INCOMING),
  });
  const locks = createKeyedLock();
  let sum = { at: Number.NEGATIVE_INFINITY, bytes: 0 };
  let secret: Promise<string> | null = null;

  function keySecret(): Promise<string> {
    secret ??= store.keySecret(sql).catch((error: unknown) => {
      secret = null;
      throw error;
    });
    return secret;
  }

  async function checkRoomFor(userId: string, size: number): Promise<void> {
    if (size > allowed.fileBytes) {
      const most = Math.floor(allowed.fileBytes / 1024 / 1024);
      throw new ParlorError("file_too_large", `This file is too large. Send one of at most ${most} MB.`);
    }
    if ((await store.bytesOfDay(sql, userId)) + size > allowed.dailyBytes) {
      throw new ParlorError("upload_quota", undefined, { retryAfter: HOUR });
    }
    await checkStorage(size);
    await checkDisk(size, parts.dataDir);
  }

  async function checkDisk(size: number, folder: string): Promise<void> {
    const disk = await statfs(folder).catch((err: unknown) => {
      log.warn({ err }, "the free space of the disk is not known; an upload goes on without it");
      return null;
    });
    if (disk && disk.bavail * disk.bsize < size + SPARE_BYTES) throw new ParlorError("storage_full");
  }

  /**
   * Throws when so many more bytes would be too many. Counted is what came, not what was announced: else whoever
   * announces files and sends nothing would shut everybody out. So each chunk is asked for as well.
   */
  async function checkStorage(bytes: number): Promise<void> {
    if (performance.now() - sum.at > SUM_FOR)
      sum = { at: performance.now(), bytes: await store.bytesOfAll(sql) };
    if (sum.bytes + bytes > allowed.storageBytes) throw new ParlorError("storage_full");
  }

  function explainDisk(error: unknown): unknown {
    if (!isDiskTrouble(error)) return error;
    log.error({ err: error }, "a file could not be stored");
    if (isDiskFull(error)) return new ParlorError("storage_full", undefined, { cause: error });
    return new ParlorError("unavailable", "The file could not be stored. Try again later.", { cause: error });
  }

  /** Takes the next bytes; with the last ones the upload becomes a file. Under the upload's lock. */
  async function take(id: string, offset: number, chunk: Buffer): Promise<FileRow> {
    let row = await requireUpload(id);
    if (row.state === "ready") return row;
    if (offset > row.received) throw new ParlorError("upload_offset");
    const bytes = chunk.subarray(row.received - offset);
    if (row.received + bytes.length > row.size) {
      throw new ParlorError("body_too_large", "These are more bytes than the upload was announced with.");
    }
    if (bytes.length > 0) {
      await checkStorage(bytes.length);
      sum.bytes += bytes.length;
      const written = await blobs.append(id, row.received, bytes);
      const received = written ? row.received + bytes.length : 0;
      row = (await store.setReceived(sql, id, received)) ?? missing();
      // The disk lost what it had promised; from its begin the upload is sound again.
      if (!written) throw new ParlorError("upload_offset");
    }
    if (row.received < row.size) return row;
    return await finishUpload({ sql, blobs }, row);
  }

  async function keepFile(file: store.NewFile): Promise<FileRow> {
    const row = await store.insertFile(sql, file);
    if (!row) throw new ParlorError("room_not_found");
    return row;
  }

  async function requireUpload(id: string): Promise<FileRow> {
    return (await store.findFile(sql, id)) ?? missing();
  }

  return {
    requireUpload,

    /** What may be uploaded. */
    limits: (): Limits => ({
      file_bytes: allowed.fileBytes,
      daily_bytes: allowed.dailyBytes,
      chunk_bytes: LIMITS.chunkBytes,
      attachments: LIMITS.attachments,
      content_length: LIMITS.contentLength,
    }),

    /** Begins an upload of a user who may write in the room. */
    async begin(roomId: string, userId: string, input: UploadCreate): Promise<FileRow> {
      if (input.voice && !input.duration_ms) {
        throw new ParlorError("rule_broken", "A voice message says how long it is: duration_ms.");
      }
      // One after the other, so that many at once do not pass a limit together.
      return await locks.run(`user ${userId}`, async () => {
        await checkRoomFor(userId, input.size);
        return await keepFile({
          id: randomBytes(16).toString("hex"),
          room_id: roomId,
          user_id: userId,
          name: cleanName(input.name),
          claimed_type: input.type ?? null,
          voice: input.voice ?? false,
          size: input.size,
          stored_bytes: input.size,
          width: input.width ?? null,
          height: input.height ?? null,
          duration_ms: input.duration_ms ?? null,
          waveform: input.waveform ?? null,
        });
      });
    },

    /** Takes a chunk that begins at `offset`. What the server has already is skipped, so a repeat is harmless. */
    async append(id: string, offset: number, chunk: Buffer): Promise<FileRow> {
      try {
        return await locks.run(id, () => take(id, offset, chunk));
      } catch (error) {
        throw explainDisk(error);
      }
    },

    /** Throws `storage_full` where so many more bytes find no room: in what the operator allows, or on a folder's disk. */
    async requireRoomFor(bytes: number, folder: string): Promise<void> {
      await checkStorage(bytes);
      await checkDisk(bytes, parts.dataDir);
      await checkDisk(bytes, folder);
    },

    /** Makes a file of the server's own, which is moved here, for a message of a user in a room. */
    async adopt(path: string, file: OwnFile): Promise<FileRow> {
      const { roomId, userId, name, type, size, width, height, durationMs } = file;
      try {
        await checkStorage(size);
        sum.bytes += size;
        const row = await keepFile({
          id: randomBytes(16).toString("hex"),
          room_id: roomId,
          user_id: userId,
          name: cleanName(name),
          claimed_type: type,
          voice: false,
          size,
          stored_bytes: size,
          width,
          height,
          duration_ms: durationMs,
          waveform: null,
        });
        await blobs.takeIn(row.id, path);
        await store.setReceived(sql, row.id, size);
        return await finishUpload({ sql, blobs }, row);
      } catch (error) {
        throw explainDisk(error);
      }
    },

    /** Throws an upload away, or a file that no message names. */
    async cancel(row: FileRow): Promise<void> {
      await locks.run(row.id, async () => {
        if (!(await store.deleteUnsent(sql, row.id))) {
          throw new ParlorError("rule_broken", "This file was sent. Delete its message instead.");
        }
        await blobs.remove(row.id, row.previews);
      });
    },

    /** An upload as its sender sees it. */
    toUpload(row: FileRow): Upload {
      const { id, room_id, name, size, received, due_at, state } = row;
      return {
        id,
        room_id: room_id ?? "",
        name,
        size,
        offset: state === "ready" ? size : received,
        chunk_bytes: LIMITS.chunkBytes,
        expires_at: due_at?.toISOString() ?? null,
        attachment: state === "ready" ? toAttachment(toStored(row)) : null,
      };
    },

    /** A file that the caller may read now; throws `file_not_found`, or what the room's history would throw. */
    async requireReadable(id: string, caller: Caller): Promise<FileRow> {
      const row = await store.findFile(sql, id);
      if (row?.state !== "ready" || row.room_id === null) throw new ParlorError("file_not_found");
      if (row.message_id === null) {
        if (!hasPresented(caller, row.user_id)) throw new ParlorError("file_not_found");
        return row;
      }
      // Its message was deleted: the bytes go with the next sweep, and nobody reads them until then.
      if (row.due_at !== null) throw new ParlorError("file_not_found");
      await rooms.requireAccess(await rooms.requireRoom(row.room_id), caller);
      return row;
    },

    /** Opens the bytes of a file or of a preview of it. */
    async open(row: FileRow, width: number | null): Promise<OpenBlob> {
      const has = width === null || row.previews.includes(width);
      const blob = has ? await blobs.open(row.id, width) : null;
      if (!blob) throw new ParlorError("file_not_found");
      return blob;
    },

    /** Makes a key that opens a room's files by the caller's right, for whoever reads the room. */
    async makeKey(
      roomId: string,
      caller: Caller,
      now: number = Date.now(),
    ): Promise<{ key: string; expires: Date }> {
      await rooms.requireAccess(await rooms.requireRoom(roomId), caller);
      const expires = expiryOf(now);
      const deviceId = caller.bearer?.deviceId ?? caller.device?.id ?? null;
      const claims = { roomId, deviceId, userId: caller.bearer?.userId ?? null, expires };
      return { key: signKey(await keySecret(), claims), expires: new Date(expires * 1000) };
    },

    /** Who a key stands for at this moment: what its device has lost meanwhile, the key has lost too. */
    async callerOf(key: string, asking: Caller): Promise<{ claims: FileKeyClaims; caller: Caller }> {
      const claims = readKey(await keySecret(), key, Date.now());
      if (!claims) throw new ParlorError("forbidden", "This address has ended. Open the room again.");
      return { claims, caller: await sessions.ofDevice(claims.deviceId, claims.userId, asking) };
    },

    /** Removes files whose time is over. Meant to run every hour; answers how many went. */
    async sweep(now: number = Date.now()): Promise<number> {
      const due = await store.findDue(sql, new Date(now), SWEPT);
      for (const row of due) {
        await locks.run(row.id, async () => {
          await blobs.remove(row.id, row.previews);
          await store.deleteFile(sql, row.id);
        });
      }
      const known = async (id: string) => (await store.findFile(sql, id)) !== null;
      await blobs.sweepIncoming(now - 48 * HOUR, known);
      if (due.length > 0) log.debug({ removed: due.length }, "unused files removed");
      return due.length;
    },
  };
}

function missing(): never {
  throw new ParlorError("upload_not_found");
}
