import { locale } from "../words/words.js";

/** Makes a formatter of the page's language when it is first needed, and again when the language is another. */
export function inLocale<F>(make: (locale: string) => F): () => F {
  let made: { readonly locale: string; readonly format: F } | null = null;
  return () => {
    const now = locale();
    if (made?.locale !== now) made = { locale: now, format: make(now) };
    return made.format;
  };
}

/** A formatter of dates in the page's language. */
export function dates(options: Intl.DateTimeFormatOptions): () => Intl.DateTimeFormat {
  return inLocale((locale) => new Intl.DateTimeFormat(locale, options));
}

const numbers = inLocale((locale) => new Intl.NumberFormat(locale));

/** A number in the digits of the page's language. */
export function formatNumber(value: number): string {
  return numbers().format(value);
}
