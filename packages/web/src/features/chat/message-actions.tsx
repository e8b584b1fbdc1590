import type { Message } from "@parlor/protocol";
import { Copy, Ellipsis, Pencil, Trash2 } from "lucide-react";
import { IconButton } from "../../ui/icon-button.js";
import { Menu, MenuItem } from "../../ui/menu.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { ReactionPicker } from "./reactions.js";

/** What a person can do with a message; the same object for all lines, so that they are not drawn anew. */
export interface MessageVerbs {
  readonly toggleReaction: (message: Message, emoji: string, mine: boolean) => void;
  readonly startEdit: (message: Message) => void;
  readonly saveEdit: (message: Message, content: string) => Promise<void>;
  readonly cancelEdit: () => void;
  readonly askDelete: (message: Message) => void;
  readonly retry: (clientId: string) => void;
  readonly takeBack: (clientId: string) => void;
  readonly discard: (clientId: string) => void;
}

async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text);
    toast(words.chat.textCopied);
  } catch {
    toast(words.chat.copyTextFailed, "error");
  }
}

interface MessageActionsProps {
  readonly message: Message;
  readonly userId: string;
  readonly mine: boolean;
  readonly mayDelete: boolean;
  readonly verbs: MessageVerbs;
  /** A menu is open: the bar must stay. */
  readonly onBusy: (busy: boolean) => void;
}

/** The bar that appears on the line under the pointer or the focus. */
export function MessageActions({ message, userId, mine, mayDelete, verbs, onBusy }: MessageActionsProps) {
  const reacted = (emoji: string) =>
    message.reactions.some((reaction) => reaction.emoji === emoji && reaction.user_ids.includes(userId));
  return (
    <div className="absolute end-3 -top-3.5 z-10 flex rounded-md bg-surface p-0.5 shadow-2 ring-1 ring-line">
      <ReactionPicker
        onOpenChange={onBusy}
        onPick={(emoji) => verbs.toggleReaction(message, emoji, reacted(emoji))}
      />
      {mine ? (
        <IconButton
          icon={Pencil}
          label={words.chat.edit}
          size="sm"
          onClick={() => verbs.startEdit(message)}
        />
      ) : null}
      <Menu
        onOpenChange={onBusy}
        trigger={
          <button
            type="button"
            aria-label={words.chat.moreActions}
            className="grid size-8 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink data-[state=open]:bg-hover"
          >
            <Ellipsis aria-hidden="true" className="size-4" strokeWidth={1.85} />
          </button>
        }
      >
        <MenuItem icon={Copy} label={words.chat.copyText} onSelect={() => void copyText(message.content)} />
        {mine ? (
          <MenuItem icon={Pencil} label={words.chat.edit} onSelect={() => verbs.startEdit(message)} />
        ) : null}
        {mayDelete ? (
          <MenuItem
            icon={Trash2}
            label={words.chat.delete}
            danger
            onSelect={() => verbs.askDelete(message)}
          />
        ) : null}
      </Menu>
    </div>
  );
}
