import { expect, test } from "vitest";
import { encodingsFor, SIZES } from "./encodings.js";
import { layerFor } from "./layers.js";

test("[CALL23] a camera is sent in as many sizes as its picture is worth, the smallest first to stay", () => {
  const sent = (side: number, plan: "full" | "small" | "off") => {
    const encodings = encodingsFor(side, plan);
    return SIZES.filter((size) => encodings[size].active).map(
      (size) => side / (encodings[size].scaleResolutionDownBy ?? 1),
    );
  };
  expect(sent(720, "full")).toEqual([180, 360, 720]);
  expect(sent(360, "full")).toEqual([180, 360]);
  expect(sent(180, "full")).toEqual([180]);
  expect(sent(720, "small")).toEqual([180]);
  expect(sent(720, "off")).toEqual([]);
});

test("[CALL23] the size that is received fits the height in which it is shown, and the way there", () => {
  expect([150, 400, 900].map((height) => layerFor(height, 3, "full"))).toEqual([0, 1, 2]);
  expect([150, 400, 900].map((height) => layerFor(height, 3, "small"))).toEqual([0, 0, 1]);
  expect(layerFor(900, 1, "off")).toBe(0);
  // Where nobody says how tall it is, the number of people does.
  expect([1, 4, 9].map((others) => layerFor(null, others, "full"))).toEqual([2, 1, 0]);
});
