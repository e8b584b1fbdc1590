import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import { type AvatarSize, LIMITS, ParlorError } from "@parlor/protocol";
import type { FastifyRequest } from "fastify";
import type { Pictures } from "./picture.js";
import type { AvatarUpload } from "./service.js";

/** Bytes of all uploads that are in memory at a time. */
const HELD_BYTES = 128 * 1024 * 1024;
/** Bytes around the pictures of a body: heads of parts, other fields. */
const OVERHEAD_BYTES = 256 * 1024;
/** Bytes that are still read and thrown away after a refusal, so that a browser gets to read the answer. */
const DRAINED_BYTES = 64 * 1024 * 1024;
/** Longest time for the whole body. */
const BODY_MS = 120_000;

const FORM = { fileSize: LIMITS.avatarBytes, files: 8, fields: 20, parts: 28, fieldSize: 4_096 };
const SIZES: Record<string, AvatarSize | undefined> = Object.assign(Object.create(null), {
  thumbnail: "thumbnail",
  small: "small",
  medium: "medium",
  large: "large",
});
const SINGLE = new Set(["file", "avatar"]);

/** Reads the pictures of uploads, a bounded number of bytes at a time. */
export function createUploadReader(heldBytes = HELD_BYTES) {
  let held = 0;
  return {
    /**
     * Checks who uploads, reads the body, and hands it on. However this ends, the rest of the body is taken off the
     * connection, so that the answer arrives.
     */
    async read<T>(
      request: FastifyRequest,
      check: () => Promise<unknown>,
      use: (upload: AvatarUpload) => Promise<T>,
    ): Promise<T> {
      let own = 0;
      const hold = (bytes: number) => {
        own += bytes;
        held += bytes;
        if (own > LIMITS.avatarBytes) throw tooLarge();
        if (held > heldBytes) throw new ParlorError("overloaded");
      };
      const late = setTimeout(() => {
        if (!request.raw.complete) request.raw.destroy();
      }, BODY_MS);
      late.unref();
      request.raw.once("close", () => clearTimeout(late));
      try {
        await check();
        return await use(await readPictures(request, hold));
      } finally {
        held -= own;
        drain(request.raw);
      }
    },
  };
}

async function readPictures(request: FastifyRequest, hold: (bytes: number) => void): Promise<AvatarUpload> {
  if (!request.isMultipart()) {
    throw new ParlorError("unsupported_media", "Send the picture as multipart/form-data.");
  }
  if (Number(request.headers["content-length"] ?? 0) > LIMITS.avatarBytes + OVERHEAD_BYTES) throw tooLarge();
  const sizes: Partial<Pictures> = {};
  let single: Buffer | null = null;
  try {
    for await (const part of request.parts({ limits: FORM })) {
      if (part.type !== "file") continue;
      const size = SIZES[part.fieldname];
      const bytes = await readPart(part.file, hold);
      if (size !== undefined) sizes[size] = bytes;
      else if (SINGLE.has(part.fieldname)) single = bytes;
    }
  } catch (error) {
    throw explain(error);
  }
  return { single, sizes };
}

async function readPart(
  file: Readable & { truncated: boolean },
  hold: (bytes: number) => void,
): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of file as AsyncIterable<Buffer>) {
    hold(chunk.length);
    chunks.push(chunk);
  }
  if (file.truncated) throw tooLarge();
  return Buffer.concat(chunks);
}

function tooLarge(): ParlorError {
  return new ParlorError("body_too_large", "This upload is too large. Send at most 10 MB.");
}

/** Errors of the form's parser: too many or too large parts, or no form at all. */
function explain(error: unknown): ParlorError {
  if (error instanceof ParlorError) return error;
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  if (status === 413) return tooLarge();
  return new ParlorError("invalid_request", "The body is not valid multipart/form-data.", { cause: error });
}

function drain(body: IncomingMessage): void {
  if (body.complete || body.destroyed) return;
  let left = DRAINED_BYTES;
  body.unpipe();
  body.on("data", (chunk: Buffer) => {
    left -= chunk.length;
    if (left < 0) body.destroy();
  });
  body.resume();
}
