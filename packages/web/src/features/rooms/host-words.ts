import type { HostWords } from "../../words/en/hosting.js";
import { lazyWords } from "../../words/words.js";

const loaded = lazyWords<HostWords>({
  en: async () => (await import("../../words/en/hosting.js")).hosting,
  de: async () => (await import("../../words/de/hosting.js")).hosting,
  es: async () => (await import("../../words/es/hosting.js")).hosting,
  ar: async () => (await import("../../words/ar/hosting.js")).hosting,
  ja: async () => (await import("../../words/ja/hosting.js")).hosting,
});

/** Fetches the words of what a room's host does; before it none can be shown. */
export const openHostWords = loaded.open;

/** The words of what a room's host does, in the language of the page. */
export function hostWords(): HostWords {
  return loaded.now;
}
