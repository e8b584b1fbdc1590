const RTL = /[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u;
const LTR = /(?![\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}])\p{L}/u;
const FIRST_STRONG_ISOLATE = "\u2068";
const POP_ISOLATE = "\u2069";

/** A text that runs against its sentence gets marks around it, so that it does not mix up the order of the words. */
export function isolate(text: string, dir: "ltr" | "rtl"): string {
  const against = dir === "ltr" ? RTL : LTR;
  return against.test(text) ? `${FIRST_STRONG_ISOLATE}${text}${POP_ISOLATE}` : text;
}

/** Isolates every text that is put into a sentence, in all sentences of a tree of words. */
export function isolateArguments<T>(words: T, dir: "ltr" | "rtl"): T {
  const guard = (value: unknown): unknown => {
    if (typeof value === "function") {
      return (...parts: unknown[]) => value(...parts.map((part) => isolatePart(part, dir)));
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, guard(inner)]));
  };
  return guard(words) as T;
}

function isolatePart(part: unknown, dir: "ltr" | "rtl"): unknown {
  if (Array.isArray(part)) return part.map((one) => isolatePart(one, dir));
  return typeof part === "string" ? isolate(part, dir) : part;
}
