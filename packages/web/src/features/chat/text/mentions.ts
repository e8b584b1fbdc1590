import type { Message, Profile } from "@parlor/protocol";
import { LANGUAGES } from "../../../words/languages.js";
import { shownLanguage } from "../../../words/words.js";
import type { FindMention } from "./inline.js";

/** The room in every language: a message is read in others than it was written in. */
const ROOM_TAGS = Object.values(LANGUAGES).map(({ everyone }) => `@${everyone}`);
/** Languages without spaces go on behind the word without a mark. */
const GOES_ON = /^(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}])[\p{L}\p{M}\p{N}_]/u;

/** Whether a text means everybody in the room: in the language of the page, or in English, which is known everywhere. */
export function mentionsEverybody(text: string): boolean {
  return [LANGUAGES.en, LANGUAGES[shownLanguage()]].some(({ everyone }) =>
    text
      .split(`@${everyone}`)
      .slice(1)
      .some((rest) => !GOES_ON.test(rest)),
  );
}

/** Finds the people whom a message mentions at their `@name`; `undefined` for a message that mentions nobody. */
export function mentionFinder(
  message: Pick<Message, "mentions" | "mentions_room">,
  profiles: ReadonlyMap<string, Profile>,
): FindMention | undefined {
  const { mentions = [], mentions_room } = message;
  if (mentions.length === 0 && !mentions_room) return undefined;
  const people = mentions.flatMap((userId) => {
    const name = profiles.get(userId)?.username;
    return name ? [{ userId: userId as string | null, tag: `@${name}` }] : [];
  });
  if (mentions_room) people.push(...ROOM_TAGS.map((tag) => ({ userId: null, tag })));
  // Of two names that begin alike the longer one is meant.
  people.sort((a, b) => b.tag.length - a.tag.length);
  return (text, index) => {
    const found = people.find(({ tag }) => text.startsWith(tag, index));
    return found ? { length: found.tag.length, userId: found.userId } : null;
  };
}

/** The people whose `@name` stands in a text, in its order, at most 50. */
export function mentionedIn(
  text: string,
  people: Iterable<readonly [userId: string, name: string]>,
): string[] {
  const found: { at: number; userId: string }[] = [];
  for (const [userId, name] of people) {
    const at = text.indexOf(`@${name}`);
    if (at >= 0) found.push({ at, userId });
  }
  return found
    .sort((a, b) => a.at - b.at)
    .slice(0, 50)
    .map(({ userId }) => userId);
}
