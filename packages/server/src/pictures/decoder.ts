import { ParlorError } from "@parlor/protocol";
import type { Sharp, SharpOptions } from "sharp";
import { createQueue } from "../queue.js";

/** Most pixels of a picture: those of the cameras in phones. */
export const MAX_PIXELS = 50_000_000;
/** A picture with more pixels is decoded alone, to bound the memory. */
const HEAVY_PIXELS = 16_000_000;
/** Seconds that a step of the work on one picture may take. */
export const MAX_SECONDS = 15;
/** How pictures are read: damaged ones are refused, and of an animation only the first counts. */
export const INPUT: SharpOptions = { failOn: "error", limitInputPixels: MAX_PIXELS, pages: 1 };

const heavyPictures = createQueue({ slots: 1, waiting: 8 });

/** The one line in which all pictures wait to be decoded. */
export const pictureQueue = createQueue({ slots: 2, waiting: 64 });

/** The part of sharp that is used: reads a picture. */
export type SharpModule = (input: Buffer, options?: SharpOptions) => Sharp;
let loading: Promise<SharpModule> | undefined;

/** Loads sharp with the first picture: a platform without it runs, only without uploads. */
export async function loadSharp(): Promise<SharpModule> {
  loading ??= import("sharp").then(({ default: sharp }) => {
    sharp.cache(false);
    // Only what chat needs: no SVG, PDF, TIFF, nor any loader that a system's libvips brings.
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

/** Runs a step that holds all pixels of a picture, a large picture alone. */
export async function decodeWithin<T>(pixels: number, decode: () => Promise<T>): Promise<T> {
  return pixels > HEAVY_PIXELS ? await heavyPictures.run(decode) : await decode();
}
