import type { Message, Profile, Reaction } from "@parlor/protocol";
import { SmilePlus } from "lucide-react";
import { Popover } from "radix-ui";
import { type ReactNode, useState } from "react";
import { cx } from "../../lib/cx.js";
import { IconButton } from "../../ui/icon-button.js";
import { Tooltip } from "../../ui/tooltip.js";
import { words } from "../../words/words.js";

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
                {reaction.count}
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

/** A row of emoji to react with. */
export function ReactionPicker({ onPick, onOpenChange }: ReactionPickerProps): ReactNode {
  const [open, setOpen] = useState(false);
  const change = (next: boolean) => {
    setOpen(next);
    onOpenChange(next);
  };
  return (
    <Popover.Root open={open} onOpenChange={change}>
      <Popover.Anchor asChild>
        <span className="inline-flex">
          <IconButton
            icon={SmilePlus}
            label={words.chat.react}
            size="sm"
            aria-haspopup="dialog"
            aria-expanded={open}
            onClick={() => change(!open)}
          />
        </span>
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          side="top"
          align="end"
          sideOffset={6}
          collisionPadding={8}
          aria-label={words.chat.react}
          className="z-40 flex animate-rise gap-0.5 rounded-lg bg-surface p-1.5 shadow-3 ring-1 ring-line"
        >
          {EMOJI.map((emoji) => (
            <button
              key={emoji}
              type="button"
              aria-label={emoji}
              onClick={() => {
                change(false);
                onPick(emoji);
              }}
              className="grid size-9 place-items-center rounded-md text-xl transition-transform duration-120 hover:scale-115 hover:bg-hover"
            >
              {emoji}
            </button>
          ))}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}
