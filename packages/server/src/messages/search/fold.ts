/** Marks that do not part two words: accents, points and vowel signs of Hebrew and Arabic, the Arabic stretch. */
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]/g;
const ODD: Readonly<Record<string, string>> = {
  ς: "σ",
  ß: "ss",
  æ: "ae",
  œ: "oe",
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ı: "i",
};
const ODD_LETTERS = new RegExp(`[${Object.keys(ODD).join("")}]`, "g");
/** A letter of a script that puts no space between words: a word of its own, with the marks that follow it. */
const LONE =
  "[\\u0e00-\\u0eff\\u1000-\\u109f\\u1780-\\u17ff\\u2e80-\\u2fdf\\u3005-\\u3007\\u3040-\\u30ff\\u31f0-\\u31ff" +
  "\\u3400-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3ffff}]\\u{3099}?\\u{309a}?";
const WORDS = new RegExp(`${LONE}|(?:(?!${LONE})[\\p{L}\\p{N}\\p{M}])+`, "gu");

/** A word as the index has it (`search_fold` of the migration): without case, accents and width. */
export function foldWord(word: string): string {
  return word
    .normalize("NFKD")
    .replace(MARKS, "")
    .normalize("NFKC")
    .toLowerCase()
    .replace(ODD_LETTERS, (letter) => ODD[letter] ?? letter);
}

/** The words of a text with their places, in UTF-16 units. */
export function* wordsOf(text: string): Generator<{ word: string; start: number; end: number }> {
  for (const match of text.matchAll(WORDS)) {
    yield { word: foldWord(match[0]), start: match.index, end: match.index + match[0].length };
  }
}
