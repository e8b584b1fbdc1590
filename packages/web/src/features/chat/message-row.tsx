import type { Message, Profile } from "@parlor/protocol";
import { Pin } from "lucide-react";
import { memo, type ReactNode, useState } from "react";
import { cx } from "../../lib/cx.js";
import { formatClock, formatDay, formatExact } from "../../lib/time.js";
import { Avatar } from "../../ui/avatar.js";
import { type Part, part } from "../../ui/part.js";
import { words } from "../../words/words.js";
import { PersonButton } from "../people/public.js";
import type { EditFormProps } from "./edit-form.js";
import type { MessageActionsProps, MessageVerbs } from "./message-actions.js";
import { MessageBody } from "./message-body.js";
import { Quote } from "./quote.js";
import { Reactions } from "./reactions.js";
import { ReaderMarks } from "./reader-marks.js";
import { useMentions } from "./text/use-mentions.js";

/** The bar that appears on the line under the pointer or the focus. */
export const MessageActions: Part<MessageActionsProps> = part(
  async () => (await import("./message-actions.js")).MessageActions,
  { failing: "silent" },
);
// Most lines are never changed.
const EditForm: Part<EditFormProps> = part(async () => (await import("./edit-form.js")).EditForm);

/** The rule above the first line of a day. */
export function DayRule({ time }: { time: number }) {
  return (
    <div className="flex items-center gap-4 px-4 pt-5 pb-2 sm:px-6">
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
      <h2 className="text-xs font-semibold text-ink-faint">{formatDay(new Date(time), new Date())}</h2>
      <span aria-hidden="true" className="h-px flex-1 bg-line" />
    </div>
  );
}

function NewRule() {
  return (
    <div className="flex items-center gap-3 px-4 pt-3 pb-1 text-xs font-semibold text-brass sm:px-6">
      <span aria-hidden="true" className="h-px flex-1 bg-brass/55" />
      <span>{words.chat.newLine}</span>
      <span aria-hidden="true" className="h-px w-6 bg-brass/55" />
    </div>
  );
}

interface LineFrameProps {
  readonly person: { id: string; name: string; avatar_url: string | null; profile?: Profile | undefined };
  readonly head: boolean;
  readonly time: number;
  readonly mine: boolean;
  readonly children: ReactNode;
}

/** Face, name and time beside a line's content; a line that continues its author's group has the time on hover. */
export function LineFrame({ person, head, time, mine, children }: LineFrameProps) {
  const at = new Date(time);
  const clock = (
    <time dateTime={at.toISOString()} title={formatExact(at)}>
      {formatClock(at)}
    </time>
  );
  return (
    <div className={cx("flex gap-3 px-4 sm:gap-3.5 sm:px-6", head ? "pt-2.5 pb-0.5" : "py-0.5")}>
      <div className="w-10 shrink-0 text-end">
        {head ? (
          // The name beside it does the same, and is what the keyboard and a screen reader meet.
          <PersonButton
            userId={person.id}
            name={person.name}
            tabIndex={-1}
            aria-hidden="true"
            className="block"
          >
            <Avatar
              person={{
                id: person.id,
                name: person.name,
                avatar_url: person.profile ? person.profile.avatar_url : person.avatar_url,
                avatar_urls: person.profile?.avatar_urls ?? null,
              }}
              size={40}
            />
          </PersonButton>
        ) : (
          <span className="invisible text-[0.6875rem] leading-[1.46875rem] whitespace-nowrap text-ink-faint tabular-nums group-hover:visible group-focus-within:visible">
            {clock}
          </span>
        )}
      </div>
      <div className="min-w-0 flex-1">
        {head ? (
          <p className="flex items-baseline gap-2">
            <PersonButton
              userId={person.id}
              name={person.name}
              className={cx(
                "-my-0.5 min-w-0 truncate rounded-sm py-0.5 font-semibold hover:underline",
                mine && "text-accent",
              )}
            >
              <bdi>{person.name}</bdi>
            </PersonButton>
            <span className="shrink-0 text-xs text-ink-faint tabular-nums">{clock}</span>
          </p>
        ) : (
          <span className="sr-only">{person.name}</span>
        )}
        {children}
      </div>
    </div>
  );
}

