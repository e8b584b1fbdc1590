import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clampView, cropOf, MAX_ZOOM } from "./crop.js";

const edge = fc.integer({ min: 1, max: 8_000 });
const anywhere = fc.double({ min: -20_000, max: 20_000, noNaN: true });

describe("crop of a picture", () => {
  it("stays inside the picture wherever it is moved and zoomed", () => {
    fc.assert(
      fc.property(
        edge,
        edge,
        anywhere,
        anywhere,
        fc.double({ min: 0.01, max: 50, noNaN: true }),
        (width, height, x, y, zoom) => {
          const view = clampView({ x, y, zoom }, width, height);
          const crop = cropOf(view, width, height);
          expect(view.zoom).toBeGreaterThanOrEqual(1);
          expect(view.zoom).toBeLessThanOrEqual(MAX_ZOOM);
          expect(crop.x).toBeGreaterThanOrEqual(0);
          expect(crop.y).toBeGreaterThanOrEqual(0);
          expect(crop.x + crop.edge).toBeLessThanOrEqual(width + 1e-6);
          expect(crop.y + crop.edge).toBeLessThanOrEqual(height + 1e-6);
        },
      ),
    );
  });

  it("begins with the largest square in the middle", () => {
    expect(cropOf({ x: 300, y: 100, zoom: 1 }, 600, 200)).toEqual({ x: 200, y: 0, edge: 200 });
  });
});
