import { describe, expect, it } from "vitest";
import { boxOf, formatLength, sourceOf } from "./attachment.js";

const picture = {
  url: "/original",
  previews: { "360": "/360", "1280": "/1280" },
  animated: false,
  size: 1000,
};

describe("attachments", () => {
  it("[UX7] a picture's box keeps its shape within bounds, and has a size without one", () => {
    expect(boxOf({ width: 3840, height: 2160 })).toEqual({ width: 384, height: 216 });
    expect(boxOf({ width: 1000, height: 4000 })).toEqual({ width: 96, height: 320 });
    expect(boxOf({ width: 200, height: 100 })).toEqual({ width: 200, height: 100 });
    expect(boxOf({ width: 8, height: 8 })).toEqual({ width: 96, height: 64 });
    expect(boxOf({ width: null, height: null }).height).toBeGreaterThan(0);
  });

  it("[UX7] the smallest sharp preview is taken; what moves only where motion is welcome", () => {
    const at = (width: number, density: number) => sourceOf(picture, width, { density, still: false });
    expect(at(360, 1)).toBe("/360");
    expect(at(361, 1)).toBe("/1280");
    expect(at(200, 2)).toBe("/1280");
    expect(at(2000, 2)).toBe("/1280");
    const moving = { ...picture, animated: true };
    expect(sourceOf(moving, 300, { density: 1, still: false })).toBe("/original");
    expect(sourceOf(moving, 300, { density: 1, still: true })).toBe("/360");
    expect(sourceOf({ ...moving, size: 1e9 }, 300, { density: 1, still: false })).toBe("/360");
    expect(sourceOf({ ...picture, previews: {} }, 300, { density: 1, still: false })).toBe("/original");
  });

  it("[UX17] a length reads as a clock", () => {
    expect(formatLength(7_900)).toBe("0:07");
    expect(formatLength(600_000)).toBe("10:00");
    expect(formatLength(3_723_000)).toBe("1:02:03");
  });
});
