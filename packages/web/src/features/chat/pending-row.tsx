import type { PendingMessage } from "@parlor/client";
import type { User } from "@parlor/protocol";
import { CircleAlert, Clock } from "lucide-react";
import { memo } from "react";
import { explainCode } from "../../lib/explain.js";
import { formatClock } from "../../lib/time.js";
import { words } from "../../words/words.js";
import { PendingAttachments } from "../files/public.js";
import { shownName } from "../session/public.js";
import type { MessageVerbs } from "./message-actions.js";
import { DayRule, LineFrame } from "./message-row.js";
import { RichText } from "./text/rich-text.js";

const LINK = "rounded-sm font-medium underline underline-offset-3 hover:no-underline";

/** The ways out of a message that was not sent: back into the composer, or away. */
function TakeBack({ pending, verbs }: Pick<PendingRowProps, "pending" | "verbs">) {
  return (
    <>
      <button type="button" className={LINK} onClick={() => verbs.takeBack(pending.client_id)}>
        {words.chat.editFailed}
      </button>
      <button type="button" className={LINK} onClick={() => verbs.discard(pending.client_id)}>
        {words.chat.discard}
      </button>
    </>
  );
}

interface PendingRowProps {
  readonly pending: PendingMessage;
  readonly me: User;
  readonly head: boolean;
  readonly day: boolean;
  /** Whether there is no connection at the moment: then it says that it waits. */
  readonly waiting: boolean;
  readonly verbs: MessageVerbs;
}

/** An own message that the server has not stored yet. */
export const PendingRow = memo(function PendingRow({
  pending,
  me,
  head,
  day,
  waiting,
  verbs,
}: PendingRowProps) {
  const name = shownName(me);
  const failed = pending.status === "failed";
  return (
    <>
      {day ? <DayRule time={pending.created_at} /> : null}
      <article
        data-row=""
        tabIndex={-1}
        aria-label={`${name}, ${formatClock(new Date(pending.created_at))}`}
        className="group relative -outline-offset-2"
      >
        <LineFrame
          person={{
            id: me.id,
            name,
            avatar_url: me.avatar_url,
            profile: {
              user_id: me.id,
              username: name,
              avatar_url: me.avatar_url,
              avatar_urls: me.avatar_urls,
              profile_rev: me.profile_rev,
            },
          }}
          head={head}
          time={pending.created_at}
          mine
        >
          <div className={failed ? undefined : "opacity-70"}>
            {pending.content ? <RichText text={pending.content} /> : null}
            {pending.attachments?.length ? <PendingAttachments ids={pending.attachments} /> : null}
          </div>
          {failed ? (
            <p
              role="alert"
              className="flex flex-wrap items-center gap-x-3 gap-y-1 pt-0.5 text-sm text-danger"
            >
              <span className="inline-flex items-center gap-1.5">
                <CircleAlert aria-hidden="true" className="size-4 shrink-0" />
                <span>
                  {words.chat.failed}{" "}
                  {pending.failure ? explainCode(pending.failure.code, pending.failure.detail) : null}
                </span>
              </span>
              <button type="button" className={LINK} onClick={() => verbs.retry(pending.client_id)}>
                {words.chat.retry}
              </button>
              <TakeBack pending={pending} verbs={verbs} />
            </p>
          ) : waiting ? (
            <p className="flex flex-wrap items-center gap-x-3 pt-0.5 text-xs text-ink-faint">
              <span className="inline-flex items-center gap-1.5">
                <Clock aria-hidden="true" className="size-3" />
                {words.chat.waiting}
              </span>
              <TakeBack pending={pending} verbs={verbs} />
            </p>
          ) : (
            <span className="sr-only">{words.chat.pending}</span>
          )}
        </LineFrame>
      </article>
    </>
  );
});
