import { expect, test } from "vitest";
import { isNameOf } from "./room-name.js";

test.each([
  ["short lived", "Short lived", true],
  ["Cafe Zurich ", "Café  Zürich", true],
  ["👨👩", "👨\u200d👩", true],
  ["Salon", "Salon\u200b", true],
  ["Sal", "Salon", false],
  ["", "Salon", false],
  ["", "\u0301", false],
  ["\u0301", "\u0301", true],
  [" ", "\u200b", false],
])("[UX53] %j is the name %j: %s", (typed, name, expected) => {
  expect(isNameOf(typed, name)).toBe(expected);
});
