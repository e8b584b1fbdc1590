import { describe, expect, it } from "vitest";
import { fitTiles, largeOf, type TileItem } from "./tiles.js";

const GAP = 8;

function tile(key: string, more: Partial<TileItem> = {}): TileItem {
  return {
    ...{ key, legId: key, userId: key, name: key, profile: null, stream: null, person: null, quality: null },
    ...{ isMe: false, isScreen: false, isMuted: false, isSpeaking: false, isHandUp: false, isAway: false },
    status: "connected",
    ...more,
  };
}

describe("the tiles of a call", () => {
  it("[UX38] fit into any place, whatever their number, and never overflow it", () => {
    for (const [width, height] of [
      [344, 600],
      [744, 500],
      [1_100, 780],
      [300, 120],
    ] as const) {
      for (let count = 1; count <= 16; count += 1) {
        const fit = fitTiles(count, width, height, GAP);
        const rows = Math.ceil(count / fit.columns);
        expect(fit.columns * fit.width + (fit.columns - 1) * GAP).toBeLessThanOrEqual(width);
        expect(rows * fit.height + (rows - 1) * GAP).toBeLessThanOrEqual(height);
        expect(fit.width).toBeGreaterThan(0);
        expect(fit.width / fit.height).toBeLessThan(1.9);
      }
    }
  });

  it("[UX38] use the place well: side by side where it is wide, one above the other where it is tall", () => {
    expect(fitTiles(2, 1_200, 500, GAP).columns).toBe(2);
    expect(fitTiles(2, 340, 700, GAP).columns).toBe(1);
    expect(fitTiles(4, 1_000, 700, GAP).columns).toBe(2);
  });

  it("[UX38] show large whom the person chose, else a screen, else whoever spoke last", () => {
    const [ann, ben] = [tile("ann"), tile("ben")];
    const screen = tile("ben:screen", { isScreen: true });
    expect(largeOf([ann, ben], null, false, null)).toBeNull();
    expect(largeOf([ann, ben], null, true, "ben")).toBe(ben);
    expect(largeOf([ann, ben], null, true, "gone")).toBe(ann);
    expect(largeOf([screen, ann, ben], null, true, "ann")).toBe(screen);
    expect(largeOf([screen, ann, ben], "ann", false, null)).toBe(ann);
    // One's own screen is not shown to oneself.
    expect(largeOf([{ ...screen, isMe: true }, ann], null, false, null)).toBeNull();
  });
});
