import ts from "typescript";
import { describe, expect, it } from "vitest";
import { calls as arCalls } from "./ar/calls.js";
import { hosting as arHosting } from "./ar/hosting.js";
import { ar } from "./ar.js";
import { calls as deCalls } from "./de/calls.js";
import { hosting as deHosting } from "./de/hosting.js";
import { de } from "./de.js";
import { calls as enCalls } from "./en/calls.js";
import { hosting as enHosting } from "./en/hosting.js";
import { en as english } from "./en.js";
import { calls as esCalls } from "./es/calls.js";
import { hosting as esHosting } from "./es/hosting.js";
import { es } from "./es.js";
import { grammarOf } from "./grammar.js";
import { isolate, isolateArguments } from "./isolate.js";
import { calls as jaCalls } from "./ja/calls.js";
import { hosting as jaHosting } from "./ja/hosting.js";
import { ja } from "./ja.js";
import { LANGUAGES, type Language, localeOf, pickLanguage } from "./languages.js";

const ENGLISH = import.meta.glob<string>("./en/*.ts", { query: "?raw", import: "default", eager: true });
const SOURCES = import.meta.glob<string>(["../**/*.{ts,tsx}", "!../**/*.test.ts", "!../words/**"], {
  query: "?raw",
  import: "default",
  eager: true,
});

/** English, with what comes later than the first page. */
const en = { ...english, calls: enCalls, hosting: enHosting };
const ALL = {
  en,
  de: { ...de, calls: deCalls, hosting: deHosting },
  es: { ...es, calls: esCalls, hosting: esHosting },
  ar: { ...ar, calls: arCalls, hosting: arHosting },
  ja: { ...ja, calls: jaCalls, hosting: jaHosting },
} as const satisfies Record<Language, typeof en>;
const OTHERS = (Object.keys(LANGUAGES) as Language[]).filter((language) => language !== "en");

/** Texts that are the same word in two languages, or no word at all. */
const SAME: Readonly<Record<string, readonly Language[]>> = {
  "common.appName": ["de", "es", "ar", "ja"],
  "common.optional": ["de"],
  "people.here": ["de"],
  "profile.status": ["de"],
  "profile.zoom": ["de", "es"],
  "profile.statusEmoji": ["de", "es"],
  "profile.themes.system": ["de"],
  "rooms.attachment.video": ["de"],
  "rooms.attachment.audio": ["de", "es"],
  "rooms.person": ["de"],
  "chat.video": ["de"],
  "chat.emojiGroups.8": ["de"],
  "calls.device": ["de", "es", "ar"],
  "calls.ms": ["de", "es"],
  "calls.kbits": ["de", "es"],
  "calls.frames": ["de", "es"],
};

type Word = string | ((...parts: unknown[]) => string);

/** Every word of a language by its path, `chat.emojiGroups.0`. */
function wordsOf(tree: object, path = ""): Map<string, Word> {
  const found = new Map<string, Word>();
  for (const [key, value] of Object.entries(tree)) {
    const here = path ? `${path}.${key}` : key;
    if (typeof value === "object" && value !== null)
      for (const one of wordsOf(value, here)) found.set(...one);
    else found.set(here, value as Word);
  }
  return found;
}

/** The types of the arguments that each word of English takes, as they are written. */
function argumentsOf(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [file, text] of Object.entries(ENGLISH)) {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    const visit = (node: ts.Node, path: string): void => {
      const named = ts.isPropertyAssignment(node) ? `${path}.${node.name.getText()}` : path;
      if (ts.isArrowFunction(node) && !found.has(path)) {
        found.set(
          path,
          node.parameters.map(({ type }) => type?.getText() ?? ""),
        );
        return;
      }
      ts.forEachChild(node, (child) => visit(child, named));
    };
    visit(source, file.replace(/^.*\/|\.ts$/g, ""));
  }
  return found;
}

const NUMBERS = [0, 1, 2, 3, 5, 11, 100, 102, 1_000_000];
const NAMES = ["⟪a⟫", "⟪b⟫", "⟪c⟫", "⟪d⟫"];

/** Arguments of a type with which a word can be tried. */
function samplesOf(type: string, index: number): unknown[] {
  if (type === "number") return NUMBERS;
  if (type === "boolean") return [true, false];
  if (type === "string[]") return [NAMES.slice(0, 1), NAMES.slice(0, 2), NAMES];
  return [`⟪${index}⟫`];
}

function combine(types: readonly string[]): unknown[][] {
  return types.reduce<unknown[][]>(
    (sets, type, index) => sets.flatMap((set) => samplesOf(type, index).map((one) => [...set, one])),
    [[]],
  );
}

/** Every text that a word can be. */
function textsOf(word: Word, types: readonly string[]): string[] {
  return typeof word === "string" ? [word] : combine(types).map((parts) => word(...parts));
}

const parameters = argumentsOf();

