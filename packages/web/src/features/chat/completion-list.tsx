import { cx } from "../../lib/cx.js";
import { Avatar } from "../../ui/avatar.js";
import { words } from "../../words/words.js";
import type { Choice } from "./use-completion.js";

/** What the list is given. */
export interface CompletionListProps {
  readonly id: string;
  readonly choices: readonly Choice[];
  readonly chosen: number;
  readonly onHover: (index: number) => void;
  readonly onChoose: (choice: Choice) => void;
}

/** What can be completed, above the composer. The text keeps the focus. */
export function CompletionList({ id, choices, chosen, onHover, onChoose }: CompletionListProps) {
  return (
    <div
      id={id}
      role="listbox"
      aria-label={words.chat.completions}
      className="absolute start-0 bottom-full z-20 mb-1.5 w-[min(22rem,100%)] animate-rise rounded-lg bg-surface p-1.5 shadow-3 ring-1 ring-line"
    >
      {choices.map((choice, index) => (
        // biome-ignore lint/a11y/useKeyWithClickEvents: the text area has the keyboard; this is the pointer's way.
        <div
          key={choice.key}
          id={`${id}-${index}`}
          role="option"
          tabIndex={-1}
          aria-selected={index === chosen}
          onPointerMove={() => onHover(index)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => onChoose(choice)}
          className={cx(
            "flex h-10 cursor-pointer items-center gap-3 rounded-md px-2.5",
            index === chosen && "bg-accent-wash",
          )}
        >
          {choice.kind === "person" ? (
            <>
              <Avatar
                person={{
                  id: choice.profile.user_id,
                  name: choice.profile.username,
                  avatar_url: choice.profile.avatar_url,
                  avatar_urls: choice.profile.avatar_urls,
                }}
                size={24}
              />
              <bdi className="truncate font-medium">{choice.profile.username}</bdi>
            </>
          ) : (
            <>
              <span aria-hidden="true" className="w-6 text-center text-xl">
                {choice.emoji.emoji}
              </span>
              <span className="truncate">:{choice.emoji.code}:</span>
            </>
          )}
        </div>
      ))}
    </div>
  );
}
