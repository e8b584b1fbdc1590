import { Readable } from "node:stream";
import { ParlorError } from "@parlor/protocol";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { OpenBlob } from "./blobs.js";
import { isShown } from "./detect.js";
import { disposition, readRange } from "./range.js";
import type { FileRow } from "./store.js";

/** Seconds for which a browser keeps what it got: an id stands for one content for ever. */
const KEPT = 7 * 24 * 60 * 60;

/** What is to be sent, and how. */
export interface FileAnswer {
  readonly row: FileRow;
  /** The width of a preview; `null`: the file itself. */
  readonly width: number | null;
  readonly download: boolean;
  open(width: number | null): Promise<OpenBlob>;
}

/** Sends a file, whole or the range that was asked for. Whether the reader may have it was asked before. */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { row, width, download, open }: FileAnswer,
): Promise<void> {
  const type = width === null ? (row.type ?? "application/octet-stream") : "image/webp";
  const etag = width === null ? `"${row.id}"` : `"${row.id}-${width}"`;
  const isInline = isShown(type) && !download;
  reply.headers({
    etag,
    "cache-control": `private, max-age=${KEPT}, immutable`,
    "accept-ranges": "bytes",
    "content-type": contentType(type),
    "content-disposition": disposition(isInline ? "inline" : "attachment", row.name),
    "x-content-type-options": "nosniff",
    "content-security-policy":
      "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; sandbox",
    "referrer-policy": "no-referrer",
    // Who may read it was asked; a page of another site that shows it has the reader's key or cookie.
    "cross-origin-resource-policy": "cross-origin",
  });
  if (isKnown(request.headers["if-none-match"], etag)) {
    reply.removeHeader("content-type");
    reply.removeHeader("content-disposition");
    await reply.code(304).send();
    return;
  }
  const { handle, size } = await open(width);
  const condition = request.headers["if-range"];
  const range = condition === undefined || condition === etag ? readRange(request.headers.range, size) : null;
  if (range === "invalid" || request.method === "HEAD") {
    await handle.close();
    if (range === "invalid") throw refuseRange(reply, size);
    // A stream, since for a text the framework would tell the length of what it sends: none.
    reply.header("content-length", String(size)).send(Readable.from([]));
    return;
  }
  const { first, last } = range ?? { first: 0, last: size - 1 };
  reply.header("content-length", String(last - first + 1));
  if (range) reply.code(206).header("content-range", `bytes ${first}-${last}/${size}`);
  reply.send(handle.createReadStream({ start: first, end: last }));
}

/** The error is JSON to be read, not the file to be kept. */
function refuseRange(reply: FastifyReply, size: number): ParlorError {
  for (const name of ["etag", "content-disposition", "content-security-policy"]) reply.removeHeader(name);
  reply.headers({ "content-range": `bytes */${size}`, "cache-control": "private, no-store" });
  return new ParlorError("range_invalid");
}

function contentType(type: string): string {
  return type === "text/plain" ? "text/plain; charset=utf-8" : type;
}

function isKnown(header: string | undefined, etag: string): boolean {
  const tags = (header ?? "").split(",").map((tag) => tag.trim().replace(/^W\//, ""));
  return tags.includes(etag) || tags.includes("*");
}
