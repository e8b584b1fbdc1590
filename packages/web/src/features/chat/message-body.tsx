import type { Message } from "@parlor/protocol";
import { Play, Trash2 } from "lucide-react";
import { formatExact } from "../../lib/time.js";
import { words } from "../../words/words.js";
import { CallMessage } from "../calls/public.js";
import { Attachments } from "../files/public.js";
import type { FindMention } from "./text/inline.js";
import { RichText } from "./text/rich-text.js";
import { type Video, videoOf } from "./video.js";

function VideoCard({ video }: { video: Video }) {
  const inside = (
    <>
      <span className="grid size-11 shrink-0 place-items-center rounded-md bg-accent text-on-accent">
        <Play aria-hidden="true" className="size-5 fill-current" />
      </span>
      <span className="min-w-0">
        <span dir="auto" className="block truncate font-medium">
          {video.title ?? words.chat.video}
        </span>
        <span className="block text-sm text-ink-soft">
          {video.url ? words.chat.openVideo : words.chat.video}
        </span>
      </span>
    </>
  );
  const look =
    "mt-1 flex w-full max-w-sm items-center gap-3.5 rounded-lg bg-surface p-2.5 pe-4 ring-1 ring-line";
  return video.url ? (
    <a
      href={video.url}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className={`${look} hover:ring-line-strong`}
    >
      {inside}
    </a>
  ) : (
    <div className={look}>{inside}</div>
  );
}

interface MessageBodyProps {
  readonly message: Message;
  readonly mentionAt: FindMention | undefined;
  readonly userId: string;
  /** Whether it tells of the call that the room has now. */
  readonly isCallNow: boolean;
  /** Shows the former texts; `null` for who may not read them. */
  readonly onHistory: ((message: Message) => void) | null;
}

/** What a message says. */
export function MessageBody({ message, mentionAt, userId, isCallNow, onHistory }: MessageBodyProps) {
  if (message.deleted_at) {
    return (
      <p className="flex items-center gap-1.5 text-ink-faint italic">
        <Trash2 aria-hidden="true" className="size-3.5" />
        {words.chat.deleted}
      </p>
    );
  }
  if (message.call ?? message.recording) {
    return (
      <CallMessage
        message={message}
        userId={userId}
        isRunning={isCallNow}
        waiting={<p>{message.content}</p>}
      />
    );
  }
  const video = videoOf(message.content);
  return (
    <>
      {video ? (
        <VideoCard video={video} />
      ) : message.content ? (
        <RichText text={message.content} mentionAt={mentionAt} userId={userId} />
      ) : null}
      {message.attachments?.length ? <Attachments list={message.attachments} /> : null}
      {message.edited_at && onHistory ? (
        <button
          type="button"
          onClick={() => onHistory(message)}
          title={formatExact(new Date(message.edited_at))}
          aria-label={words.chat.showHistory}
          className="rounded-sm text-xs text-ink-faint hover:text-ink hover:underline"
        >
          ({words.chat.edited})
        </button>
      ) : message.edited_at ? (
        <span className="text-xs text-ink-faint" title={formatExact(new Date(message.edited_at))}>
          ({words.chat.edited})
        </span>
      ) : null}
    </>
  );
}
