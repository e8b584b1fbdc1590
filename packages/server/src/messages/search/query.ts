import type { Query } from "../../db/database.js";

/** Terms of one search; what follows is not looked for. */
const TERMS = 20;

/** Quotation marks as phones and languages have them. */
const QUOTES = /[“”„‟«»「」『』＂]/g;

/** A word or a phrase that is looked for. */
interface Term {
  readonly text: string;
  /** Its last word may go on. */
  readonly prefix: boolean;
}

/** What a person looks for: one of each group, and nothing of what is excluded. */
interface Wanted {
  readonly groups: readonly (readonly Term[])[];
  readonly excluded: readonly Term[];
}

/** A word of the index that is looked for. */
export interface SoughtWord {
  readonly word: string;
  readonly prefix: boolean;
}

/** A search as the database takes it. */
export interface WordQuery {
  /** A `tsquery` of the words alone. */
  readonly text: string;
  /** What is shown as found. */
  readonly words: readonly SoughtWord[];
}

/**
 * Reads a search as people write it: `two words`, `"a phrase"`, `-without`, `this or that`. Whatever it is, it is a
 * search. The last word may go on, unless it is quoted or a space follows it.
 */
export function readQuery(text: string): Wanted {
  const groups: Term[][] = [];
  const excluded: Term[] = [];
  let either = false;
  const plain = text.replace(QUOTES, '"');
  for (const match of [...plain.matchAll(/(-?)(?:"([^"]*)"?|(\S+))/g)].slice(0, TERMS)) {
    const [whole, minus, phrase, word] = match;
    if (word !== undefined && /^or$/i.test(word) && minus === "" && groups.length > 0) {
      either = true;
      continue;
    }
    const isLast = match.index + whole.length === plain.length;
    const term = { text: phrase ?? word ?? "", prefix: isLast && phrase === undefined && minus === "" };
    if (minus !== "") excluded.push(term);
    else if (either) groups.at(-1)?.push(term);
    else groups.push([term]);
    either = false;
  }
  return { groups, excluded };
}

/** The search in words of the index; `null` when there is no word to look for. */
export async function toWordQuery(sql: Query, wanted: Wanted): Promise<WordQuery | null> {
  const terms = [...wanted.groups.flat(), ...wanted.excluded];
  if (terms.length === 0) return null;
  const rows = await sql<{ phrase: string }[]>`
    select phraseto_tsquery('pg_catalog.simple', search_fold(t.term))::text as phrase
    from unnest(${terms.map(({ text }) => text)}::text[]) with ordinality as t (term, place) order by place`;
  const phrases = new Map(
    terms.map((term, index) => [term, withPrefix(rows[index]?.phrase ?? "", term.prefix)]),
  );
  const phrasesOf = (list: readonly Term[]) =>
    list.map((term) => phrases.get(term) ?? "").filter((p) => p !== "");
  const groups = wanted.groups.map(phrasesOf).filter((group) => group.length > 0);
  if (groups.length === 0) return null;
  const parts = [
    ...groups.map((group) => `(${group.map((phrase) => `(${phrase})`).join("|")})`),
    ...phrasesOf(wanted.excluded).map((phrase) => `!(${phrase})`),
  ];
  return { text: parts.join("&"), words: groups.flat().flatMap(wordsIn) };
}

/** A single letter is not taken for the begin of a word: half of all words would be found. */
function withPrefix(phrase: string, prefix: boolean): string {
  const last = lexemesOf(phrase).at(-1);
  return prefix && last !== undefined && last.length > 1 ? `${phrase}:*` : phrase;
}

function wordsIn(phrase: string): SoughtWord[] {
  const words = lexemesOf(phrase);
  const last = words.length - 1;
  return words.map((word, index) => ({ word, prefix: index === last && phrase.endsWith(":*") }));
}

/** The words of a `tsquery` as PostgreSQL writes it. */
function lexemesOf(phrase: string): string[] {
  return [...phrase.matchAll(/'((?:[^']|'')*)'/g)].map(([, word = ""]) =>
    word.replaceAll("''", "'").replaceAll("\\\\", "\\"),
  );
}

/** A word of the index in a `tsquery`. */
export function quoteLexeme(word: string): string {
  return `'${word.replaceAll("\\", "\\\\").replaceAll("'", "''")}'`;
}
