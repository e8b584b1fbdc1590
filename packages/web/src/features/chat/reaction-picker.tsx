import { Plus, SmilePlus } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { IconButton } from "../../ui/icon-button.js";
import { Popover } from "../../ui/popover.js";
import { words } from "../../words/words.js";
import { EmojiPicker } from "./emoji/emoji-picker.js";
import { recentEmoji, rememberEmoji } from "./emoji/recent.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀"] as const;

interface ReactionPickerProps {
  readonly onPick: (emoji: string) => void;
  readonly onOpenChange: (open: boolean) => void;
}

/** A row of emoji to react with, the last used ones first; from there to all of them. */
export function ReactionPicker({ onPick, onOpenChange }: ReactionPickerProps): ReactNode {
  const [open, setOpen] = useState<"row" | "all" | null>(null);
  const anchor = useRef<HTMLSpanElement>(null);
  const change = (next: "row" | "all" | null) => {
    setOpen(next);
    onOpenChange(next !== null);
  };
  const pick = (emoji: string) => {
    change(null);
    rememberEmoji(emoji);
    onPick(emoji);
  };
  return (
    <span ref={anchor} className="inline-flex">
      <IconButton
        icon={SmilePlus}
        label={words.chat.react}
        size="sm"
        aria-haspopup="dialog"
        aria-expanded={open !== null}
        onClick={() => change(open ? null : "row")}
      />
      {open === "row" ? (
        <Popover
          anchor={anchor}
          label={words.chat.react}
          onClose={() => change(null)}
          className="flex gap-0.5"
        >
          {[...new Set([...recentEmoji().slice(0, 3), ...EMOJI])].slice(0, EMOJI.length).map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={emoji}
              onClick={() => pick(emoji)}
              className="grid size-9 place-items-center rounded-md text-xl transition-transform duration-120 hover:scale-115 hover:bg-hover"
            >
              {emoji}
            </button>
          ))}
          <IconButton
            icon={Plus}
            label={words.chat.allEmoji}
            onClick={() => change("all")}
            className="size-9"
          />
        </Popover>
      ) : open === "all" ? (
        <EmojiPicker anchor={anchor} onPick={pick} onClose={() => change(null)} />
      ) : null}
    </span>
  );
}
