import type { Inline } from "./inline.js";
import { type Block, parseMarkdown } from "./markdown.js";

/** Places `[start, end)` of a text in UTF-16 units, ascending. */
export type Ranges = readonly (readonly [number, number])[];

function wordsOf(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (typeof inline === "string") return inline;
      return inline.kind === "code" || inline.kind === "mention" ? inline.text : wordsOf(inline.children);
    })
    .join("");
}

function linesOf(block: Block): string {
  if (block.kind === "code") return block.text;
  if (block.kind === "quote") return block.blocks.map(linesOf).join("\n");
  return block.kind === "list" ? block.items.map(wordsOf).join("\n") : wordsOf(block.inlines);
}

/** What a message says without the marks of Markdown: for a preview, in which they would only be in the way. */
export function plainOf(text: string): string {
  return parseMarkdown(text).map(linesOf).join("\n");
}

/** The same with the places that were found in the text, at where they are then. */
export function plainWithRanges(text: string, ranges: Ranges): { text: string; ranges: Ranges } {
  const plain = plainOf(text);
  const found: [number, number][] = [];
  let at = 0;
  let range = 0;
  for (let index = 0; index < plain.length; index += 1) {
    // Marks are left out and nothing is put in, so each letter is the next one like it.
    const place = text.indexOf(plain[index] ?? "", at);
    if (place < 0) continue;
    at = place + 1;
    while ((ranges[range]?.[1] ?? Number.POSITIVE_INFINITY) <= place) range += 1;
    const [from] = ranges[range] ?? [Number.POSITIVE_INFINITY];
    if (place < from) continue;
    const last = found.at(-1);
    if (last?.[1] === index) last[1] = index + 1;
    else found.push([index, index + 1]);
  }
  return { text: plain, ranges: found };
}
