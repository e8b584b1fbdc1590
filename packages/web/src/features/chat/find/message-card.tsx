import type { Message, Profile } from "@parlor/protocol";
import type { ReactNode } from "react";
import { formatClock, formatDay, formatExact } from "../../../lib/time.js";
import { Avatar } from "../../../ui/avatar.js";

interface MessageCardProps {
  readonly message: Message;
  readonly profile?: Profile | undefined;
  /** The room's name, where messages of several rooms are shown. */
  readonly roomName?: string | null | undefined;
  readonly children: ReactNode;
  readonly onOpen: () => void;
}

/** A message outside of its timeline: it leads there. */
export function MessageCard({ message, profile, roomName, children, onOpen }: MessageCardProps) {
  const at = new Date(message.timestamp);
  const name = profile?.username ?? message.username;
  return (
    <button
      type="button"
      onClick={onOpen}
      className="flex w-full gap-3 rounded-md px-3 py-2.5 text-start hover:bg-hover focus-visible:bg-hover"
    >
      <Avatar
        person={{
          id: message.user_id,
          name,
          avatar_url: profile?.avatar_url ?? message.avatar_url,
          avatar_urls: profile?.avatar_urls ?? null,
        }}
        size={32}
      />
      <span className="min-w-0 flex-1">
        <span className="flex flex-wrap items-baseline gap-x-2">
          <bdi className="truncate font-semibold">{name}</bdi>
          <time
            dateTime={at.toISOString()}
            title={formatExact(at)}
            className="text-xs text-ink-faint tabular-nums"
          >
            {formatDay(at, new Date())}, {formatClock(at)}
          </time>
          {roomName ? <bdi className="truncate text-xs text-ink-faint">{roomName}</bdi> : null}
        </span>
        <span dir="auto" className="line-clamp-4 wrap-anywhere text-ink-soft">
          {children}
        </span>
      </span>
    </button>
  );
}
