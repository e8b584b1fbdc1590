import type { PendingMessage } from "@parlor/client";
import { Copy, Trash2 } from "lucide-react";
import { explainCode } from "../lib/explain.js";
import { words } from "../words/words.js";
import { copyText } from "./copy-text.js";
import { IconButton } from "./icon-button.js";

interface UnsentListProps {
  readonly messages: readonly PendingMessage[];
  readonly onDiscard: (message: PendingMessage) => void;
}

/** Messages that cannot be sent from here, for the person to take along or drop: none goes in silence. */
export function UnsentList({ messages, onDiscard }: UnsentListProps) {
  if (messages.length === 0) return null;
  return (
    <section aria-label={words.chat.unsentTitle} className="mt-4 text-start">
      <h2 className="pb-1.5 text-sm font-semibold text-ink">{words.chat.unsentTitle}</h2>
      <ul className="grid max-h-[40dvh] gap-1.5 overflow-y-auto">
        {messages.map((message) => (
          <li
            key={message.client_id}
            className="flex items-start gap-1 rounded-md border border-line bg-surface py-1.5 ps-3 pe-1.5"
          >
            <div className="min-w-0 flex-1 py-1">
              <p dir="auto" className="line-clamp-4 text-ink [overflow-wrap:anywhere] whitespace-pre-wrap">
                {message.content}
              </p>
              {message.attachments?.length ? (
                <p className="text-sm text-ink-soft">{words.files.count(message.attachments.length)}</p>
              ) : null}
              {message.failure ? (
                <p className="text-sm text-danger">
                  {explainCode(message.failure.code, message.failure.detail)}
                </p>
              ) : null}
            </div>
            <IconButton
              icon={Copy}
              label={words.chat.copyText}
              size="sm"
              onClick={() => void copyText(message.content)}
            />
            <IconButton
              icon={Trash2}
              label={words.chat.discard}
              size="sm"
              onClick={() => onDiscard(message)}
            />
          </li>
        ))}
      </ul>
    </section>
  );
}
