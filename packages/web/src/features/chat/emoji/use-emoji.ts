import { useEffect, useState } from "react";
import type { Language } from "../../../words/languages.js";
import { shownLanguage } from "../../../words/words.js";
import { EMOJI, type Emoji, named } from "./emoji-data.js";

type Names = Readonly<Record<string, string>>;

/** The data has none in Arabic: English stands in, as it does where they cannot be fetched. */
const LOADERS: Partial<Record<Language, () => Promise<{ readonly names: Names }>>> = {
  de: () => import("virtual:emoji-names-de"),
  es: () => import("virtual:emoji-names-es"),
  ja: () => import("virtual:emoji-names-ja"),
};

let made: { readonly language: Language; readonly emoji: readonly Emoji[] } = {
  language: "en",
  emoji: EMOJI,
};

/** Every emoji with its names in the language of the page. */
export async function localEmoji(): Promise<readonly Emoji[]> {
  const language = shownLanguage();
  if (made.language === language) return made.emoji;
  const found = await LOADERS[language]?.().catch(() => null);
  if (!found) return EMOJI;
  made = { language, emoji: named(found.names) };
  return made.emoji;
}

/** The same, live: in English until the names are there. */
export function useEmoji(): readonly Emoji[] {
  const [emoji, setEmoji] = useState(() => (made.language === shownLanguage() ? made.emoji : EMOJI));
  useEffect(() => {
    let current = true;
    void localEmoji().then((local) => {
      if (current) setEmoji(local);
    });
    return () => {
      current = false;
    };
  }, []);
  return emoji;
}
