import type { ReactNode } from "react";

const KEYWORDS = new Set(
  (
    "abstract and as async await begin bool boolean break case catch char class const continue def default defer del do " +
    "double elif else elsif end enum except export extends false final finally float fn for from func function go goto if " +
    "impl implements import in instanceof int interface is lambda let long loop match mod module mut namespace new nil not " +
    "null None True False of or package pass private protected pub public raise return self short static string struct " +
    "super switch template then this throw throws trait true try type typedef typeof undefined union unless unsafe until " +
    "use using val var virtual void when where while with yield select insert update delete into values create table " +
    "echo fi done esac"
  ).split(" "),
);
/** Languages whose comments begin with another sign than `//`. */
const HASH = new Set([
  "py",
  "python",
  "rb",
  "ruby",
  "sh",
  "bash",
  "zsh",
  "yaml",
  "yml",
  "toml",
  "ini",
  "perl",
  "r",
  "make",
]);
const DASH = new Set(["sql", "lua", "haskell", "hs", "elm"]);

const LOOKS = {
  comment: "text-ink-faint italic",
  string: "text-brass",
  number: "text-danger",
  keyword: "font-semibold text-accent",
} as const;

function patternFor(language: string): RegExp {
  const line = HASH.has(language) ? "#[^\\n]*" : DASH.has(language) ? "--[^\\n]*" : "\\/\\/[^\\n]*";
  // No alternative can begin inside of another's repetition, so each letter is read once or twice.
  return new RegExp(
    `(?<comment>${line}|\\/\\*(?:[^*]|\\*(?!\\/))*\\*\\/)` +
      "|(?<string>\"(?:[^\"\\\\\\n]|\\\\.)*\"|'(?:[^'\\\\\\n]|\\\\.)*'|`(?:[^`\\\\]|\\\\.)*`)" +
      "|(?<number>\\b\\d[\\w.]*)|(?<word>[\\p{L}_$][\\p{L}\\p{N}_$]*)",
    "gu",
  );
}

/** Code with its comments, strings, numbers and keywords in colours; the same for nearly every language. */
export function highlight(text: string, language: string): ReactNode[] {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const match of text.matchAll(patternFor(language))) {
    const { comment, string, number, word } = match.groups ?? {};
    const kind = comment ? "comment" : string ? "string" : number ? "number" : null;
    const look = kind ?? (word && KEYWORDS.has(word) ? "keyword" : null);
    if (!look) continue;
    if (match.index > end) parts.push(text.slice(end, match.index));
    parts.push(
      <span key={match.index} className={LOOKS[look]}>
        {match[0]}
      </span>,
    );
    end = match.index + match[0].length;
  }
  parts.push(text.slice(end));
  return parts;
}
