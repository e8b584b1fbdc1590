/** The formats that an avatar may come in; `heic` is known only to be refused with the right words. */
export type PictureFormat = "jpeg" | "png" | "gif" | "webp" | "avif" | "heic";

/** What the bytes of a file say of themselves. */
export interface Container {
  readonly format: PictureFormat;
  /** Where the picture ends; `null` when the file is cut off before its end. */
  readonly end: number | null;
}

const PNG_HEAD = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const HEIC_BRANDS = new Set(["heic", "heix", "heim", "heis", "hevc", "hevx", "mif1", "msf1"]);

/** Tells the format from the first bytes and finds the picture's end; `null` for anything that is not a picture. */
export function readContainer(bytes: Buffer): Container | null {
  if (bytes.length < 12) return null;
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) {
    return { format: "jpeg", end: endOfJpeg(bytes) };
  }
  if (bytes.subarray(0, 8).equals(PNG_HEAD)) return { format: "png", end: endOfPng(bytes) };
  const head = bytes.toString("latin1", 0, 12);
  if (head.startsWith("GIF87a") || head.startsWith("GIF89a")) return { format: "gif", end: endOfGif(bytes) };
  if (head.startsWith("RIFF") && head.endsWith("WEBP")) return { format: "webp", end: endOfWebp(bytes) };
  if (head.slice(4, 8) === "ftyp") {
    const format = brandOf(bytes);
    return format && { format, end: endOfBoxes(bytes) };
  }
  return null;
}

/** Walks the segments and scans up to the first EOI: what phones append (previews, gain maps, videos) lies behind it. */
function endOfJpeg(bytes: Buffer): number | null {
  let at = 2;
  while (at < bytes.length) {
    // Decoders skip strange bytes between segments; so does this.
    at = bytes.indexOf(0xff, at);
    if (at < 0) return null;
    while (bytes[at] === 0xff) at++;
    const marker = bytes[at++];
    if (marker === undefined) return null;
    if (marker === 0xd9) return at;
    const hasLength = marker !== 0x00 && marker !== 0x01 && (marker < 0xd0 || marker > 0xd8);
    if (!hasLength) continue;
    if (at + 2 > bytes.length) return null;
    at += Math.max(2, bytes.readUInt16BE(at));
    if (marker === 0xda) at = endOfScan(bytes, at);
  }
  return null;
}

/** The next marker that is neither a stuffed byte nor a restart. */
export function endOfScan(bytes: Buffer, start: number): number {
  // Without `indexOf`: in a scan of nothing but stuffed bytes a call for each would hold the process up.
  for (let at = start; at < bytes.length; at++) {
    if (bytes[at] !== 0xff) continue;
    const next = bytes[at + 1];
    if (next === undefined) return bytes.length;
    if (next !== 0x00 && next !== 0xff && (next < 0xd0 || next > 0xd7)) return at;
  }
  return bytes.length;
}

function endOfPng(bytes: Buffer): number | null {
  let at = PNG_HEAD.length;
  while (at + 12 <= bytes.length) {
    const end = at + 12 + bytes.readUInt32BE(at);
    if (end > bytes.length) return null;
    if (bytes.toString("latin1", at + 4, at + 8) === "IEND") return end;
    at = end;
  }
  return null;
}

function endOfGif(bytes: Buffer): number | null {
  const tableSize = (flags: number) => (flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0);
  let at = 13 + tableSize(bytes[10] ?? 0);
  while (at < bytes.length) {
    const block = bytes[at];
    if (block === 0x3b) return at + 1;
    if (block === 0x21) at += 2;
    else if (block === 0x2c) at += 11 + tableSize(bytes[at + 9] ?? 0);
    else return null;
    let length = bytes[at];
    while (length) {
      at += 1 + length;
      length = bytes[at];
    }
    at++;
  }
  return null;
}

function endOfWebp(bytes: Buffer): number | null {
  const end = 8 + bytes.readUInt32LE(4);
  // Some writers count the last padding byte without writing it.
  return end <= bytes.length + 1 ? Math.min(end, bytes.length) : null;
}

function brandOf(bytes: Buffer): PictureFormat | null {
  const end = Math.min(bytes.readUInt32BE(0), bytes.length, 512);
  const brands = [bytes.toString("latin1", 8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) brands.push(bytes.toString("latin1", at, at + 4));
  if (brands.includes("avif") || brands.includes("avis")) return "avif";
  return brands.some((brand) => HEIC_BRANDS.has(brand)) ? "heic" : null;
}

function endOfBoxes(bytes: Buffer): number | null {
  let at = 0;
  while (at + 8 <= bytes.length) {
    let size = bytes.readUInt32BE(at);
    if (!/^[\x20-\x7e]{4}$/.test(bytes.toString("latin1", at + 4, at + 8))) return at;
    if (size === 0) return bytes.length;
    if (size === 1 && at + 16 <= bytes.length) size = Number(bytes.readBigUInt64BE(at + 8));
    if (size < 8) return at;
    if (at + size > bytes.length) return null;
    at += size;
  }
  return at;
}
