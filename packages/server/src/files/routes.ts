import { Readable } from "node:stream";
import { OFFSET_HEADER, ParlorError } from "@parlor/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { RateLimits } from "../http/limits.js";
import { route, SENT } from "../http/route.js";
import type { RoomsService } from "../rooms/service.js";
import { createTokenBuckets, type Rate } from "../token-bucket.js";
import { type Access, type Caller, requireActor } from "../users/caller.js";
import { createChunkReader } from "./chunk.js";
import { sendFile } from "./serve.js";
import type { FilesService } from "./service.js";
import type { FileRow } from "./store.js";

/** Uploads that one address begins: a whole class at once, but no flood. */
const UPLOADS: Rate = { burst: 300, perSecond: 1 };
/** What chunks are sent as. */
const CHUNK_TYPES = ["application/offset+octet-stream", "application/octet-stream"];

/** Routes of uploads and files. */
export async function registerFileRoutes(
  app: FastifyInstance,
  parts: { files: FilesService; rooms: RoomsService; access: Access; limits: RateLimits },
): Promise<void> {
  const { files, rooms, access, limits } = parts;
  const quotas = createTokenBuckets(UPLOADS);
  const chunks = createChunkReader();

  function countUpload(ip: string): void {
    if (!limits.enabled) return;
    const now = performance.now();
    const bucket = quotas(ip);
    if (!bucket.take(now))
      throw new ParlorError("rate_limited", undefined, { retryAfter: bucket.waitTime(now) });
  }

  /** An upload of the caller's, while its room is open to them. */
  async function requireOwn(id: string, caller: Caller, userId: string | undefined): Promise<FileRow> {
    const row = await files.requireUpload(id);
    const user = userId ?? row.user_id;
    if (user !== row.user_id) throw new ParlorError("not_your_identity");
    await access.authorize(caller, user);
    if (row.room_id === null) throw new ParlorError("upload_not_found");
    await rooms.requireAccess(await rooms.requireRoom(row.room_id), caller);
    return row;
  }

  function answer(reply: FastifyReply, row: FileRow) {
    const upload = files.toUpload(row);
    reply.header(OFFSET_HEADER, String(upload.offset)).header("cache-control", "no-store");
    return upload;
  }

  route(app, "getLimits", async () => files.limits(), { anonymous: true });

  route(app, "createUpload", async ({ params, body, caller, reply }) => {
    countUpload(caller.ip);
    const actor = await requireActor(access, caller, body.user_id);
    const { room, user } = await rooms.enter(caller, params.room_id, { userId: actor.id });
    return answer(reply, await files.begin(room.id, user.id, body));
  });

  route(app, "getUpload", async ({ params, query, caller, reply }) =>
    answer(reply, await requireOwn(params.upload_id, caller, query.user_id)),
  );

  route(app, "cancelUpload", async ({ params, query, caller }) => {
    await files.cancel(await requireOwn(params.upload_id, caller, query.user_id));
    return { success: true as const };
  });

  route(app, "createFileKey", async ({ params, caller }) => {
    const { key, expires } = await files.makeKey(params.room_id, caller);
    return { key, expires_at: expires.toISOString() };
  });

  route(app, "getFile", async ({ params, query, caller, request, reply }) => {
    const row = await readable(params.file_id, query.key, caller);
    await sendFile(request, reply, {
      row,
      width: query.size === undefined ? null : Number(query.size),
      download: query.download === "1",
      open: (width) => files.open(row, width),
    });
    return SENT;
  });

  async function readable(id: string, key: string | undefined, caller: Caller): Promise<FileRow> {
    if (key === undefined) return await files.requireReadable(id, caller);
    const proven = await files.callerOf(key, caller);
    const row = await files.requireReadable(id, proven.caller);
    if (row.room_id !== proven.claims.roomId) throw new ParlorError("file_not_found");
    return row;
  }

  // In a scope of its own: only here bytes of any kind are a body.
  await app.register(async (scope) => {
    scope.addContentTypeParser(CHUNK_TYPES, (_request, payload, done) => done(null, payload));
    route(scope, "appendUpload", async ({ params, query, caller, request, reply }) => {
      const body = bodyOf(request);
      try {
        const own = await requireOwn(params.upload_id, caller, query.user_id);
        const offset = offsetOf(request);
        const row = await chunks.read(body, (chunk) => files.append(own.id, offset, chunk));
        return answer(reply, row);
      } finally {
        // The rest of a refused chunk is taken off the connection, so that the answer is read.
        body.resume();
      }
    });
  });
}

/** A request without a body asks to finish what is complete. */
function bodyOf(request: FastifyRequest): Readable {
  if (request.body instanceof Readable) return request.body;
  if (request.body === undefined || request.body === null) return Readable.from([]);
  throw new ParlorError("unsupported_media", `Send a chunk as ${CHUNK_TYPES[0]}.`);
}

function offsetOf(request: FastifyRequest): number {
  const header = request.headers[OFFSET_HEADER];
  if (typeof header !== "string" || !/^\d{1,16}$/.test(header)) {
    throw new ParlorError("invalid_request", "Upload-Offset: must be a whole number");
  }
  return Number(header);
}
