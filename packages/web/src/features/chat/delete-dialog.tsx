import type { RoomClient } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { useEffect } from "react";
import { reportIdentityError } from "../../lib/api.js";
import { useSubmit } from "../../lib/use-submit.js";
import { Button } from "../../ui/button.js";
import { Dialog } from "../../ui/dialog.js";
import { Notice } from "../../ui/notice.js";
import { words } from "../../words/words.js";

function Confirm({
  client,
  message,
  onClose,
}: {
  client: RoomClient;
  message: Message;
  onClose: () => void;
}) {
  const { busy, error, onSubmit } = useSubmit(async () => {
    try {
      await client.remove(message.id);
    } catch (cause) {
      reportIdentityError(cause);
      throw cause;
    }
    onClose();
  });
  return (
    <form onSubmit={onSubmit} className="grid gap-4 px-5 pt-2 pb-5 sm:px-6 sm:pb-6">
      {error ? <Notice>{error}</Notice> : null}
      <blockquote
        dir="auto"
        className="line-clamp-4 rounded-md bg-sunken px-3.5 py-2.5 wrap-anywhere whitespace-pre-wrap text-ink-soft"
      >
        {message.content.slice(0, 600)}
      </blockquote>
      <div className="flex justify-end gap-2">
        <Button variant="quiet" onClick={onClose}>
          {words.common.cancel}
        </Button>
        <Button type="submit" variant="danger" busy={busy} autoFocus>
          {words.chat.delete}
        </Button>
      </div>
    </form>
  );
}

interface DeleteDialogProps {
  readonly client: RoomClient;
  readonly message: Message | null;
  readonly onClose: () => void;
}

/** Asks before a message goes for good. */
export function DeleteDialog({ client, message, onClose }: DeleteDialogProps) {
  const seq = message?.seq;
  useEffect(() => {
    return () => {
      // The bar of actions that had the focus is gone by then: its line takes it.
      if (document.activeElement !== document.body) return;
      document.querySelector<HTMLElement>(`[data-seq="${seq}"]`)?.focus({ preventScroll: true });
    };
  }, [seq]);
  return (
    <Dialog
      open={message !== null}
      onClose={onClose}
      title={words.chat.deleteTitle}
      description={words.chat.deleteText}
    >
      {message ? <Confirm client={client} message={message} onClose={onClose} /> : null}
    </Dialog>
  );
}
