import type { Message } from "@parlor/protocol";
import { Copy, Ellipsis, History, Link2, Pencil, Pin, PinOff, Reply, Trash2 } from "lucide-react";
import { copyText } from "../../ui/copy-text.js";
import { IconButton } from "../../ui/icon-button.js";
import { Menu, MenuItem } from "../../ui/menu.js";
import { words } from "../../words/words.js";
import { ReactionPicker } from "./reaction-picker.js";

/** What a person can do with a message; the same object for all lines, so that they are not drawn anew. */
export interface MessageVerbs {
  readonly toggleReaction: (message: Message, emoji: string, mine: boolean) => void;
  readonly reply: (message: Message) => void;
  /** Goes to the message with a number. */
  readonly jump: (seq: number) => void;
  readonly togglePin: (message: Message) => void;
  readonly copyLink: (message: Message) => void;
  readonly showHistory: (message: Message) => void;
  readonly startEdit: (message: Message) => void;
  readonly saveEdit: (message: Message, content: string) => Promise<void>;
  readonly cancelEdit: () => void;
  readonly askDelete: (message: Message) => void;
  readonly retry: (clientId: string) => void;
  readonly takeBack: (clientId: string) => void;
  readonly discard: (clientId: string) => void;
}

/** What the bar of a message is given. */
export interface MessageActionsProps {
  readonly message: Message;
  readonly userId: string;
  readonly mine: boolean;
  readonly mayDelete: boolean;
  readonly mayPin: boolean;
  readonly verbs: MessageVerbs;
  /** A menu is open: the bar must stay. */
  readonly onBusy: (busy: boolean) => void;
}

/** The bar that appears on the line under the pointer or the focus. */
export function MessageActions(props: MessageActionsProps) {
  const { message, userId, mine, mayDelete, mayPin, verbs, onBusy } = props;
  // The line of a call is written by the server: there is no text of somebody's to take or to change.
  const isText = !message.call && !message.recording;
  const mayEdit = mine && isText;
  const reacted = (emoji: string) =>
    message.reactions.some((reaction) => reaction.emoji === emoji && reaction.user_ids.includes(userId));
  return (
    <div className="absolute end-3 -top-3.5 z-10 flex rounded-md bg-surface p-0.5 shadow-2 ring-1 ring-line">
      <ReactionPicker
        onOpenChange={onBusy}
        onPick={(emoji) => verbs.toggleReaction(message, emoji, reacted(emoji))}
      />
      <IconButton icon={Reply} label={words.chat.reply} size="sm" onClick={() => verbs.reply(message)} />
      {mayEdit ? (
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
            aria-haspopup="menu"
            className="grid size-8 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink"
          >
            <Ellipsis aria-hidden="true" className="size-4" strokeWidth={1.85} />
          </button>
        }
      >
        <MenuItem icon={Reply} label={words.chat.reply} onSelect={() => verbs.reply(message)} />
        <MenuItem icon={Link2} label={words.chat.copyMessageLink} onSelect={() => verbs.copyLink(message)} />
        {isText ? (
          <MenuItem icon={Copy} label={words.chat.copyText} onSelect={() => void copyText(message.content)} />
        ) : null}
        {mayEdit ? (
          <MenuItem icon={Pencil} label={words.chat.edit} onSelect={() => verbs.startEdit(message)} />
        ) : null}
        {mayPin ? (
          <MenuItem
            icon={message.pinned_at ? PinOff : Pin}
            label={message.pinned_at ? words.chat.unpin : words.chat.pin}
            onSelect={() => verbs.togglePin(message)}
          />
        ) : null}
        {message.edited_at && (mine || mayDelete) ? (
          <MenuItem
            icon={History}
            label={words.chat.showHistory}
            onSelect={() => verbs.showHistory(message)}
          />
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