interface MessageRowProps {
  readonly message: Message;
  readonly profile: Profile | undefined;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly userId: string;
  /** Whether the person is a host of the room. */
  readonly decides: boolean;
  readonly isCallNow: boolean;
  readonly head: boolean;
  readonly day: boolean;
  readonly fresh: boolean;
  readonly time: number;
  readonly editing: boolean;
  /** Chosen by a tap, where there is no pointer that hovers. */
  readonly active: boolean;
  /** It was jumped to and stands out for a moment. */
  readonly marked: boolean;
  readonly mayPin: boolean;
  /** Who has read up to here. */
  readonly readers: readonly string[] | undefined;
  readonly onActivate: (messageId: string) => void;
  readonly verbs: MessageVerbs;
}

/** A stored message. */
export const MessageRow = memo(function MessageRow(props: MessageRowProps) {
  const { message, profile, userId, head, day, fresh, time, editing, active, verbs } = props;
  const [near, setNear] = useState(false);
  const [busy, setBusy] = useState(false);
  const mine = message.user_id === userId;
  const name = profile?.username ?? message.username;
  const isOwnMention =
    !message.deleted_at && (message.mentions?.includes(userId) || (message.mentions_room === true && !mine));
  const mentionAt = useMentions(message, props.profiles);
  const body = (
    <MessageBody
      message={message}
      mentionAt={mentionAt}
      userId={userId}
      isCallNow={props.isCallNow}
      onHistory={mine || props.decides ? verbs.showHistory : null}
    />
  );
  const acts = (near || active || busy) && !editing && !message.deleted_at;
  return (
    <>
      {day ? <DayRule time={time} /> : null}
      {fresh ? <NewRule /> : null}
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the tap is for touch; the keyboard focuses the line instead. */}
      <article
        data-row=""
        data-seq={message.seq}
        tabIndex={-1}
        aria-label={`${name}, ${formatClock(new Date(time))}`}
        // Not as it is entered: lines that move on under a pointer that rests are not meant by it.
        onPointerMove={(event) => event.pointerType === "mouse" && setNear(true)}
        onPointerLeave={() => setNear(false)}
        onFocus={() => setNear(true)}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) setNear(false);
        }}
        onClick={() => matchMedia("(hover: none)").matches && props.onActivate(message.id)}
        className={cx(
          "group relative -outline-offset-2",
          (near || active || busy) && "bg-hover",
          editing && "bg-accent-wash",
          isOwnMention && !editing && "bg-brass-wash/50",
          props.marked && "animate-highlight outline-2 outline-brass",
        )}
      >
        <LineFrame
          person={{ id: message.user_id, name, avatar_url: message.avatar_url, profile }}
          head={head}
          time={time}
          mine={mine}
        >
          {message.reply_to && !message.deleted_at ? (
            <Quote quote={message.reply_to} profiles={props.profiles} onOpen={verbs.jump} />
          ) : null}
          {message.pinned_at && !message.deleted_at ? (
            <span className="flex items-center gap-1 text-xs text-ink-faint">
              <Pin aria-hidden="true" className="size-3" />
              {words.chat.pinned}
            </span>
          ) : null}
          {editing ? (
            <EditForm message={message} onSave={verbs.saveEdit} onClose={verbs.cancelEdit} waiting={body} />
          ) : (
            body
          )}
          <Reactions
            message={message}
            userId={userId}
            profiles={props.profiles}
            onToggle={verbs.toggleReaction}
          />
        </LineFrame>
        {props.readers ? <ReaderMarks readers={props.readers} profiles={props.profiles} /> : null}
        {acts ? (
          <MessageActions
            message={message}
            userId={userId}
            mine={mine}
            mayPin={props.mayPin}
            mayDelete={mine || props.decides}
            verbs={verbs}
            onBusy={setBusy}
          />
        ) : null}
      </article>
    </>
  );
});
