import { PREVIEW_WIDTHS } from "@parlor/protocol";
import type { Sharp } from "sharp";
import { rgbaToThumbHash } from "thumbhash";
import { type PictureFormat, readContainer } from "../pictures/container.js";
import { decodeWithin, INPUT, loadSharp, MAX_SECONDS, type SharpModule } from "../pictures/decoder.js";
import { isPolyglot } from "../pictures/foreign.js";
import { withoutMetadata } from "./metadata.js";

/** A picture that is ready to be kept. */
export interface PreparedImage {
  /** The picture as it came, without what it says beside its pixels. */
  readonly original: Buffer;
  readonly type: string;
  readonly width: number;
  readonly height: number;
  readonly animated: boolean;
  /** ThumbHash in base64, at most 36 characters. */
  readonly placeholder: string;
  /** WebP by width. */
  readonly previews: ReadonlyMap<number, Buffer>;
}

const QUALITY = 80;
/** A picture of a format that is not kept as it came is made anew in full size. */
const FULL_QUALITY = 92;
/** A preview is at most so many times as high as wide: WebP ends at 16,383 pixels. */
const TALLEST = 4;
const HASH_EDGE = 100;

/**
 * Reads a picture and makes what is shown of it: upright previews, size, placeholder. `null` for one that is damaged,
 * too large to decode, or something else beside a picture: such a file is only saved. To be run in the picture queue.
 */
export async function prepareImage(
  bytes: Buffer,
  format: Exclude<PictureFormat, "heic">,
): Promise<PreparedImage | null> {
  const end = readContainer(bytes)?.end ?? null;
  if (end === null || isPolyglot(bytes, end)) return null;
  const sharp = await loadSharp();
  try {
    return await make(sharp, bytes.subarray(0, end), format);
  } catch {
    // sharp says only by text whether a picture is damaged, too large or too slow; none of them can be shown.
    return null;
  }
}

async function make(
  sharp: SharpModule,
  bytes: Buffer,
  format: Exclude<PictureFormat, "heic">,
): Promise<PreparedImage | null> {
  const {
    width: rawWidth,
    height: rawHeight,
    orientation = 1,
    pages = 1,
    autoOrient,
  } = await sharp(bytes, INPUT).metadata();
  const { width, height } = autoOrient;
  const widest = Math.max(...PREVIEW_WIDTHS);
  const pixels = rawWidth * rawHeight;
  const { data, info } = await decodeWithin(pixels, () =>
    within(sharp(bytes, INPUT).autoOrient(), widest)
      .toColourspace("srgb")
      .raw()
      .toBuffer({ resolveWithObject: true }),
  );
  const raw = { width: info.width, height: info.height, channels: info.channels };
  const previews = new Map<number, Buffer>();
  for (const edge of PREVIEW_WIDTHS) {
    if (previews.size > 0 && width <= Math.min(...PREVIEW_WIDTHS)) break;
    previews.set(
      edge,
      await within(sharp(data, { raw }), edge).webp({ quality: QUALITY, smartSubsample: true }).toBuffer(),
    );
  }
  const kept = await keep(sharp, bytes, format, { orientation, pixels });
  if (!kept) return null;
  return {
    ...kept,
    width,
    height,
    animated: pages > 1 && format !== "avif",
    placeholder: await hashOf(sharp(data, { raw })),
    previews,
  };
}

async function keep(
  sharp: SharpModule,
  bytes: Buffer,
  format: Exclude<PictureFormat, "heic">,
  { orientation, pixels }: { orientation: number; pixels: number },
): Promise<{ original: Buffer; type: string } | null> {
  if (format !== "avif") {
    const original = withoutMetadata(bytes, format, orientation);
    return original && { original, type: `image/${format}` };
  }
  const original = await decodeWithin(pixels, () =>
    sharp(bytes, INPUT)
      .timeout({ seconds: MAX_SECONDS })
      .autoOrient()
      .webp({ quality: FULL_QUALITY })
      .toBuffer(),
  );
  return { original, type: "image/webp" };
}

function within(picture: Sharp, width: number): Sharp {
  return picture
    .timeout({ seconds: MAX_SECONDS })
    .resize({ width, height: width * TALLEST, fit: "inside", withoutEnlargement: true });
}

async function hashOf(picture: Sharp): Promise<string> {
  const { data, info } = await picture
    .resize({ width: HASH_EDGE, height: HASH_EDGE, fit: "inside", withoutEnlargement: true })
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return Buffer.from(rgbaToThumbHash(info.width, info.height, data)).toString("base64");
}
