import { foldWord, wordsOf } from "./fold.js";
import type { SoughtWord } from "./query.js";

/** UTF-16 units of the part of a message that is shown, and of it before the first word that was found. */
const SHOWN = 240;
const BEFORE = 60;
/** Places that are marked in it. */
const RANGES = 50;

/** A part of a message's text and the places `[start, end)` in it that were found, in UTF-16 units. */
export interface Highlight {
  readonly text: string;
  readonly ranges: [start: number, end: number][];
}

/** The part of a text around the first word that was found. Text and places, never markup. */
export function highlight(content: string, sought: readonly SoughtWord[]): Highlight {
  const whole = new Set(sought.map(({ word }) => foldWord(word)));
  const begins = sought.filter(({ prefix }) => prefix).map(({ word }) => foldWord(word));
  const isFound = (word: string) => whole.has(word) || begins.some((begin) => word.startsWith(begin));
  let window: { start: number; end: number } | null = null;
  const ranges: [number, number][] = [];
  for (const { word, start, end } of wordsOf(content)) {
    if (window && (start >= window.end || ranges.length >= RANGES)) break;
    if (!isFound(word)) continue;
    window ??= windowAt(content, start);
    const last = ranges.at(-1);
    const [from, to] = [start - window.start, Math.min(end, window.end) - window.start];
    // Letters of a script without spaces are words of their own: neighbours are shown as one.
    if (last && last[1] === from) last[1] = to;
    else ranges.push([from, to]);
  }
  const { start, end } = window ?? windowAt(content, 0);
  return { text: content.slice(start, end), ranges };
}

function windowAt(content: string, place: number): { start: number; end: number } {
  let start = Math.max(0, place - BEFORE);
  // From the begin of a word on, where there is one.
  const space = start === 0 ? -1 : content.slice(start, place).search(/\s/);
  if (space >= 0) start += space + 1;
  else if (isSecondHalf(content, start)) start += 1;
  let end = Math.min(content.length, start + SHOWN);
  if (isSecondHalf(content, end)) end -= 1;
  return { start, end };
}

function isSecondHalf(content: string, index: number): boolean {
  return index > 0 && index < content.length && /[\udc00-\udfff]/.test(content.charAt(index));
}
