import { splitLinks } from "./links.js";

/** A part of a line. */
export type Inline =
  | string
  | { readonly kind: "bold" | "italic" | "strike"; readonly children: readonly Inline[] }
  | { readonly kind: "code"; readonly text: string }
  | { readonly kind: "link"; readonly href: string; readonly children: readonly Inline[] }
  | { readonly kind: "mention"; readonly text: string; readonly userId: string | null };

/** Who is mentioned at a place of a text that holds an `@`: how long the name is, and whose. */
export type FindMention = (text: string, index: number) => { length: number; userId: string | null } | null;

/** What the parser needs beside the text. */
export interface Scope {
  readonly mentionAt?: FindMention | undefined;
  /** Counts the work, for tests. */
  readonly steps?: { count: number };
}

type Style = "bold" | "italic" | "strike";

interface Open {
  readonly mark: string;
  readonly style: Style | "link";
  /** What was collected outside of it. */
  readonly outside: Inline[];
}

/** Styles in styles are drawn so deep; deeper marks are text. */
const DEPTH = 8;
const WORD = /[\p{L}\p{N}_]/u;
const SPECIAL = /[*_~`[\]@\\]/;
const STYLE: Readonly<Record<string, Style>> = {
  "*": "italic",
  _: "italic",
  "**": "bold",
  __: "bold",
  "~~": "strike",
};

/**
 * Reads the styles of a text in one pass from left to right. Marks that find no partner are text. Whatever is searched
 * ahead is either taken whole or known not to be there, so nothing is read more than a few times.
 */
export function parseInline(text: string, scope: Scope = {}): Inline[] {
  return new InlineParser(text, scope).parse();
}

class InlineParser {
  readonly #text: string;
  readonly #scope: Scope;
  readonly #open: Open[] = [];
  #out: Inline[] = [];
  #plain = "";
  /** The last place of a run of so many backticks: beyond it no search is made. */
  readonly #lastTicks = new Map<number, number>();
  /** No address ends before this place. */
  #noAddressBefore = 0;

  constructor(text: string, scope: Scope) {
    this.#text = text;
    this.#scope = scope;
    for (const { 0: run, index } of text.matchAll(/`+/g)) this.#lastTicks.set(run.length, index);
    this.#count(text.length);
  }

  parse(): Inline[] {
    for (let index = 0; index < this.#text.length; ) index = this.#step(index);
    this.#flush();
    while (this.#open.length > 0) this.#giveUp();
    return this.#out;
  }

  #step(index: number): number {
    this.#count(1);
    const letter = this.#text[index] ?? "";
    if (!SPECIAL.test(letter)) return this.#run(index);
    if (letter === "\\") return this.#escape(index);
    if (letter === "`") return this.#code(index);
    if (letter === "@") return this.#mention(index);
    if (letter === "[") return this.#openLink(index);
    if (letter === "]") return this.#closeLink(index);
    return this.#marks(index, letter);
  }

  /** Text up to the next letter that means anything. An address is text to its end, whatever it holds. */
  #run(index: number): number {
    let end = index;
    const text = this.#text;
    if (/^https?:\/\//i.test(text.slice(index, index + 8)) && !WORD.test(text[index - 1] ?? "")) {
      while (end < text.length && !/[\s<>"']/.test(text[end] ?? "")) end += 1;
      // Marks at its end belong to the sentence.
      while (end > index + 8 && /[*_~`\]]/.test(text[end - 1] ?? "")) end -= 1;
    } else {
      end += 1;
      while (end < text.length && !SPECIAL.test(text[end] ?? "") && !isAddressBegin(text, end)) end += 1;
    }
    this.#count(end - index);
    this.#plain += text.slice(index, end);
    return end;
  }

  #escape(index: number): number {
    const next = this.#text[index + 1] ?? "";
    if (/[*_~`[\]\\@>]/.test(next)) {
      this.#plain += next;
      return index + 2;
    }
    return this.#literal(index, 1);
  }

  #literal(index: number, length: number): number {
    this.#plain += this.#text.slice(index, index + length);
    return index + length;
  }

  #runLength(index: number, letter: string): number {
    let end = index;
    while (this.#text[end] === letter) end += 1;
    this.#count(end - index);
    return end - index;
  }

  #code(index: number): number {
    const length = this.#runLength(index, "`");
    let from = index + length;
    while (length <= 2 && from <= (this.#lastTicks.get(length) ?? -1)) {
      const end = this.#text.indexOf("`", from);
      if (end < 0) break;
      this.#count(end - from + 1);
      const closing = this.#runLength(end, "`");
      if (closing === length) {
        this.#push({ kind: "code", text: this.#text.slice(index + length, end) });
        return end + length;
      }
      from = end + closing;
    }
    return this.#literal(index, length);
  }

  #mention(index: number): number {
    const isWordBefore = WORD.test(this.#text[index - 1] ?? "");
    const found = isWordBefore ? null : (this.#scope.mentionAt?.(this.#text, index) ?? null);
    if (!found) return this.#literal(index, 1);
    const text = this.#text.slice(index, index + found.length);
    this.#push({ kind: "mention", text, userId: found.userId });
    return index + found.length;
  }

  #openLink(index: number): number {
    const isInside = this.#open.some(({ style }) => style === "link");
    if (isInside || this.#open.length >= DEPTH) return this.#literal(index, 1);
    this.#begin("[", "link");
    return index + 1;
  }

  #closeLink(index: number): number {
    const at = this.#open.findLastIndex(({ style }) => style === "link");
    const href = at < 0 ? null : this.#addressAt(index + 1);
    if (at < 0) return this.#literal(index, 1);
    if (href === null) {
      // A bracket without an address is a bracket; it must not keep a later one from being a link.
      this.#flush();
      this.#dissolve(at);
      return this.#literal(index, 1);
    }
    this.#flush();
    while (this.#open.length > at + 1) this.#giveUp();
    const { outside } = this.#open.pop() as Open;
    const children = this.#out;
    this.#out = outside;
    this.#out.push({ kind: "link", href: href.href, children });
    return href.end;
  }

  /** The address in round brackets that follows; only http and https become links. */
  #addressAt(index: number): { href: string; end: number } | null {
    if (this.#text[index] !== "(" || index < this.#noAddressBefore) return null;
    let end = index + 1;
    while (end < this.#text.length && !/[\s()]/.test(this.#text[end] ?? "")) end += 1;
    this.#count(end - index);
    if (this.#text[end] !== ")") {
      this.#noAddressBefore = end;
      return null;
    }
    const [part, ...rest] = splitLinks(this.#text.slice(index + 1, end));
    return part?.href && rest.length === 0 ? { href: part.href, end: end + 1 } : null;
  }

  #marks(index: number, letter: string): number {
    const length = this.#runLength(index, letter);
    const [before, after] = [this.#text[index - 1] ?? " ", this.#text[index + length] ?? " "];
    const isWordy = letter === "_";
    const canOpen = !/\s/.test(after) && !(isWordy && WORD.test(before));
    const canClose = !/\s/.test(before) && !(isWordy && WORD.test(after));
    let left = length;
    while (left > 0) {
      const top = this.#open.findLastIndex(({ mark }) => mark[0] === letter);
      const size = top < 0 ? 0 : (this.#open[top]?.mark.length ?? 0);
      if (canClose && size > 0 && size <= left && this.#isFilled(top)) {
        this.#close(top);
        left -= size;
        continue;
      }
      const mark = letter.repeat(Math.min(left, 2));
      const style = STYLE[mark];
      if (canOpen && style && this.#open.length < DEPTH && !this.#open.some((open) => open.mark === mark)) {
        this.#begin(mark, style);
        left -= mark.length;
        continue;
      }
      this.#plain += letter.repeat(left);
      left = 0;
    }
    return index + length;
  }

  /** Whether there is anything between a mark and here. */
  #isFilled(at: number): boolean {
    return this.#plain !== "" || this.#out.length > 0 || at < this.#open.length - 1;
  }

  #begin(mark: string, style: Open["style"]): void {
    this.#flush();
    this.#open.push({ mark, style, outside: this.#out });
    this.#out = [];
  }

  #close(at: number): void {
    this.#flush();
    while (this.#open.length > at + 1) this.#giveUp();
    const { style, outside } = this.#open.pop() as Open;
    const children = this.#out;
    this.#out = outside;
    if (style !== "link") this.#out.push({ kind: style, children });
  }

  /** The innermost mark found no partner: it is text. */
  #giveUp(): void {
    const { mark, outside } = this.#open.pop() as Open;
    const children = this.#out;
    this.#out = outside;
    this.#addText(mark);
    for (const child of children) this.#add(child);
    this.#count(children.length);
  }

  /** The same for one that has others inside of it. */
  #dissolve(at: number): void {
    const [link] = this.#open.splice(at, 1);
    if (!link) return;
    const next = this.#open[at];
    const collected = next ? next.outside : this.#out;
    // Into the list that is there: copying it each time would make the work grow with its square.
    link.outside.push("[");
    for (const inline of collected) link.outside.push(inline);
    this.#count(collected.length);
    if (next) this.#open[at] = { ...next, outside: link.outside };
    else this.#out = link.outside;
  }

  #push(inline: Inline): void {
    this.#flush();
    this.#out.push(inline);
  }

  #add(inline: Inline): void {
    if (typeof inline === "string") this.#addText(inline);
    else this.#out.push(inline);
  }

  #addText(text: string): void {
    const last = this.#out.at(-1);
    if (typeof last === "string") this.#out[this.#out.length - 1] = last + text;
    else this.#out.push(text);
  }

  #flush(): void {
    const plain = this.#plain;
    if (plain === "") return;
    this.#plain = "";
    const isInLink = this.#open.some(({ style }) => style === "link");
    for (const { text, href } of isInLink ? [{ text: plain, href: null }] : splitLinks(plain)) {
      if (href === null) this.#addText(text);
      else this.#out.push({ kind: "link", href, children: [text] });
    }
    this.#count(plain.length);
  }

  #count(steps: number): void {
    if (this.#scope.steps) this.#scope.steps.count += steps;
  }
}

function isAddressBegin(text: string, index: number): boolean {
  const letter = text[index];
  return (letter === "h" || letter === "H") && /^https?:\/\//i.test(text.slice(index, index + 8));
}
