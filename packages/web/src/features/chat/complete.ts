import type { Profile } from "@parlor/protocol";
import { fold } from "../../lib/fold.js";

/** What is being typed before the caret and can be completed. */
export interface Token {
  readonly kind: "person" | "emoji";
  /** Where its sign stands. */
  readonly start: number;
  readonly query: string;
}

/** How far back a sign is looked for. */
const REACH = 40;

/** The `@name` or `:emoji` that ends at the caret. */
export function tokenAt(text: string, caret: number): Token | null {
  const before = text.slice(Math.max(0, caret - REACH), caret);
  const match = /(?:^|[\s([{"'*_])([@:])([^\s@:][^@:\n]*|)$/u.exec(before);
  if (!match) return null;
  const [, sign, query = ""] = match;
  const start = caret - query.length - 1;
  if (sign === "@") return query.split(" ").length <= 3 ? { kind: "person", start, query } : null;
  return query.length >= 2 && !/\s/.test(query) ? { kind: "emoji", start, query } : null;
}

/** How well a name fits: the smaller the better, `null` for not at all. Letters may be left out, not swapped. */
export function fit(name: string, query: string): number | null {
  const [whole, wanted] = [fold(name), fold(query)];
  if (whole.startsWith(wanted)) return 0;
  if (whole.split(/[\s._-]+/u).some((part) => part.startsWith(wanted))) return 1;
  if (whole.includes(wanted)) return 2;
  let at = -1;
  let gaps = 0;
  for (const letter of wanted) {
    const next = whole.indexOf(letter, at + 1);
    if (next < 0) return null;
    gaps += next - at - 1;
    at = next;
  }
  return 3 + gaps / 100;
}

/** The people whom a query may mean, the closest first; of equals those who are here. */
export function findPeople(
  people: Iterable<Profile>,
  query: string,
  online: ReadonlySet<string>,
  limit: number,
): Profile[] {
  const found: { profile: Profile; rank: number }[] = [];
  for (const profile of people) {
    const rank = fit(profile.username, query);
    if (rank !== null) found.push({ profile, rank: rank + (online.has(profile.user_id) ? 0 : 0.5) });
  }
  return found
    .sort((a, b) => a.rank - b.rank || a.profile.username.localeCompare(b.profile.username))
    .slice(0, limit)
    .map(({ profile }) => profile);
}
