import { AVATAR_SIZES, type AvatarSize, LIMITS, ParlorError } from "@parlor/protocol";
import type { Sharp } from "sharp";
import { readContainer } from "../pictures/container.js";
import {
  decodeWithin,
  INPUT,
  loadSharp,
  MAX_PIXELS,
  MAX_SECONDS,
  pictureQueue,
  type SharpModule,
} from "../pictures/decoder.js";
import { isPolyglot } from "../pictures/foreign.js";

/** An avatar in all its sizes, as WebP. */
export type Pictures = Record<AvatarSize, Buffer>;

/** Names of the sizes, the smallest first. */
export const SIZE_NAMES = ["thumbnail", "small", "medium", "large"] as const satisfies AvatarSize[];

const QUALITY = { thumbnail: 80, small: 80, medium: 82, large: 82 } as const;

/**
 * Makes the four sizes of an avatar from one picture, or each from a picture of its own: squares, cropped to their
 * middle, upright, as WebP without any metadata. Each picture is decoded once. Throws `not_a_picture`,
 * `body_too_large`, `rule_broken` or `overloaded`.
 */
export async function makeSizes(source: Buffer | Pictures): Promise<Pictures> {
  const sourceOf = (size: AvatarSize) => (Buffer.isBuffer(source) ? source : source[size]);
  const sources = new Set(SIZE_NAMES.map(sourceOf));
  for (const bytes of sources) checkBytes(bytes);
  const sharp = await loadSharp();
  const made: Partial<Pictures> = {};
  for (const bytes of sources) {
    const sizes = SIZE_NAMES.filter((size) => sourceOf(size) === bytes);
    Object.assign(made, await pictureQueue.run(() => makeFromOne(sharp, bytes, sizes)));
  }
  return complete(made);
}

function complete({ thumbnail, small, medium, large }: Partial<Pictures>): Pictures {
  if (!thumbnail || !small || !medium || !large) throw new ParlorError("internal");
  return { thumbnail, small, medium, large };
}

/** Refuses by the bytes alone what is no picture, or more than one. */
function checkBytes(bytes: Buffer): void {
  if (bytes.length > LIMITS.avatarBytes) {
    throw new ParlorError("body_too_large", "This picture is too large. Send one of at most 10 MB.");
  }
  const container = readContainer(bytes);
  if (!container) throw new ParlorError("not_a_picture");
  if (container.format === "heic") {
    throw new ParlorError(
      "not_a_picture",
      "HEIC pictures cannot be read here. Send a JPEG, PNG, WebP, GIF or AVIF.",
    );
  }
  if (container.end === null) throw incomplete();
  if (isPolyglot(bytes, container.end)) {
    throw new ParlorError(
      "not_a_picture",
      "This file holds something else beside a picture. Save the picture anew and send that.",
    );
  }
}

async function makeFromOne(
  sharp: SharpModule,
  bytes: Buffer,
  sizes: readonly AvatarSize[],
): Promise<Partial<Pictures>> {
  try {
    const { width, height } = await sharp(bytes, INPUT).metadata();
    const edge = Math.max(...sizes.map((size) => AVATAR_SIZES[size]));
    const decode = () =>
      square(sharp(bytes, INPUT).autoOrient(), edge)
        .toColourspace("srgb")
        .raw()
        .toBuffer({ resolveWithObject: true });
    const { data, info } = await decodeWithin(width * height, decode);
    const raw = { width: info.width, height: info.height, channels: info.channels };
    const made: Partial<Pictures> = {};
    for (const size of sizes) {
      const sized = square(sharp(data, { raw }), AVATAR_SIZES[size]);
      made[size] = await sized.webp({ quality: QUALITY[size], smartSubsample: true }).toBuffer();
    }
    return made;
  } catch (error) {
    throw explain(error);
  }
}

function square(picture: Sharp, edge: number): Sharp {
  return picture.timeout({ seconds: MAX_SECONDS }).resize(edge, edge, { fit: "cover", position: "centre" });
}

function incomplete(cause?: unknown): ParlorError {
  return new ParlorError(
    "not_a_picture",
    "This picture is damaged or incomplete. Save it anew and try again.",
    {
      cause,
    },
  );
}

/** sharp tells its refusals only by text. */
function explain(error: unknown): ParlorError {
  if (error instanceof ParlorError) return error;
  const text = error instanceof Error ? error.message : "";
  if (/pixel limit/i.test(text)) {
    const most = Math.round(MAX_PIXELS / 1_000_000);
    return new ParlorError("rule_broken", `This picture has too many pixels: at most ${most} megapixels.`);
  }
  if (/timeout/i.test(text)) {
    return new ParlorError(
      "rule_broken",
      "This picture takes too long to read. Make it smaller and try again.",
    );
  }
  return incomplete(error);
}
