import { describe, expect, it } from "vitest";
import { peaksOf } from "./voice-recorder.js";

describe("peaks of a recording", () => {
  it("[UX17] are at most a hundred, the loudest of each stretch, from 0 to 255", () => {
    expect(peaksOf([])).toEqual([]);
    expect(peaksOf([0, 0.5, 1])).toEqual([0, 128, 255]);
    const long = Array.from({ length: 10_000 }, (_, index) => (index === 5_050 ? 1 : 0.1));
    const peaks = peaksOf(long);
    expect(peaks).toHaveLength(100);
    expect(peaks[50]).toBe(255);
    expect(peaks.filter((peak) => peak === 26)).toHaveLength(99);
  });
});
