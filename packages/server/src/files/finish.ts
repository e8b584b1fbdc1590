import { LIMITS, ParlorError } from "@parlor/protocol";
import type { Query } from "../db/database.js";
import { pictureQueue } from "../pictures/decoder.js";
import type { createBlobs } from "./blobs.js";
import { type Detected, detect } from "./detect.js";
import { type PreparedImage, prepareImage } from "./image.js";
import type { FileFacts, FileRow } from "./store.js";
import * as store from "./store.js";

/** A picture that cannot be shown is only saved. */
const UNKNOWN: Detected = { kind: "file", type: "application/octet-stream", picture: null };

type Blobs = ReturnType<typeof createBlobs>;

/**
 * Makes a file of an upload that is complete: tells its type, prepares a picture, puts the bytes into their place and
 * notes all that in the row, in this order, so that a crash leaves an upload that can be finished again.
 */
export async function finishUpload(parts: { sql: Query; blobs: Blobs }, row: FileRow): Promise<FileRow> {
  const { sql, blobs } = parts;
  const head = await blobs.head(row.id);
  if (head === null) throw new ParlorError("upload_not_found");
  const found = detect(head.bytes, row.claimed_type);
  const image = found.picture !== null ? await keepImage(blobs, row, found.picture) : null;
  if (image) {
    const done = await note(sql, row, imageFacts(row, image));
    await blobs.dropIncoming(row.id);
    return done;
  }
  // A crash may have come between the move and the note of it.
  if (!head.isIn) await blobs.moveIn(row.id);
  return await note(sql, row, factsOf(row, found.kind === "image" ? UNKNOWN : found));
}

async function note(sql: Query, row: FileRow, facts: FileFacts): Promise<FileRow> {
  const done = await store.finishFile(sql, row.id, facts);
  if (!done) throw new ParlorError("upload_not_found");
  return done;
}

/** Only a picture that is decoded holds memory: those that wait are on the disk. */
async function keepImage(
  blobs: Blobs,
  row: FileRow,
  format: NonNullable<Detected["picture"]>,
): Promise<PreparedImage | null> {
  if (row.size > LIMITS.pictureBytes) return null;
  return await pictureQueue.run(async () => {
    const image = await prepareImage(await blobs.whole(row.id), format);
    if (!image) return null;
    for (const [width, bytes] of image.previews) await blobs.write(row.id, width, bytes);
    await blobs.write(row.id, null, image.original);
    await blobs.sync(row.id);
    return image;
  });
}

function imageFacts(row: FileRow, image: PreparedImage): FileFacts {
  const previewBytes = [...image.previews.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    name: image.type === "image/webp" ? webpName(row.name) : row.name,
    kind: "image",
    type: image.type,
    size: image.original.length,
    stored_bytes: image.original.length + previewBytes,
    width: image.width,
    height: image.height,
    duration_ms: null,
    placeholder: image.placeholder,
    waveform: null,
    animated: image.animated,
    previews: [...image.previews.keys()],
  };
}

/** A picture that was made anew does not keep the ending of its old format. */
function webpName(name: string): string {
  return name.replace(/\.avifs?$/i, ".webp");
}

function factsOf(row: FileRow, { kind, type }: Detected): FileFacts {
  const isSound = kind === "audio";
  const plays = isSound || kind === "video";
  return {
    name: row.name,
    kind: isSound && row.voice ? "voice" : kind,
    type,
    size: row.size,
    stored_bytes: row.size,
    width: kind === "video" ? row.width : null,
    height: kind === "video" ? row.height : null,
    duration_ms: plays ? row.duration_ms : null,
    placeholder: null,
    waveform: isSound ? row.waveform : null,
    animated: false,
    previews: [],
  };
}
