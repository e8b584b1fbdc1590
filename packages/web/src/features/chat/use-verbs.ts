import type { RoomClient } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { type RefObject, useMemo, useState } from "react";
import { reportIdentityError } from "../../lib/api.js";
import { explain } from "../../lib/explain.js";
import { toast } from "../../ui/toast.js";
import type { ComposerHandle } from "./composer.js";
import type { MessageVerbs } from "./message-actions.js";

/** The acts on messages, with which message is being edited or about to be deleted. */
export function useVerbs(client: RoomClient, composer: RefObject<ComposerHandle | null>) {
  const [editing, setEditing] = useState<string | null>(null);
  const [deleting, setDeleting] = useState<Message | null>(null);
  const verbs = useMemo<MessageVerbs>(() => {
    const endEdit = () => {
      setEditing(null);
      composer.current?.focus();
    };
    return {
      async toggleReaction(message, emoji, mine) {
        try {
          await (mine ? client.unreact(message.id, emoji) : client.react(message.id, emoji));
        } catch (error) {
          reportIdentityError(error);
          toast(explain(error), "error");
        }
      },
      startEdit: (message) => setEditing(message.id),
      async saveEdit(message, content) {
        try {
          await client.edit(message.id, content);
        } catch (error) {
          reportIdentityError(error);
          throw error;
        }
        endEdit();
      },
      cancelEdit: endEdit,
      askDelete: setDeleting,
      retry: (clientId) => client.retry(clientId),
      takeBack(clientId) {
        const text = client.discard(clientId);
        if (text !== null) composer.current?.restore(text);
      },
      discard: (clientId) => void client.discard(clientId),
    };
  }, [client, composer]);
  return { verbs, editing, startEdit: setEditing, deleting, closeDelete: () => setDeleting(null) };
}
