/** Shown for a user who never had a name. */
export const NO_NAME = "Anonymous";
/** Stands behind the name of a guest who is known under an account's. */
export const GUEST_MARK = " (guest)";

/** What shows nothing: control and format characters, fillers, the blank of Braille. */
const INVISIBLE = /[\p{Cf}\p{Cc}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Accents: marks on letters that are read without them too. In other scripts marks are letters (कि, か and が). */
const ACCENTS =
  /(?<=[\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Common}]\p{M}*)\p{M}|(?=\p{M})(?![\u3099\u309a])\p{sc=Inherited}/gu;

/**
 * The form in which two names are the same to a reader: without case, width, accents, invisible characters and runs of
 * white space. Nobody but an account is shown under a name with the account's key.
 */
export function nameKey(name: string): string {
  return (
    name
      .normalize("NFKD")
      .replace(INVISIBLE, "")
      // Before the accents: a name that begins with a mark must not lose it to the white space before it.
      .trim()
      .replace(ACCENTS, "")
      // By upper case, which is one for letters with several lower ones (ß and ss, σ and ς, i and ı); the capital ẞ
      // is its own upper case, so it goes by its lower one.
      .toLowerCase()
      .toUpperCase()
      .toLowerCase()
      .normalize("NFKC")
      .replace(/\s+/g, " ")
      .trim()
  );
}

/** A name that was offered beside something else (a join, a query): cleaned, or `null` when nothing readable is left. */
export function offeredName(name: string | null | undefined): string | null {
  const trimmed = (name ?? "").trim();
  return nameKey(trimmed) === "" ? null : trimmed;
}
