import { crc32 } from "node:zlib";
import { endOfScan, type PictureFormat } from "../pictures/container.js";

/**
 * Parts that are followed in one picture. A real one of 32 MB has some ten thousand; one made of parts without content
 * would have ten million, and hold memory and the process for each.
 */
const PARTS = 100_000;

/**
 * A picture without what it says beside its pixels (place, camera, comments, previews, texts), without touching these.
 * Colour profile and animation stay, and so does the orientation, alone. `null` for bytes that cannot be followed, or
 * only with too much work.
 */
export function withoutMetadata(
  bytes: Buffer,
  format: Exclude<PictureFormat, "heic" | "avif">,
  orientation: number,
): Buffer | null {
  switch (format) {
    case "jpeg":
      return cleanJpeg(bytes, orientation);
    case "png":
      return cleanPng(bytes, orientation);
    case "webp":
      return cleanWebp(bytes, orientation);
    case "gif":
      return cleanGif(bytes);
  }
}

/** A TIFF header with one entry: the orientation. */
function orientationTiff(orientation: number): Buffer {
  return Buffer.from([
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  ]);
}

function cleanJpeg(bytes: Buffer, orientation: number): Buffer | null {
  const parts: Buffer[] = [bytes.subarray(0, 2)];
  if (orientation > 1) {
    const data = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), orientationTiff(orientation)]);
    const head = Buffer.from([0xff, 0xe1, 0, 0]);
    head.writeUInt16BE(data.length + 2, 2);
    parts.push(head, data);
  }
  let left = PARTS;
  for (let at = 2; at < bytes.length; ) {
    if (--left < 0) return null;
    at = bytes.indexOf(0xff, at);
    if (at < 0) return null;
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) return null;
    const mark = Buffer.from([0xff, marker]);
    if (marker === 0xd9) return Buffer.concat([...parts, mark]);
    if (marker === 0x00 || marker === 0x01 || (marker >= 0xd0 && marker <= 0xd8)) continue;
    if (at + 2 > bytes.length) return null;
    let end = at + Math.max(2, bytes.readUInt16BE(at));
    if (isKeptSegment(marker, bytes.subarray(at + 2, at + 16))) {
      if (marker === 0xda) end = endOfScan(bytes, end);
      parts.push(mark, bytes.subarray(at, end));
    }
    at = end;
  }
  return null;
}

/** Of the application's segments only those that change how pixels are read: JFIF, the colour profile, Adobe's. */
function isKeptSegment(marker: number, start: Buffer): boolean {
  if (marker === 0xfe) return false;
  if (marker < 0xe0 || marker > 0xef) return true;
  const name = start.toString("latin1");
  if (marker === 0xe0) return name.startsWith("JFIF\0");
  if (marker === 0xe2) return name.startsWith("ICC_PROFILE\0");
  return marker === 0xee && name.startsWith("Adobe");
}

const PNG_DROPPED = new Set(["eXIf", "tEXt", "zTXt", "iTXt", "tIME"]);

function cleanPng(bytes: Buffer, orientation: number): Buffer | null {
  const parts: Buffer[] = [bytes.subarray(0, 8)];
  let left = PARTS;
  for (let at = 8; at + 12 <= bytes.length; ) {
    if (--left < 0) return null;
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    const name = bytes.toString("latin1", at + 4, at + 8);
    if (!PNG_DROPPED.has(name)) parts.push(bytes.subarray(at, end));
    if (name === "IHDR" && orientation > 1) parts.push(pngChunk("eXIf", orientationTiff(orientation)));
    if (name === "IEND") return Buffer.concat(parts);
    at = end;
  }
  return null;
}

function pngChunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name, "latin1"), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

const WEBP_EXIF = 0x08;
const WEBP_XMP = 0x04;

function cleanWebp(bytes: Buffer, orientation: number): Buffer | null {
  const parts: Buffer[] = [];
  const limit = Math.min(bytes.length, 8 + bytes.readUInt32LE(4));
  let left = PARTS;
  for (let at = 12; at + 8 <= limit; ) {
    if (--left < 0) return null;
    const name = bytes.toString("latin1", at, at + 4);
    const size = bytes.readUInt32LE(at + 4);
    const end = at + 8 + size + (size & 1);
    if (at + 8 + size > limit) return null;
    if (name === "VP8X") {
      const chunk = Buffer.from(bytes.subarray(at, end));
      const flags = (chunk[8] ?? 0) & ~(WEBP_EXIF | WEBP_XMP);
      chunk[8] = orientation > 1 ? flags | WEBP_EXIF : flags;
      parts.push(chunk);
      if (orientation > 1) continueWith(parts, orientation);
    } else if (name !== "EXIF" && name !== "XMP ") {
      parts.push(bytes.subarray(at, Math.min(end, limit)));
    }
    at = end;
  }
  if (parts.length === 0) return null;
  const body = Buffer.concat([Buffer.from("WEBP", "latin1"), ...ordered(parts)]);
  const head = Buffer.from("RIFF\0\0\0\0", "latin1");
  head.writeUInt32LE(body.length, 4);
  return Buffer.concat([head, body]);
}

function continueWith(parts: Buffer[], orientation: number): void {
  const data = orientationTiff(orientation);
  const head = Buffer.from("EXIF\0\0\0\0", "latin1");
  head.writeUInt32LE(data.length, 4);
  parts.push(Buffer.concat([head, data, Buffer.alloc(data.length & 1)]));
}

/** The orientation's chunk stands behind the pixels, as the format wants it. */
function ordered(parts: readonly Buffer[]): Buffer[] {
  const isExif = (part: Buffer) => part.toString("latin1", 0, 4) === "EXIF";
  return [...parts.filter((part) => !isExif(part)), ...parts.filter(isExif)];
}

const GIF_KEPT = /^(NETSCAPE2\.0|ANIMEXTS1\.0)$/;

function cleanGif(bytes: Buffer): Buffer | null {
  const tableSize = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + tableSize(bytes[10] ?? 0);
  const parts: Buffer[] = [bytes.subarray(0, at)];
  let left = PARTS;
  while (at < bytes.length) {
    if (--left < 0) return null;
    const start = at;
    const block = bytes[at];
    if (block === 0x3b) return Buffer.concat([...parts, Buffer.from([0x3b])]);
    if (block === 0x21) at += 2;
    else if (block === 0x2c) at += 11 + tableSize(bytes[at + 9] ?? 0);
    else return null;
    for (let length = bytes[at]; length; length = bytes[at]) at += 1 + length;
    at++;
    const label = bytes[start + 1];
    const isApplication = block === 0x21 && label === 0xff;
    const isComment = block === 0x21 && label === 0xfe;
    const name = bytes.toString("latin1", start + 3, start + 14);
    if (!isComment && (!isApplication || GIF_KEPT.test(name))) parts.push(bytes.subarray(start, at));
  }
  return null;
}
