import type { Message } from "@parlor/protocol";
import { useCallback } from "react";
import { call } from "../../../lib/api.js";
import { formatExact } from "../../../lib/time.js";
import { Spinner } from "../../../ui/spinner.js";
import { words } from "../../../words/words.js";
import { useLoaded } from "./use-loaded.js";

/** What a message says and said, the newest first. */
export function HistoryList({ message, userId }: { message: Message; userId: string }) {
  const { room_id, id: message_id } = message;
  const read = useCallback(
    () => call("listEdits", { params: { room_id, message_id }, query: { user_id: userId } }),
    [room_id, message_id, userId],
  );
  const { value, error } = useLoaded(read);
  const texts = [
    { content: message.content, when: words.chat.historyNow },
    ...(value ?? []).map(({ content, timestamp }) => ({ content, when: formatExact(new Date(timestamp)) })),
  ];
  return (
    <div className="px-5 pb-5 sm:px-6">
      <ol className="grid gap-4">
        {texts.map(({ content, when }, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the versions of one message only grow at one end.
          <li key={index} className="border-s-2 border-line-strong ps-3">
            <p className="text-xs text-ink-faint">{when}</p>
            <p dir="auto" className="whitespace-pre-wrap wrap-anywhere">
              {content}
            </p>
          </li>
        ))}
      </ol>
      {error ? (
        <p role="alert" className="pt-3 text-sm text-danger">
          {error}
        </p>
      ) : !value ? (
        <div role="status" aria-label={words.common.loading} className="grid place-items-center py-6">
          <Spinner />
        </div>
      ) : value.length === 0 ? (
        <p className="pt-3 text-sm text-ink-soft">{words.chat.historyNone}</p>
      ) : null}
    </div>
  );
}
