import type { RoomClient } from "@parlor/client";
import type { Message } from "@parlor/protocol";
import { type RefObject, useCallback, useMemo, useState } from "react";
import { reportIdentityError } from "../../lib/api.js";
import { explain } from "../../lib/explain.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { withUploads } from "../files/public.js";
import type { ComposerHandle } from "./composer.js";
import type { MessageVerbs } from "./message-actions.js";
import { mentionedIn } from "./text/mentions.js";

/** The acts on messages, with which message is being edited or about to be deleted. */
export function useVerbs(
  client: RoomClient,
  composer: RefObject<ComposerHandle | null>,
  jump: (seq: number) => void,
  userId: string,
) {
  const [history, setHistory] = useState<Message | null>(null);
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
      reply: (message) => composer.current?.answer(message),
      jump,
      async togglePin(message) {
        try {
          await (message.pinned_at ? client.unpin(message.id) : client.pin(message.id));
        } catch (error) {
          reportIdentityError(error);
          toast(explain(error), "error");
        }
      },
      async copyLink({ seq }) {
        const link = `${location.origin}${location.pathname}?m=${seq}`;
        try {
          await navigator.clipboard.writeText(link);
          toast(words.chat.messageLinkCopied);
        } catch {
          toast(words.rooms.copyFailed(link), "error");
        }
      },
      showHistory: setHistory,
      startEdit: (message) => setEditing(message.id),
      async saveEdit(message, content) {
        try {
          // Who is named now is mentioned now.
          const people = [...client.state.profiles.values()].map((p) => [p.user_id, p.username] as const);
          await client.edit(message.id, content, { mentions: mentionedIn(content, people) });
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
        const message = client.state.pending.find((own) => own.client_id === clientId);
        if (!message || !composer.current) return;
        // First into the draft, which outlives a crash as the outbox does.
        composer.current.restore(message.content);
        const ids = message.attachments ?? [];
        if (ids.length > 0) void withUploads(({ putBack }) => putBack(client.state.roomId, userId, ids));
        client.discard(clientId);
      },
      discard: (clientId) => void client.discard(clientId),
    };
  }, [client, composer, jump, userId]);
  return {
    verbs,
    editing,
    startEdit: setEditing,
    deleting,
    history,
    closeHistory: useCallback(() => setHistory(null), []),
    closeDelete: useCallback(() => setDeleting(null), []),
  };
}
