import { deflateSync } from "node:zlib";
import sharp, { type Color } from "sharp";

/** The formats that the tests make pictures in. */
export const TEST_FORMATS = ["jpeg", "png", "gif", "webp", "avif"] as const;

/** A picture of one colour. */
export function plainPicture(
  format: (typeof TEST_FORMATS)[number],
  { width = 60, height = 50, colour = "#c03020" as Color } = {},
): Promise<Buffer> {
  return sharp({ create: { width, height, channels: 4, background: colour } })
    .toFormat(format)
    .toBuffer();
}

/** A JPEG whose pixels lie on their side, with an orientation that says so: upright, its left half is red. */
export async function turnedPicture(): Promise<Buffer> {
  const red = await sharp({ create: { width: 100, height: 50, channels: 3, background: "#f00" } })
    .png()
    .toBuffer();
  return await sharp({ create: { width: 100, height: 100, channels: 3, background: "#00f" } })
    // Orientation 6 is a quarter turn clockwise: the lower half comes to the left.
    .composite([{ input: red, left: 0, top: 50 }])
    .withExif({ IFD0: { Copyright: "somebody" } })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 95 })
    .toBuffer();
}

/** A GIF that is green first and blue afterwards. */
export async function animatedGif(): Promise<Buffer> {
  const frames = await Promise.all(["#0f0", "#00f"].map((colour) => plainPicture("png", { colour })));
  return await sharp(frames, { join: { animated: true } })
    .gif()
    .toBuffer();
}

/** A small PNG that says it is huge, and holds the zeros for it. */
export function bombPng(edge: number): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(edge, 0);
  header.writeUInt32BE(edge, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const pixels = deflateSync(Buffer.alloc(Math.min(16_000_000, edge * (edge / 8 + 1))));
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk("IHDR", header),
    chunk("IDAT", pixels),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}

function crc32(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return (crc ^ 0xffffffff) >>> 0;
}

/** An archive with one stored file. */
export function tinyZip(): Buffer {
  const local = Buffer.alloc(30);
  local.writeUInt32LE(0x04034b50, 0);
  local.writeUInt16LE(20, 4);
  local.writeUInt16LE(1, 26);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  return Buffer.concat([local, Buffer.from("a"), end]);
}

/** A form with files. */
export function form(files: Record<string, Buffer>): FormData {
  const data = new FormData();
  for (const [field, bytes] of Object.entries(files)) {
    data.append(field, new Blob([new Uint8Array(bytes)], { type: "image/jpeg" }), `${field}.jpg`);
  }
  return data;
}
