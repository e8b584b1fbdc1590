import { useSyncExternalStore } from "react";
import { KEYS, load, save } from "../lib/storage.js";
import { en, type Words } from "./en.js";
import { isolateArguments } from "./isolate.js";
import {
  browserLanguages,
  isLanguage,
  LANGUAGES,
  type Language,
  localeOf,
  pickLanguage,
} from "./languages.js";

/** English is in the first load, and stands in where another language cannot be fetched. */
const LOADERS: Readonly<Record<Language, () => Promise<Words>>> = {
  en: async () => en,
  de: async () => (await import("./de.js")).de,
  es: async () => (await import("./es.js")).es,
  ar: async () => (await import("./ar.js")).ar,
  ja: async () => (await import("./ja.js")).ja,
};

/**
 * Every visible text, in the language of this page. It changes with the language: read it where it is shown, never at
 * the top of a module.
 */
export let words: Words = isolateArguments(en, "ltr");

/** Words of a feature that come with its screens. */
export interface LazyWords<T> {
  /** In the language of the page; only after `open()`. */
  readonly now: T;
  /** Fetches them for the language of the page, and again with each other language. */
  open(): Promise<void>;
}

const lazyParts = new Set<(language: Language) => Promise<void>>();

/** Makes the words of a feature that is loaded when it is wanted. English stands in for what cannot be fetched. */
export function lazyWords<T>(loaders: Readonly<Record<Language, () => Promise<T>>>): LazyWords<T> {
  let now: T | null = null;
  const load = async (language: Language) => {
    const loaded = await loaders[language]().catch(() => loaders.en());
    now = isolateArguments(loaded, LANGUAGES[language].dir);
  };
  return {
    get now() {
      if (now === null) throw new Error("words before they were opened");
      return now;
    },
    async open() {
      lazyParts.add(load);
      if (now === null) await load(shown);
    },
  };
}

let shown: Language = "en";
/** Kept here too, for a browser that keeps nothing. */
let chosen = readChoice();
const listeners = new Set<() => void>();

function readChoice(): Language | null {
  const stored = load(KEYS.language);
  return isLanguage(stored) ? stored : null;
}

function wantedLanguage(): Language {
  return chosen ?? systemLanguage();
}

/** The language that the person chose; `null` follows the browser. */
export function chosenLanguage(): Language | null {
  return chosen;
}

/** The language that the page is shown in. */
export function shownLanguage(): Language {
  return shown;
}

/** The language that the browser asks for. */
export function systemLanguage(): Language {
  return pickLanguage(browserLanguages());
}

/** The tag by which dates, numbers and sizes are written. */
export function locale(): string {
  return localeOf(shown, browserLanguages());
}

/** Shows the page in the language that is wanted now; in the one that was there when its words cannot be fetched. */
export async function openLanguage(): Promise<void> {
  const wanted = wantedLanguage();
  const loaded = await LOADERS[wanted]().catch(() => null);
  // A later choice has overtaken this one.
  if (wanted !== wantedLanguage()) return;
  if (loaded) {
    for (const part of lazyParts) await part(wanted).catch(() => {});
    shown = wanted;
    words = isolateArguments(loaded, LANGUAGES[wanted].dir);
  }
  document.documentElement.lang = locale();
  document.documentElement.dir = LANGUAGES[shown].dir;
  for (const listener of listeners) listener();
}

/** Keeps the page in step with choices made in other tabs and in the browser's settings. */
export function watchLanguage(): void {
  window.addEventListener("languagechange", () => void openLanguage());
  window.addEventListener("storage", (event) => {
    if (event.key !== KEYS.language) return;
    chosen = readChoice();
    void openLanguage();
  });
}

/** Chooses a language; `null` follows the browser again. */
export async function setLanguage(language: Language | null): Promise<void> {
  chosen = language;
  save(KEYS.language, language);
  await openLanguage();
}

/** The language that the page is shown in, and follows. */
export function useLanguage(): Language {
  return useSyncExternalStore((notify) => {
    listeners.add(notify);
    return () => listeners.delete(notify);
  }, shownLanguage);
}
