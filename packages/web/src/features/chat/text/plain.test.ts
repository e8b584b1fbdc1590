import { expect, test } from "vitest";
import { plainOf, plainWithRanges } from "./plain.js";

test("[MD3] a preview has the words of a message and none of its marks", () => {
  expect(plainOf("**bold** and _it_ and `code` and ~~no~~")).toBe("bold and it and code and no");
  expect(plainOf("see [the page](https://a.example/x) soon")).toBe("see the page soon");
  expect(plainOf("- one\n- **two**\n\n> quoted\n\n```ts\nconst n = 1;\n```")).toBe(
    "one\ntwo\nquoted\nconst n = 1;",
  );
  // A mark without a partner is a part of the text.
  expect(plainOf("2 * 3 and …**half")).toBe("2 * 3 and …**half");
});

test("[MD3] what was found stays set off where it is then", () => {
  const source = "a **red door** in `red` and [red](https://red.example)";
  const places: [number, number][] = [];
  for (let at = source.indexOf("red"); at >= 0; at = source.indexOf("red", at + 1)) places.push([at, at + 3]);
  const { text, ranges } = plainWithRanges(source, places);
  expect(text).toBe("a red door in red and red");
  expect(ranges.map(([from, to]) => text.slice(from, to))).toEqual(["red", "red", "red"]);
  expect(plainWithRanges("nothing *here*", []).ranges).toEqual([]);
});
