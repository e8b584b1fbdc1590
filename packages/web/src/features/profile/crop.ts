import { AVATAR_EDGES } from "./sizes.js";

/** The square of a picture that is used, in the picture's own pixels. */
export interface Crop {
  readonly x: number;
  readonly y: number;
  readonly edge: number;
}

/** How a person moved the picture: the middle of the square, and how much closer than "all of it". */
export interface View {
  readonly x: number;
  readonly y: number;
  readonly zoom: number;
}

/** The closest that a person may come. */
export const MAX_ZOOM = 5;

const between = (value: number, low: number, high: number) => Math.min(high, Math.max(low, value));

/** The square of a view, kept inside the picture. */
export function cropOf(view: View, width: number, height: number): Crop {
  const edge = Math.min(width, height) / view.zoom;
  return {
    x: between(view.x - edge / 2, 0, width - edge),
    y: between(view.y - edge / 2, 0, height - edge),
    edge,
  };
}

/** A view after a move or a zoom, kept inside the picture. */
export function clampView(view: View, width: number, height: number): View {
  const zoom = between(view.zoom, 1, MAX_ZOOM);
  const { x, y, edge } = cropOf({ ...view, zoom }, width, height);
  return { zoom, x: x + edge / 2, y: y + edge / 2 };
}

function draw(picture: ImageBitmap, crop: Crop, edge: number): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = edge;
  canvas.height = edge;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("This browser gives no canvas");
  context.imageSmoothingQuality = "high";
  // JPEG knows no transparency: without a ground it would be black.
  context.fillStyle = "#ffffff";
  context.fillRect(0, 0, edge, edge);
  context.drawImage(picture, crop.x, crop.y, crop.edge, crop.edge, 0, 0, edge, edge);
  return canvas;
}

function encode(canvas: HTMLCanvasElement, quality: number): Promise<Blob> {
  return new Promise((resolve, reject) => {
    canvas.toBlob(
      (blob) => (blob ? resolve(blob) : reject(new Error("This browser could not encode the picture"))),
      "image/jpeg",
      quality,
    );
  });
}

/** The four sizes of an avatar from a square of a picture. */
export async function renderAvatar(
  picture: ImageBitmap,
  crop: Crop,
): Promise<Record<keyof typeof AVATAR_EDGES, Blob>> {
  const { thumbnail, small, medium, large } = AVATAR_EDGES;
  const make = (size: { edge: number; quality: number }) =>
    encode(draw(picture, crop, size.edge), size.quality);
  const [a, b, c, d] = await Promise.all([make(thumbnail), make(small), make(medium), make(large)]);
  return { thumbnail: a, small: b, medium: c, large: d };
}
