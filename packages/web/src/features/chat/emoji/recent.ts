import { KEYS, load, loadJson, save } from "../../../lib/storage.js";

const KEPT = 24;

/** The emoji that were chosen last in this browser, the newest first; at most 24. */
export function recentEmoji(): string[] {
  return (
    loadJson(KEYS.emoji, (value) =>
      Array.isArray(value) ? value.filter((emoji): emoji is string => typeof emoji === "string") : null,
    ) ?? []
  );
}

/** Remembers that an emoji was chosen. */
export function rememberEmoji(emoji: string): void {
  const others = recentEmoji().filter((other) => other !== emoji);
  save(KEYS.emoji, JSON.stringify([emoji, ...others].slice(0, KEPT)));
}

/** The chosen skin tone: 0 for none, 1 (light) to 5 (dark). */
export function skinTone(): number {
  const tone = Number(load(KEYS.skin) ?? 0);
  return Number.isInteger(tone) && tone >= 0 && tone <= 5 ? tone : 0;
}

/** Keeps the skin tone. */
export function keepSkinTone(tone: number): void {
  save(KEYS.skin, tone === 0 ? null : String(tone));
}
