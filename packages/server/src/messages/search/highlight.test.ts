import { describe, expect, it } from "vitest";
import { wordsOf } from "./fold.js";
import { highlight } from "./highlight.js";

const found = (content: string, ...words: string[]) => {
  const sought = words.map((word) => ({ word: word.replace("*", ""), prefix: word.endsWith("*") }));
  const { text, ranges } = highlight(content, sought);
  return ranges.map(([start, end]) => text.slice(start, end));
};

describe("[SRCH2] highlights", () => {
  it("[SRCH2] are places in a part of the text, in UTF-16 units, never markup", () => {
    const { text, ranges } = highlight("😀 <b>Hello</b> & hello", [{ word: "hello", prefix: false }]);
    expect(text).toBe("😀 <b>Hello</b> & hello");
    expect(ranges).toEqual([
      [6, 11],
      [18, 23],
    ]);
  });

  it("[SRCH2] find words without case, accents and width, and begins of words", () => {
    expect(found("Crème BRÛLÉE", "brulee")).toEqual(["BRÛLÉE"]);
    expect(found("Straße, STRASSE", "strasse")).toEqual(["Straße", "STRASSE"]);
    expect(found("ｆｕｌｌ width", "full")).toEqual(["ｆｕｌｌ"]);
    expect(found("Ὀδυσσεύς", "οδυσσευσ")).toEqual(["Ὀδυσσεύς"]);
    expect(found("ёлка ЙОД", "елка", "иод")).toEqual(["ёлка", "ЙОД"]);
    expect(found("مُحَمَّد", "محمد")).toEqual(["مُحَمَّد"]);
    expect(found("searching for search engines", "search*")).toEqual(["searching", "search"]);
    expect(found("searching", "search")).toEqual([]);
  });

  it("[SRCH2] show neighbouring letters of scripts without spaces as one place", () => {
    expect(found("昨日東京に行った", "東", "京")).toEqual(["東京"]);
    expect(found("ガラス", "ガ", "ラ", "ス")).toEqual(["ガラス"]);
    expect([...wordsOf("東京tower")].map(({ word }) => word)).toEqual(["東", "京", "tower"]);
  });

  it("[SRCH2] show the part around the first place of a long text, whole characters of it", () => {
    const { text, ranges } = highlight(`${"😀".repeat(500)}needle${"😀".repeat(500)}`, [
      { word: "needle", prefix: false },
    ]);
    expect(text.length).toBeLessThanOrEqual(240);
    expect(text).not.toMatch(/\p{Surrogate}/u);
    expect(ranges.map(([start, end]) => text.slice(start, end))).toEqual(["needle"]);
    const words = highlight(`${"before ".repeat(100)}needle after`, [{ word: "needle", prefix: false }]);
    expect(words.text.startsWith("before")).toBe(true);
  });

  it("[SRCH2] show the begin where nothing is found, and bound what is marked", () => {
    expect(highlight("short", [])).toEqual({ text: "short", ranges: [] });
    expect(highlight("a ".repeat(120), [{ word: "a", prefix: false }]).ranges).toHaveLength(50);
  });
});
