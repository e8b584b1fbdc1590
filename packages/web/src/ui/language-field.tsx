import { Globe } from "lucide-react";
import { type ChangeEvent, type ReactNode, useEffect, useRef, useState } from "react";
import { isLanguage, LANGUAGES } from "../words/languages.js";
import { chosenLanguage, setLanguage, shownLanguage, systemLanguage, words } from "../words/words.js";
import { SelectField } from "./field.js";

/** The page is made anew in the new language: the field that was used takes the focus again. */
let used: string | null = null;

function useLanguageChoice(place: string) {
  const select = useRef<HTMLSelectElement>(null);
  const [choice, setChoice] = useState(chosenLanguage);
  useEffect(() => {
    if (used !== place) return;
    used = null;
    select.current?.focus();
  }, [place]);
  return {
    ref: select,
    choice,
    onChange({ target: { value } }: ChangeEvent<HTMLSelectElement>) {
      const language = isLanguage(value) ? value : null;
      used = place;
      setChoice(language);
      void setLanguage(language);
    },
  };
}

function Options(): ReactNode {
  return (
    <>
      {Object.entries(LANGUAGES).map(([code, { name }]) => (
        <option key={code} value={code} lang={code}>
          {name}
        </option>
      ))}
    </>
  );
}

/** The language of the page: as the browser wants it, or one by its own name. */
export function LanguageField() {
  const { choice, ...select } = useLanguageChoice("field");
  return (
    <SelectField label={words.profile.language} {...select} value={choice ?? ""}>
      <option value="">{words.profile.languageSystem(LANGUAGES[systemLanguage()].name)}</option>
      <Options />
    </SelectField>
  );
}

/** The same in as little room as a page has on which nobody is signed in: the languages alone. */
export function LanguageSelect() {
  const { choice, ...select } = useLanguageChoice("select");
  return (
    <span className="relative inline-flex items-center text-sm text-ink-soft hover:text-ink">
      <Globe
        aria-hidden="true"
        className="pointer-events-none absolute start-2.5 size-4"
        strokeWidth={1.85}
      />
      <select
        aria-label={words.profile.language}
        {...select}
        value={choice ?? shownLanguage()}
        className="h-10 max-w-44 truncate rounded-md bg-transparent ps-9 pe-2 hover:bg-hover"
      >
        <Options />
      </select>
    </span>
  );
}
