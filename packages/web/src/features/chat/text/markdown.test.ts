import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Inline } from "./inline.js";
import { type Block, parseMarkdown } from "./markdown.js";

/** A short form to compare: b(…), i(…), s(…), c(…), a(href|…), @(…). */
function show(inlines: readonly Inline[]): string {
  return inlines
    .map((inline) => {
      if (typeof inline === "string") return inline;
      if (inline.kind === "code") return `c(${inline.text})`;
      if (inline.kind === "mention") return `@(${inline.text})`;
      if (inline.kind === "link") return `a(${inline.href}|${show(inline.children)})`;
      return `${inline.kind[0]}(${show(inline.children)})`;
    })
    .join("");
}

function showBlock(block: Block): string {
  if (block.kind === "code") return `code[${block.language}](${block.text})`;
  if (block.kind === "quote") return `quote(${block.blocks.map(showBlock).join("|")})`;
  if (block.kind === "list") return `list${block.start ?? ""}(${block.items.map(show).join("|")})`;
  return show(block.inlines);
}

const read = (text: string) => parseMarkdown(text).map(showBlock);

/** Every letter that a person would see. */
function letters(blocks: readonly Block[]): string {
  const inside = (inlines: readonly Inline[]): string =>
    inlines
      .map((inline) =>
        typeof inline === "string" ? inline : "text" in inline ? inline.text : inside(inline.children),
      )
      .join("");
  return blocks
    .map((block) => {
      if (block.kind === "code") return block.text;
      if (block.kind === "quote") return letters(block.blocks);
      return block.kind === "list" ? block.items.map(inside).join("") : inside(block.inlines);
    })
    .join("");
}

describe("[MD1] what is written with marks is drawn with style", () => {
  test.each([
    ["plain", ["plain"]],
    ["**bold** and *it* and _it_ and ~~gone~~", ["b(bold) and i(it) and i(it) and s(gone)"]],
    ["***both***", ["b(i(both))"]],
    ["**bold *in* bold**", ["b(bold i(in) bold)"]],
    ["snake_case_name and 2 * 3 * 4", ["snake_case_name and 2 * 3 * 4"]],
    ["`a*b*` and ``a`b``", ["c(a*b*) and c(a`b)"]],
    ["`open", ["`open"]],
    ["*open **more", ["*open **more"]],
    ["\\*not\\*", ["*not*"]],
    ["**", ["**"]],
    ["see https://a.example/x_y_z*, ok", ["see a(https://a.example/x_y_z|https://a.example/x_y_z)*, ok"]],
    ["[name](https://a.example/)", ["a(https://a.example/|name)"]],
    ["[name](javascript:alert(1))", ["[name](javascript:alert(1))"]],
    ["[a] [b](https://a.example/)", ["[a] a(https://a.example/|b)"]],
    ["**https://a.example/**", ["b(a(https://a.example/|https://a.example/))"]],
    ["```ts\nconst a = 1;\n```", ["code[ts](const a = 1;)"]],
    ["a\n```\nopen", ["a\n```\nopen"]],
    ["> one\n> two\nthree", ["quote(one\ntwo)", "three"]],
    ["- a\n- **b**\n\n3. c\n4. d", ["list(a|b(b))", "list3(c|d)"]],
    ["-5 degrees", ["-5 degrees"]],
    ["<b>no</b> &amp;", ["<b>no</b> &amp;"]],
  ])("%j", (text, expected) => {
    expect(read(text)).toEqual(expected);
  });

  test("a name after an @ is a mention where it is one", () => {
    const mentionAt = (text: string, index: number) =>
      text.startsWith("@Ann Lee", index) ? { length: 8, userId: "u1" } : null;
    const [block] = parseMarkdown("hi **@Ann Lee**, mail a@Ann Lee", { mentionAt });
    expect(block && showBlock(block)).toBe("hi b(@(@Ann Lee)), mail a@Ann Lee");
  });
});

const piece = fc.constantFrom(
  "*",
  "**",
  "_",
  "~~",
  "`",
  "``",
  "[",
  "](",
  ")",
  "](https://a.b)",
  "\n",
  "> ",
  "- ",
  "1. ",
  "```",
  "\\",
  " ",
  "a",
  "@x",
  "https://a.b/",
  "שלום",
);

describe("[MD2] any text is read in time that grows with its length, and none of its words is lost", () => {
  test("of random marks", () => {
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 400 }), (pieces) => {
        const text = pieces.join("");
        const steps = { count: 0 };
        const blocks = parseMarkdown(text, { steps });
        expect(steps.count).toBeLessThanOrEqual(30 * text.length + 100);
        const count = (whole: string, letter: string) => whole.split(letter).length - 1;
        expect(count(letters(blocks), "ש")).toBe(count(text, "ש"));
      }),
      { numRuns: 1_000 },
    );
  });

  test.each([
    "*",
    "**a ",
    "_a_",
    "`",
    "`` ` ",
    "[",
    "[a](",
    "[](",
    "](x",
    "~~",
    "***a",
    "> ",
    "- *a\n",
    "```\n",
    "\\",
    "https://",
    "https://a.b/*",
    "@",
    "a**b_c~~",
  ])("of %j, 50,000 times", (unit) => {
    const text = unit.repeat(50_000);
    const steps = { count: 0 };
    parseMarkdown(text, { steps });
    expect(steps.count).toBeLessThanOrEqual(30 * text.length + 100);
  });
});
