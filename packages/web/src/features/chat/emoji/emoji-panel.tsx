import { Search } from "lucide-react";
import { type KeyboardEvent, memo, useDeferredValue, useEffect, useMemo, useRef, useState } from "react";
import { cx } from "../../../lib/cx.js";
import { words } from "../../../words/words.js";
import { type Emoji, findEmoji, inTone } from "./emoji-data.js";
import { keepSkinTone, recentEmoji, skinTone } from "./recent.js";
import { useEmoji } from "./use-emoji.js";

const GROUPS = [0, 1, 3, 4, 5, 6, 7, 8, 9] as const;
const SIGNS: Readonly<Record<number, string>> = {
  0: "😀",
  1: "👋",
  3: "🐻",
  4: "🍎",
  5: "🚗",
  6: "⚽",
  7: "💡",
  8: "❤️",
  9: "🏁",
};
const TONES = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"] as const;
const COLUMNS = 8;
const FOUND = 80;

/** The arrow keys walk over the emoji, row by row; up from the first row leads to the search. */
function walk(event: KeyboardEvent<HTMLElement>, search: HTMLElement | null): void {
  const rtl = getComputedStyle(event.currentTarget).direction === "rtl";
  const steps: Readonly<Record<string, number>> = {
    ArrowRight: rtl ? -1 : 1,
    ArrowLeft: rtl ? 1 : -1,
    ArrowDown: COLUMNS,
    ArrowUp: -COLUMNS,
  };
  const step = steps[event.key];
  if (!step) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-emoji]")];
  const here = all.indexOf(document.activeElement as HTMLElement);
  if (here < 0 && event.key !== "ArrowDown") return;
  event.preventDefault();
  const next = here < 0 ? all[0] : all[here + step];
  if (next) next.focus();
  else if (step < 0) search?.focus();
}

interface GroupProps {
  readonly title: string;
  readonly id: string;
  readonly emoji: readonly { readonly emoji: string; readonly name: string }[];
}

const Group = memo(function Group({ title, id, emoji }: GroupProps) {
  return (
    <section
      aria-label={title}
      data-group={id}
      className="[contain-intrinsic-size:auto_400px] [content-visibility:auto]"
    >
      <h3 className="px-1 pt-2 pb-1 text-xs font-semibold text-ink-faint">{title}</h3>
      <div className="grid grid-cols-8">
        {emoji.map((entry, index) => (
          <button
            key={entry.emoji}
            type="button"
            data-emoji={entry.emoji}
            tabIndex={index === 0 ? 0 : -1}
            aria-label={entry.name}
            title={entry.name}
            className="grid aspect-square place-items-center rounded-md text-xl hover:bg-hover focus-visible:bg-hover"
          >
            {entry.emoji}
          </button>
        ))}
      </div>
    </section>
  );
});

/** Search, categories, recently used, skin tone: every emoji by pointer and by keyboard. */
export function EmojiPanel({ onPick }: { onPick: (emoji: string) => void }) {
  const all = useEmoji();
  const [query, setQuery] = useState("");
  const [tone, setTone] = useState(skinTone);
  const wanted = useDeferredValue(query);
  const search = useRef<HTMLInputElement>(null);
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => search.current?.focus(), []);
  const shown = useMemo(() => {
    const toned = (emoji: Emoji) => ({ emoji: inTone(emoji, tone), name: emoji.name });
    if (wanted.trim()) {
      return [{ id: "found", title: words.chat.emojiFound, emoji: findEmoji(wanted, FOUND, all).map(toned) }];
    }
    const names = new Map(all.map(({ emoji, name }) => [emoji, name]));
    const recent = recentEmoji().map((emoji) => ({ emoji, name: names.get(emoji) ?? emoji }));
    const groups = GROUPS.map((group) => ({
      id: String(group),
      title: words.chat.emojiGroups[group],
      emoji: all.filter((emoji) => emoji.group === group).map(toned),
    }));
    return recent.length > 0
      ? [{ id: "recent", title: words.chat.emojiRecent, emoji: recent }, ...groups]
      : groups;
  }, [wanted, tone, all]);

  function pickFrom(target: EventTarget) {
    const emoji =
      target instanceof Element ? target.closest<HTMLElement>("[data-emoji]")?.dataset.emoji : null;
    if (emoji) onPick(emoji);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it moves the focus between the buttons inside.
    <div className="flex h-full flex-col" onKeyDown={(event) => walk(event, search.current)}>
      <div className="flex items-center gap-2 border-b border-line px-3">
        <Search aria-hidden="true" className="size-4 shrink-0 text-ink-faint" />
        <input
          ref={search}
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          onKeyDown={(event) => {
            const first = shown[0]?.emoji[0];
            if (event.key !== "Enter" || event.nativeEvent.isComposing || !query.trim() || !first) return;
            event.preventDefault();
            onPick(first.emoji);
          }}
          aria-label={words.chat.searchEmoji}
          placeholder={words.chat.searchEmoji}
          className="h-11 min-w-0 flex-1 bg-transparent outline-none"
        />
      </div>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the buttons inside are what is pressed. */}
      {/* biome-ignore lint/a11y/noStaticElementInteractions: as above. */}
      <div
        ref={list}
        onClick={(event) => pickFrom(event.target)}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-2"
      >
        {shown.map(({ id, title, emoji }) => (
          <Group key={id} id={id} title={title} emoji={emoji} />
        ))}
        {shown[0]?.emoji.length === 0 ? (
          <p role="status" className="py-8 text-center text-ink-soft">
            {words.chat.noEmoji(query)}
          </p>
        ) : null}
      </div>
      <div className="flex items-center gap-0.5 border-t border-line p-1">
        {GROUPS.map((group) => (
          <button
            key={group}
            type="button"
            aria-label={words.chat.emojiGroups[group]}
            title={words.chat.emojiGroups[group]}
            onClick={() => {
              setQuery("");
              requestAnimationFrame(() =>
                list.current?.querySelector(`[data-group="${group}"]`)?.scrollIntoView({ block: "start" }),
              );
            }}
            className="grid size-8 flex-1 place-items-center rounded-md grayscale hover:bg-hover hover:grayscale-0 focus-visible:grayscale-0"
          >
            {SIGNS[group]}
          </button>
        ))}
        <select
          aria-label={words.chat.skinTone}
          value={tone}
          onChange={(event) => {
            const next = Number(event.target.value);
            keepSkinTone(next);
            setTone(next);
          }}
          className={cx("h-8 rounded-md bg-transparent text-lg hover:bg-hover")}
        >
          {TONES.map((sign, index) => (
            <option key={sign} value={index}>
              {sign}
            </option>
          ))}
        </select>
      </div>
    </div>
  );
}
