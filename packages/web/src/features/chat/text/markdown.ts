import { type Inline, parseInline, type Scope } from "./inline.js";

/** A part of a message that stands on lines of its own. */
export type Block =
  | { readonly kind: "paragraph"; readonly inlines: readonly Inline[] }
  | { readonly kind: "code"; readonly language: string; readonly text: string }
  | { readonly kind: "quote"; readonly blocks: readonly Block[] }
  | {
      readonly kind: "list";
      /** The number of the first item of an ordered list; `null` for bullets. */
      readonly start: number | null;
      readonly items: readonly (readonly Inline[])[];
    };

/** Quotes in quotes are drawn so deep; deeper ones are text. */
const QUOTE_DEPTH = 3;
const FENCE = /^ {0,3}```([\w+#.-]{0,30})\s*$/;
const FENCE_END = /^ {0,3}```\s*$/;
const BULLET = /^ {0,3}[-*+] (?=\S)/;
const ORDERED = /^ {0,3}(\d{1,9})[.)] (?=\S)/;
const QUOTE = /^ {0,3}> ?/;

/** Reads a message as Markdown. Each line is looked at a bounded number of times, so the work grows with its length. */
export function parseMarkdown(text: string, scope: Scope = {}): Block[] {
  return parseLines(text.split("\n"), scope, 0);
}

function parseLines(lines: readonly string[], scope: Scope, depth: number): Block[] {
  const blocks: Block[] = [];
  // No fence ends below a line at which the search for an end failed.
  let hasFenceEnd = true;
  let plain: string[] = [];
  const endParagraph = () => {
    if (plain.some((line) => line.trim() !== "")) {
      const inlines = parseInline(plain.join("\n").replace(/^\n+/, "").trimEnd(), scope);
      blocks.push({ kind: "paragraph", inlines });
    }
    plain = [];
  };
  /** Takes the lines from `index` on that `pattern` fits. */
  const take = (index: number, pattern: RegExp) => {
    let end = index;
    while (end < lines.length && pattern.test(lines[end] ?? "")) end += 1;
    return end;
  };
  for (let index = 0; index < lines.length; ) {
    const line = lines[index] ?? "";
    if (scope.steps) scope.steps.count += line.length + 1;
    const fence = hasFenceEnd ? FENCE.exec(line) : null;
    if (fence) {
      let end = index + 1;
      while (end < lines.length && !FENCE_END.test(lines[end] ?? "")) end += 1;
      if (end < lines.length) {
        endParagraph();
        const code = lines.slice(index + 1, end).join("\n");
        blocks.push({ kind: "code", language: (fence[1] ?? "").toLowerCase(), text: code });
        index = end + 1;
        continue;
      }
      hasFenceEnd = false;
    }
    const quoted = depth < QUOTE_DEPTH ? take(index, QUOTE) : index;
    if (quoted > index) {
      endParagraph();
      const inside = lines.slice(index, quoted).map((quote) => quote.replace(QUOTE, ""));
      blocks.push({ kind: "quote", blocks: parseLines(inside, scope, depth + 1) });
      index = quoted;
      continue;
    }
    const pattern = BULLET.test(line) ? BULLET : ORDERED.test(line) ? ORDERED : null;
    if (pattern) {
      endParagraph();
      const end = take(index, pattern);
      const items = lines.slice(index, end).map((item) => parseInline(item.replace(pattern, ""), scope));
      const start = pattern === ORDERED ? Number(ORDERED.exec(line)?.[1] ?? 1) : null;
      blocks.push({ kind: "list", start, items });
      index = end;
      continue;
    }
    plain.push(line);
    index += 1;
  }
  endParagraph();
  return blocks;
}
