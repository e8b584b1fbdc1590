import { browserLanguages, type LANGUAGES, type Language, localeOf } from "./languages.js";

/** A text for each plural form that the language has; `#` is the number. Texts of people do not belong into it. */
export type Forms<L extends Language> = Readonly<Record<(typeof LANGUAGES)[L]["plurals"][number], string>>;

/** How a language writes numbers and lists. */
export interface Grammar<L extends Language> {
  /** `1,234`. */
  readonly number: (n: number) => string;
  /** `50 %` for 0.5. */
  readonly percent: (ratio: number) => string;
  /** `a, b and c`. */
  readonly list: (items: readonly string[]) => string;
  /** The form that fits the number, with the number in it: `3 messages`. */
  readonly count: (n: number, forms: Forms<L>) => string;
}

/** Makes something when it is first wanted: a browser takes long for these, and a start needs few of them. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The grammar of a language, in the variant that the person reads. */
export function grammarOf<L extends Language>(language: L): Grammar<L> {
  const locale = once(() => localeOf(language, browserLanguages()));
  const numbers = once(() => new Intl.NumberFormat(locale()));
  const percents = once(() => new Intl.NumberFormat(locale(), { style: "percent" }));
  const lists = once(() => new Intl.ListFormat(locale(), { type: "conjunction" }));
  const rules = once(() => new Intl.PluralRules(locale()));
  const number = (n: number) => numbers().format(n);
  return {
    number,
    percent: (ratio) => percents().format(ratio),
    list: (items) => lists().format(items),
    count(n, forms) {
      const texts: Partial<Record<Intl.LDMLPluralRule, string>> = forms;
      return (texts[rules().select(n)] ?? texts.other ?? "").replaceAll("#", number(n));
    },
  };
}
