import type { MessagePreview } from "@parlor/protocol";
import { expect, test } from "vitest";
import { previewText } from "./preview-text.js";

test("[MD3] a preview has the words alone, also of marks that it cuts in two", () => {
  const shown = (content: string) => previewText({ content } as MessagePreview);
  expect(shown("psst, **just** between `us`")).toBe("psst, just between us");
  expect(shown("[the book](https://book.example) is _here_")).toBe("the book is here");
  expect(shown("2 * 3 ** 4, and **half a wo")).toBe("2 * 3 ** 4, and **half a wo");
});