describe("the words", () => {
  it("[WORD1] every language has every word of English, and no other", () => {
    const keys = [...wordsOf(en).keys()];
    expect(keys.length).toBeGreaterThan(400);
    for (const language of OTHERS)
      expect([...wordsOf(ALL[language]).keys()].sort()).toEqual([...keys].sort());
  });

  it("[WORD1] each language has the plural forms of its rules", () => {
    for (const [language, { plurals }] of Object.entries(LANGUAGES)) {
      const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
      expect([...plurals].sort(), language).toEqual([...pluralCategories].sort());
    }
    const { count } = grammarOf("ar");
    const forms = { zero: "صفر", one: "واحد", two: "اثنان", few: "# قليل", many: "# كثير", other: "# غير" };
    expect([0, 1, 2, 3, 11, 100].map((n) => count(n, forms))).toEqual([
      "صفر",
      "واحد",
      "اثنان",
      "3 قليل",
      "11 كثير",
      "100 غير",
    ]);
  });

  it("[WORD1] what English puts into a sentence is in every translation of it", () => {
    const wrong: string[] = [];
    const english = wordsOf(en);
    for (const [path, types] of parameters) {
      const original = english.get(path);
      if (typeof original !== "function") continue;
      for (const language of OTHERS) {
        const word = wordsOf(ALL[language]).get(path);
        if (typeof word !== "function") {
          wrong.push(`${language}: ${path} takes nothing`);
          continue;
        }
        for (const parts of combine(types)) {
          const [ours, theirs] = [original(...parts), word(...parts)];
          const missing = missingParts(parts, ours, theirs, language);
          if (missing.length > 0) wrong.push(`${language}: ${path}(${parts}) lacks ${missing}: ${theirs}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("[WORD1] every text is translated, whole, and set as its language sets it", () => {
    const wrong: string[] = [];
    const english = wordsOf(en);
    for (const language of Object.keys(ALL) as Language[]) {
      for (const [path, word] of wordsOf(ALL[language])) {
        for (const text of textsOf(word, parameters.get(path) ?? [])) {
          const isEnglish = text === english.get(path) && !path.startsWith("keys.names.");
          if (language !== "en" && isEnglish && !SAME[path]?.includes(language))
            wrong.push(`${language}: ${path} is English: ${text}`);
          for (const fault of faultsOf(text, language)) wrong.push(`${language}: ${path} ${fault}: ${text}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it("[WORD2] the first language of the browser that there is, in its own variant", () => {
    expect(pickLanguage(["fr-CA", "de-AT", "en"])).toBe("de");
    expect(pickLanguage(["fr"])).toBe("en");
    expect(pickLanguage([])).toBe("en");
    expect(pickLanguage(["zh_Hant", "AR-eg"])).toBe("ar");
    expect(localeOf("de", ["fr-CA", "de-AT"])).toBe("de-AT");
    expect(localeOf("ja", ["de-AT"])).toBe("ja");
    expect(localeOf("en", ["en_broken", "en-GB"])).toBe("en-GB");
  });

  it("[WORD3] a name that runs against its sentence is set apart, and no other", () => {
    expect(isolate("رنا", "ltr")).toBe("\u2068رنا\u2069");
    expect(isolate("Ada", "ltr")).toBe("Ada");
    expect(isolate("Ada", "rtl")).toBe("\u2068Ada\u2069");
    expect(isolate("12:30", "rtl")).toBe("12:30");
    const words = isolateArguments(ar, "rtl");
    expect(words.rooms.by("Ada", "مرحبا")).toBe("\u2068Ada\u2069: مرحبا");
    expect(words.chat.typing(["Ada", "رنا"])).toContain("\u2068Ada\u2069");
    expect(words.rooms.unread(5)).toBe(ar.rooms.unread(5));
  });

  it("[WORD2] no module keeps a word from before the language was known", () => {
    const kept: string[] = [];
    expect(Object.keys(SOURCES).length).toBeGreaterThan(100);
    for (const [file, text] of Object.entries(SOURCES)) {
      const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
      const visit = (node: ts.Node): void => {
        if (ts.isFunctionLike(node) || ts.isTypeNode(node) || ts.isImportDeclaration(node)) return;
        if (ts.isIdentifier(node) && node.text === "words") kept.push(`${file}: ${node.parent.getText()}`);
        ts.forEachChild(node, visit);
      };
      visit(source);
    }
    expect(kept).toEqual([]);
  });
});

/** What of the arguments is in the English text and not in the other one. */
function missingParts(parts: readonly unknown[], ours: string, theirs: string, language: Language): string[] {
  const digits = new Intl.NumberFormat(localeOf(language, []));
  const english = new Intl.NumberFormat(localeOf("en", []));
  return parts.flatMap((part) => {
    if (Array.isArray(part)) return part.filter((one) => ours.includes(one) && !theirs.includes(one));
    if (typeof part === "string") return ours.includes(part) && !theirs.includes(part) ? [part] : [];
    // One and two can be words, and nothing is often said without a number.
    if (typeof part !== "number" || part < 3) return [];
    return ours.includes(english.format(part)) && !theirs.includes(digits.format(part)) ? [String(part)] : [];
  });
}

/** What is wrong with a text for a reader of its language. */
function faultsOf(text: string, language: Language): string[] {
  const faults: string[] = [];
  const own = text.replace(/⟪.⟫/g, "").replace(/\d[\d.,]*\d/g, "0");
  if (text.trim() === "") faults.push("is empty");
  if (/undefined|NaN|\[object/.test(text)) faults.push("is broken");
  if (own.includes("#")) faults.push("has a number left out");
  if (/['"]|\.\.\./.test(own)) faults.push("has typewriter marks");
  if (/ {2}|^ | $/.test(text)) faults.push("has stray spaces");
  if (language === "es" && /\?/.test(own) !== /¿/.test(own)) faults.push("lacks a question mark");
  if (language === "es" && /!/.test(own) !== /¡/.test(own)) faults.push("lacks an exclamation mark");
  if (language === "ar" && /[?,;]/.test(own)) faults.push("has Latin punctuation");
  if (language === "ja" && /[?!,]\s|[?!]$/.test(own)) faults.push("has narrow punctuation");
  if (
    language === "ar" &&
    /[A-Za-z]{4,}/.test(
      own.replace(
        /Parlor|JPEG|WebP|Enter|Shift|Ctrl|https|HTML|JSON|WebRTC|WebSocket|STUN|TURN_SECRET|npm run doctor/g,
        "",
      ),
    )
  )
    faults.push("has Latin words");
  return faults;
}
