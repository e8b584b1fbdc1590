import { expect, test } from "vitest";
import { compose, readName, type Track } from "./composition.js";

const track = (slot: Track["slot"], from: number, to: number): Track => ({
  slot,
  start: from,
  spans: [[from, to]],
});
const placesIn = (graph: string) =>
  [...graph.matchAll(/overlay=x=(\d+):y=(\d+)/g)].map(([, x, y]) => `${x},${y}`);

test("[CALL28] cameras share the picture, as many at a time as there are; who comes later takes a free place", () => {
  const four = compose([0, 1, 2, 3].map((n) => track("camera", n, 9_000)));
  expect(placesIn(four.graph)).toEqual(["0,0", "640,0", "0,360", "640,360"]);
  const turns = compose([
    track("camera", 0, 4_000),
    track("camera", 5_000, 9_000),
    track("camera", 0, 9_000),
  ]);
  expect(placesIn(turns.graph)).toEqual(["0,0", "0,0", "640,0"]);
  expect(turns.duration).toBe(9_000);
  expect(placesIn(compose([track("camera", 0, 1_000)]).graph)).toEqual(["0,0"]);
});

test("[CALL28] a screen is drawn last and whole, and each picture only while it comes", () => {
  const { graph } = compose([
    track("screen", 2_000, 4_000),
    {
      slot: "camera",
      start: 500,
      spans: [
        [500, 1_500],
        [3_000, 9_000],
      ],
    },
  ]);
  const lines = graph.split(";\n");
  expect(lines.at(-1)).toBe(
    "[on1][shown1]overlay=x=0:y=0:eof_action=pass:enable='between(t,2.000,4.100)'[picture]",
  );
  expect(lines.at(-2)).toContain("[0:v]scale=1280:720:");
  expect(graph).toContain("enable='between(t,0.500,1.600)+between(t,3.000,9.100)'");
  expect(graph).toContain("setpts=PTS+0.500/TB");
});

test("[CALL28] voices and the sound of screens are mixed from when each begins; without pictures there is sound alone", () => {
  const mixed = compose([track("voice", 0, 9_000), track("sound", 2_000, 3_000)]);
  expect(mixed).toMatchObject({ hasPicture: false, hasSound: true });
  expect(mixed.graph).toContain("[1:a]asetpts=PTS+2.000/TB");
  expect(mixed.graph).toContain("amix=inputs=2");
  expect(compose([track("camera", 0, 9_000)])).toMatchObject({ hasPicture: true, hasSound: false });
});

test("[CALL26] only names that Parlor gave are read", () => {
  expect(readName("sent-12-3-video-1.mjr")).toEqual({ leg: 12, slot: "camera" });
  expect(readName("sent-1-1-audio-3.mjr")).toEqual({ leg: 1, slot: "sound" });
  for (const other of [
    "sent-1-1-video-4.mjr",
    "sent-1-1-video-1.mjr.tmp",
    "../sent-1-1-video-1.mjr",
    "x.mjr",
  ])
    expect(readName(other)).toBeNull();
});
