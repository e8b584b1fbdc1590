/** The languages that this client speaks: their own name, where their lines begin, and the plural forms of CLDR. */
export const LANGUAGES = {
  en: { name: "English", dir: "ltr", plurals: ["one", "other"], everyone: "everyone" },
  de: { name: "Deutsch", dir: "ltr", plurals: ["one", "other"], everyone: "alle" },
  es: { name: "Español", dir: "ltr", plurals: ["one", "many", "other"], everyone: "todos" },
  ar: {
    name: "العربية",
    dir: "rtl",
    plurals: ["zero", "one", "two", "few", "many", "other"],
    everyone: "الجميع",
  },
  ja: { name: "日本語", dir: "ltr", plurals: ["other"], everyone: "全員" },
} as const satisfies Record<string, LanguageEntry>;

interface LanguageEntry {
  readonly name: string;
  readonly dir: "ltr" | "rtl";
  readonly plurals: readonly Intl.LDMLPluralRule[];
  /** What stands behind the `@` that means the whole room. It is written into messages: all of them are read. */
  readonly everyone: string;
}

/** The code of a language, as in `lang`. */
export type Language = keyof typeof LANGUAGES;

/** Whether a text is the code of a language that this client speaks. */
export function isLanguage(code: string | null): code is Language {
  return code !== null && Object.hasOwn(LANGUAGES, code);
}

function baseOf(tag: string): string {
  return tag.toLowerCase().split(/[-_]/)[0] ?? "";
}

/** The first of a person's languages that this client speaks; English where it speaks none. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const base = baseOf(tag);
    if (isLanguage(base)) return base;
  }
  return "en";
}

/**
 * The tag for dates and numbers: the person's own variant of the language (`en-GB`, `ar-EG`), since its dates, digits
 * and clock are what they read every day; else the language alone.
 */
export function localeOf(language: Language, wanted: readonly string[]): string {
  return wanted.find((tag) => baseOf(tag) === language && isLocale(tag)) ?? language;
}

/** A browser that speaks a language takes any variant of it; to look through all of its locales takes it long. */
function isLocale(tag: string): boolean {
  try {
    return Intl.getCanonicalLocales(tag).length > 0;
  } catch {
    return false;
  }
}

/** The languages that the browser was set to, the dearest first. */
export function browserLanguages(): readonly string[] {
  return globalThis.navigator?.languages ?? [];
}
