import type { Unsent } from "@parlor/client";
import type { RoomSummary } from "@parlor/protocol";
import { AtSign, BellOff } from "lucide-react";
import { memo } from "react";
import { Link } from "wouter";
import { cx } from "../../lib/cx.js";
import { formatNumber } from "../../lib/formats.js";
import { formatShort } from "../../lib/time.js";
import { Avatar } from "../../ui/avatar.js";
import { words } from "../../words/words.js";
import { isHere, usePerson } from "../people/public.js";
import { summaryName } from "./inbox-store.js";
import { roomPath } from "./link.js";
import { previewText } from "./preview-text.js";
import { PrivacyMark, RoomGlyph } from "./room-glyph.js";
import { askingOf } from "./unread.js";
import { UnsentMark } from "./unsent-mark.js";

const SHOWN_AT_MOST = 99;

/** A number that has room in a badge. */
export function shortCount(n: number): string {
  return n > SHOWN_AT_MOST ? `${formatNumber(SHOWN_AT_MOST)}+` : formatNumber(n);
}

/** How much asks for attention: calls in the accent, the rest in quiet. */
function Badges({ summary }: { summary: RoomSummary }) {
  const { calls, others } = askingOf(summary);
  if (calls + others === 0) {
    return summary.level === "none" ? (
      <BellOff role="img" aria-label={words.rooms.levels.none} className="size-3.5 text-ink-faint" />
    ) : null;
  }
  const direct = summary.kind === "direct";
  return (
    <span className="flex shrink-0 items-center gap-1 text-xs font-semibold tabular-nums">
      {others > 0 ? (
        <span className="min-w-5 rounded-full bg-pressed px-1.5 text-center leading-5 text-ink-soft">
          <span aria-hidden="true">{shortCount(others)}</span>
          <span className="sr-only">{words.rooms.unread(others)}</span>
        </span>
      ) : null}
      {calls > 0 ? (
        <span className="inline-flex min-w-5 items-center justify-center rounded-full bg-accent px-1.5 leading-5 text-on-accent">
          {direct ? null : <AtSign aria-hidden="true" className="size-3" strokeWidth={2.5} />}
          <span aria-hidden="true">{shortCount(calls)}</span>
          <span className="sr-only">{direct ? words.rooms.unread(calls) : words.rooms.mentions(calls)}</span>
        </span>
      ) : null}
    </span>
  );
}

/** Who said what last. */
function lastLine({ last_message: last, kind, memberCount }: RoomSummary, userId: string): string {
  if (!last) return kind === "direct" ? words.rooms.noMessages : words.rooms.members(memberCount);
  const text = previewText(last);
  if (last.user_id === userId) return words.rooms.byYou(text);
  return kind === "direct" ? text : words.rooms.by(last.username, text);
}

function OtherFace({ summary }: { summary: RoomSummary }) {
  const other = summary.other;
  const person = usePerson(other?.user_id ?? summary.id);
  if (!other) return null;
  const { user_id: id, username: name, avatar_url, avatar_urls } = other;
  return <Avatar person={{ id, name, avatar_url, avatar_urls }} size={32} online={isHere(person)} />;
}

/** Presence for those who do not see the dot; after the name, by which the row is called. */
function HereText({ userId }: { userId: string }) {
  return isHere(usePerson(userId)) ? <span className="sr-only">{words.people.here}</span> : null;
}

interface SummaryRowProps {
  readonly summary: RoomSummary;
  readonly userId: string;
  readonly current: boolean;
  readonly unsent: Unsent | undefined;
  readonly now: number;
}

/** One of the person's rooms or conversations: what was said last, and how much is new. */
export const SummaryRow = memo(function SummaryRow({
  summary,
  userId,
  current,
  unsent,
  now,
}: SummaryRowProps) {
  const { calls, others } = askingOf(summary);
  const isNew = calls + others > 0;
  const last = summary.last_message;
  const name = summaryName(summary);
  return (
    <li>
      <Link
        href={roomPath(summary.id)}
        aria-current={current ? "page" : undefined}
        className={cx(
          "flex items-center gap-3 rounded-md px-2.5 py-2 transition-colors duration-120",
          current ? "bg-accent-wash" : "hover:bg-hover",
        )}
      >
        {summary.kind === "direct" ? (
          <OtherFace summary={summary} />
        ) : (
          <span className="grid w-8 shrink-0 justify-items-center">
            <RoomGlyph room={summary} size="sm" />
          </span>
        )}
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-1.5">
            <span
              dir="auto"
              className={cx(
                "min-w-0 truncate",
                isNew ? "font-semibold" : "font-medium",
                current && "font-semibold text-accent",
                !current && summary.level === "none" && "text-ink-soft",
              )}
            >
              {name}
            </span>
            {summary.other ? <HereText userId={summary.other.user_id} /> : null}
            <PrivacyMark room={summary.kind === "direct" ? { privacy: "public" } : summary} />
            <time
              dateTime={last?.timestamp}
              className={cx(
                "ms-auto shrink-0 ps-1 text-xs tabular-nums",
                isNew || current ? "text-ink-soft" : "text-ink-faint",
              )}
            >
              {last ? formatShort(new Date(last.timestamp), new Date(now)) : null}
            </time>
          </span>
          <span className="flex h-5 items-center gap-2 text-xs">
            <span
              dir="auto"
              className={cx("min-w-0 flex-1 truncate", isNew || current ? "text-ink-soft" : "text-ink-faint")}
            >
              {lastLine(summary, userId)}
            </span>
            {current ? null : <UnsentMark unsent={unsent} />}
            <Badges summary={summary} />
          </span>
        </span>
      </Link>
    </li>
  );
});
