import type { Message, Profile, Reaction } from "@parlor/protocol";
import { cx } from "../../lib/cx.js";
import { formatNumber } from "../../lib/formats.js";
import { Tooltip } from "../../ui/tooltip.js";
import { words } from "../../words/words.js";

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
