import { expect, test } from "vitest";
import { createSpeaking } from "./speaking.js";
import { createVideoPlanner, encodingFor, type Road } from "./video-plan.js";

const wide: Road = { available: 2_000_000, loss: 0, rtt: 0.05 };
const narrow: Road = { available: 150_000, loss: 0, rtt: 0.2 };
const hopeless: Road = { available: 50_000, loss: 0.02, rtt: 0.5 };

test("[CALL16] a way that becomes narrow gets a small picture, then none, so that the voice gets through", () => {
  const plan = createVideoPlanner();
  expect(plan(wide)).toBe("full");
  // One bad look is a hiccup.
  expect([plan(narrow), plan(wide), plan(narrow)]).toEqual(["full", "full", "full"]);
  expect(plan(narrow)).toBe("small");
  expect(plan(hopeless)).toBe("off");
  expect(plan({ ...wide, loss: 0.3 })).toBe("off");
});

test("[CALL16] the picture comes back step by step, after a while of good looks", () => {
  const plan = createVideoPlanner();
  plan(hopeless);
  const looks = Array.from({ length: 14 }, () => plan(wide));
  expect(looks.indexOf("small")).toBe(7);
  expect(looks.indexOf("full")).toBe(12);
  // A way that is clean only now and then does not make the picture flicker.
  const other = createVideoPlanner();
  other(hopeless);
  const flicker = Array.from({ length: 40 }, (_, index) =>
    other({ ...wide, loss: index % 4 === 3 ? 0.1 : 0 }),
  );
  expect(new Set(flicker)).toEqual(new Set(["off"]));
});

test("[CALL16] more is tried although little is known to fit, and ever less often when it does not", () => {
  const plan = createVideoPlanner();
  plan(hopeless);
  // While no picture is sent, a low estimate is no news.
  const looks = Array.from({ length: 200 }, () => plan(hopeless));
  const tries = looks.flatMap((look, index) => (look === "small" ? [index] : []));
  expect(tries.slice(0, 3)).toEqual([7, 24, 57]);
  expect(tries.length).toBeLessThan(6);
});

test("[CALL16] nothing known is no reason to send less; more people share what there is", () => {
  expect(createVideoPlanner()({ available: null, loss: null, rtt: null })).toBe("full");
  const [two, eight] = [encodingFor("full", 1), encodingFor("full", 7)];
  expect((two.maxBitrate ?? 0) / (eight.maxBitrate ?? 1)).toBe(4);
  expect(encodingFor("off", 1).active).toBe(false);
  expect(encodingFor("small", 1)).toMatchObject({ active: true, scaleResolutionDownBy: 4 });
});

test("[CALL17] somebody speaks from the first loud moment until a pause that is longer than one between words", () => {
  const hears = createSpeaking();
  const heard = [0, 0.5, 0.3, 0.1, 0.1, 0.5, 0.1, 0.1, 0.1, 0.1].map((level, index) =>
    hears(level, index * 200),
  );
  expect(heard).toEqual([false, true, true, true, true, true, true, true, true, false]);
});
