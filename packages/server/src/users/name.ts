/** Shown for a user who never had a name. */
export const NO_NAME = "Anonymous";

/**
 * The form in which two names are the same to a reader: without case, width, accents, invisible characters and runs of
 * white space. Nobody but an account is shown under a name with the account's key.
 */
export function nameKey(name: string): string {
  const folded = name
    .normalize("NFKD")
    .replace(/[\p{M}\p{Cf}\p{Cc}]/gu, "")
    .toLowerCase()
    .normalize("NFKC")
    .replace(/\s+/g, " ")
    .trim();
  return folded;
}

/** A name that was offered beside something else (a join, a query): cleaned, or `null` when nothing readable is left. */
export function offeredName(name: string | null | undefined): string | null {
  const trimmed = (name ?? "").trim();
  return nameKey(trimmed) === "" ? null : trimmed;
}

/** How a guest is shown whose name an account holds. */
export function guestName(name: string): string {
  return `${name} (guest)`;
}
