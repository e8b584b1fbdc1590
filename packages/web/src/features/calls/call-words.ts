import { type ErrorCode, ParlorError } from "@parlor/protocol";
import { explain, explainCode } from "../../lib/explain.js";
import type { CallWords } from "../../words/en/calls.js";
import { lazyWords } from "../../words/words.js";

const loaded = lazyWords<CallWords>({
  en: async () => (await import("../../words/en/calls.js")).calls,
  de: async () => (await import("../../words/de/calls.js")).calls,
  es: async () => (await import("../../words/es/calls.js")).calls,
  ar: async () => (await import("../../words/ar/calls.js")).calls,
  ja: async () => (await import("../../words/ja/calls.js")).calls,
});

/** Fetches the words of calls; before it none can be shown. */
export const openCallWords = loaded.open;

/** The words of calls in the language of the page. */
export function callWords(): CallWords {
  return loaded.now;
}

/** What happened and what to do, for an error of a call. */
export function explainCallCode(code: ErrorCode, detail: string): string {
  const own: Partial<Record<ErrorCode, string>> = loaded.now.refused;
  return own[code] ?? explainCode(code, detail);
}

/** The same for whatever was thrown. */
export function explainCall(error: unknown): string {
  return error instanceof ParlorError ? explainCallCode(error.code, error.message) : explain(error);
}
