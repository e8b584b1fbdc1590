import type { Message, Profile, Reaction } from "@parlor/protocol";
import { Plus, SmilePlus } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { cx } from "../../lib/cx.js";
import { formatNumber } from "../../lib/formats.js";
import { IconButton } from "../../ui/icon-button.js";
import { Popover } from "../../ui/popover.js";
import { Tooltip } from "../../ui/tooltip.js";
import { words } from "../../words/words.js";
import { EmojiPicker } from "./emoji/emoji-picker.js";
import { recentEmoji, rememberEmoji } from "./emoji/recent.js";

const EMOJI = ["👍", "❤️", "😂", "🎉", "😮", "😢", "🙏", "👀"] as const;
const NAMED = 8;

interface ReactionsProps {
  readonly message: Message;
  readonly userId: string;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly onToggle: (message: Message, emoji: string, mine: boolean) => void;
}

function namesOf(reaction: Reaction, profiles: ReadonlyMap<string, Profile>): string {
  const names = reaction.user_ids
    .slice(0, NAMED)
    .map((id) => profiles.get(id)?.username ?? words.chat.someone);
  return words.chat.reactors(names, reaction.count - names.length);
}

/** The reactions below a message; a press joins one or takes one's own back. */
export function Reactions({ message, userId, profiles, onToggle }: ReactionsProps) {
  if (message.reactions.length === 0 || message.deleted_at) return null;
  return (
    <div className="flex flex-wrap gap-1 pt-1">
      {message.reactions.map((reaction) => {
        const mine = reaction.user_ids.includes(userId);
        return (
          <Tooltip key={reaction.emoji} text={namesOf(reaction, profiles)}>
            <button
              type="button"
              aria-pressed={mine}
              aria-label={words.chat.reaction(reaction.emoji, reaction.count, mine)}
              onClick={() => onToggle(message, reaction.emoji, mine)}
              className={cx(
                "flex h-7 items-center gap-1.5 rounded-full px-2.5 text-sm ring-1 transition-colors duration-120",
                mine
                  ? "bg-accent-wash font-medium text-accent ring-accent/50"
                  : "bg-surface text-ink-soft ring-line hover:ring-line-strong",
              )}
            >
              <span aria-hidden="true">{reaction.emoji}</span>
              <span aria-hidden="true" className="tabular-nums">
                {formatNumber(reaction.count)}
              </span>
            </button>
          </Tooltip>
        );
      })}
    </div>
  );
}

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
