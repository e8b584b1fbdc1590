import data from "emojibase-data/en/compact.json";
import shortcodes from "emojibase-data/en/shortcodes/emojibase.json";
import { fold } from "../../../lib/fold.js";

/** An emoji with what it can be found by. */
export interface Emoji {
  /** Its code points, by which the data of all languages know it. */
  readonly hexcode: string;
  readonly emoji: string;
  readonly name: string;
  /** The short name that is typed between colons. */
  readonly code: string;
  /** 0 faces, 1 people, 3 nature, 4 food, 5 travel, 6 activities, 7 objects, 8 symbols, 9 flags. */
  readonly group: number;
  /** The same in the five skin tones, where it has them. */
  readonly skins: readonly string[];
  /** Its names, folded; then what it may stand for. */
  readonly names: readonly string[];
  readonly tags: readonly string[];
}

/** Skin tones and hair alone are no emoji. */
const COMPONENTS = 2;
const codes = shortcodes as Readonly<Record<string, string | string[]>>;

/** Every emoji, in the order of Unicode. */
export const EMOJI: readonly Emoji[] = data.flatMap((entry) => {
  const { group, label, unicode, hexcode } = entry;
  if (group === undefined || group === COMPONENTS) return [];
  const own = [codes[hexcode] ?? label.replaceAll(" ", "_")].flat();
  const skins = (entry.skins ?? []).filter((skin) => !skin.hexcode.replace(/-FE0F/g, "").match(/1F3F.*1F3F/));
  const names = [...own, label].map(fold);
  const tags = (entry.tags ?? []).map(fold);
  const code = own[0] ?? label;
  return [
    {
      hexcode,
      emoji: unicode,
      name: label,
      code,
      group,
      skins: skins.map((skin) => skin.unicode),
      names,
      tags,
    },
  ];
});

/** The same with names in another language, `label|tag|tag` by their code; the English ones find them too. */
export function named(local: Readonly<Record<string, string>>): readonly Emoji[] {
  return EMOJI.map((emoji) => {
    const [label, ...tags] = local[emoji.hexcode]?.split("|") ?? [];
    if (!label) return emoji;
    return {
      ...emoji,
      name: label,
      code: label.replaceAll(" ", "_"),
      names: [fold(label), fold(label).replaceAll(" ", "_"), ...emoji.names],
      tags: [...tags.map(fold), ...emoji.tags],
    };
  });
}

/** Emoji for what was typed, the closest first. */
export function findEmoji(query: string, limit: number, all: readonly Emoji[] = EMOJI): Emoji[] {
  const wanted = fold(query.trim());
  if (!wanted) return [];
  const found: { emoji: Emoji; rank: number }[] = [];
  // A syllable of Japanese says as much as three letters.
  const isTelling = wanted.length > 2 || /[\u3040-\u9fff]/.test(wanted);
  for (const emoji of all) {
    let rank = Number.POSITIVE_INFINITY;
    for (const name of emoji.names) {
      if (name === wanted) rank = 0;
      else if (name.startsWith(wanted)) rank = Math.min(rank, 1 + name.length / 1_000);
      else if (isTelling && name.includes(wanted)) rank = Math.min(rank, 4);
    }
    for (const tag of emoji.tags) {
      if (tag === wanted) rank = Math.min(rank, 2);
      else if (tag.startsWith(wanted)) rank = Math.min(rank, 3);
    }
    if (rank < Number.POSITIVE_INFINITY) found.push({ emoji, rank });
  }
  return found
    .sort((a, b) => a.rank - b.rank)
    .slice(0, limit)
    .map(({ emoji }) => emoji);
}

/** An emoji in a skin tone, where it has one. */
export function inTone(emoji: Emoji, tone: number): string {
  return (tone > 0 ? emoji.skins[tone - 1] : undefined) ?? emoji.emoji;
}
