import { AVATAR_SIZES, type AvatarSize, LIMITS, ParlorError } from "@parlor/protocol";
import type { Sharp, SharpOptions } from "sharp";
import { readContainer } from "./container.js";
import { isPolyglot } from "./foreign.js";
import { createQueue } from "./queue.js";

/** An avatar in all its sizes, as WebP. */
export type Pictures = Record<AvatarSize, Buffer>;

/** Names of the sizes, the smallest first. */
export const SIZE_NAMES = ["thumbnail", "small", "medium", "large"] as const satisfies AvatarSize[];

/** Most pixels of a picture: those of the cameras in phones. */
const MAX_PIXELS = 50_000_000;
/** A picture with more pixels is decoded alone, to bound the memory. */
const HEAVY_PIXELS = 16_000_000;
/** Seconds that a step of the work on one picture may take. */
const MAX_SECONDS = 15;
const QUALITY = { thumbnail: 80, small: 80, medium: 82, large: 82 } as const;

const pictures = createQueue({ slots: 2, waiting: 64 });
const heavyPictures = createQueue({ slots: 1, waiting: 8 });

type SharpModule = (input: Buffer, options?: SharpOptions) => Sharp;
let loading: Promise<SharpModule> | undefined;

/** Loads sharp with the first picture: a platform without it runs, only without uploads. */
async function loadSharp(): Promise<SharpModule> {
  loading ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    // Only what an avatar needs: no SVG, PDF, TIFF, nor any loader that a system's libvips brings.
    const loaders = ["JpegBuffer", "PngBuffer", "WebpBuffer", "NsgifBuffer", "HeifBuffer"];
    sharp.block({ operation: ["VipsForeignLoad"] });
    sharp.unblock({ operation: loaders.map((name) => `VipsForeignLoad${name}`) });
    return sharp;
  });
  try {
    return await loading;
  } catch (cause) {
    loading = undefined;
    throw new ParlorError("not_configured", "This server cannot read pictures: sharp does not run on it.", {
      cause,
    });
  }
}

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
    Object.assign(made, await pictures.run(() => makeFromOne(sharp, bytes, sizes)));
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
    const input: SharpOptions = { failOn: "error", limitInputPixels: MAX_PIXELS, pages: 1 };
    const { width, height } = await sharp(bytes, input).metadata();
    const edge = Math.max(...sizes.map((size) => AVATAR_SIZES[size]));
    const decode = () =>
      square(sharp(bytes, input).autoOrient(), edge)
        .toColourspace("srgb")
        .raw()
        .toBuffer({ resolveWithObject: true });
    const { data, info } = await (width * height > HEAVY_PIXELS ? heavyPictures.run(decode) : decode());
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
