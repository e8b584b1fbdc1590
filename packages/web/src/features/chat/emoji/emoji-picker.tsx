import type { RefObject } from "react";
import { part } from "../../../ui/part.js";
import { Popover } from "../../../ui/popover.js";
import { Spinner } from "../../../ui/spinner.js";
import { words } from "../../../words/words.js";

/** Comes with its data when it is first opened, never before. */
const EmojiPanel = part(async () => (await import("./emoji-panel.js")).EmojiPanel, {
  waiting: () => (
    <div role="status" aria-label={words.common.loading} className="grid h-full place-items-center">
      <Spinner />
    </div>
  ),
  failing: "place",
});

/** What the picker is given. */
export interface EmojiPickerProps {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onPick: (emoji: string) => void;
  readonly onClose: () => void;
}

/** All emoji, beside what opened them. */
export function EmojiPicker({ anchor, onPick, onClose }: EmojiPickerProps) {
  return (
    <Popover
      anchor={anchor}
      label={words.chat.allEmoji}
      onClose={onClose}
      flush
      className="h-96 max-h-[70dvh] w-[min(22rem,calc(100vw-1rem))]"
    >
      <EmojiPanel onPick={onPick} />
    </Popover>
  );
}
