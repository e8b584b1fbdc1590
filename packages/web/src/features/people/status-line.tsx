import { formatClock, formatShort } from "../../lib/time.js";
import { words } from "../../words/words.js";

interface WithStatus {
  readonly status_emoji?: string | null | undefined;
  readonly status_text?: string | null | undefined;
  readonly status_until?: string | null | undefined;
}

function isSaying({ status_emoji, status_text, status_until }: WithStatus): boolean {
  if (status_until && Date.parse(status_until) <= Date.now()) return false;
  return Boolean(status_emoji || status_text);
}

/** What somebody says of their moment, in a pill with its end. */
export function StatusLine({ person }: { person: WithStatus }) {
  if (!isSaying(person)) return null;
  const until = person.status_until ? new Date(person.status_until) : null;
  const isToday = until !== null && until.toDateString() === new Date().toDateString();
  return (
    <p className="flex max-w-full items-center gap-2 rounded-full bg-hover px-3.5 py-1.5 text-sm">
      {person.status_emoji ? <span>{person.status_emoji}</span> : null}
      {person.status_text ? (
        <span dir="auto" className="min-w-0 break-words">
          {person.status_text}
        </span>
      ) : null}
      {until ? (
        <span className="shrink-0 text-ink-faint">
          {words.people.statusUntil(
            isToday ? formatClock(until) : formatShort(until, until < new Date() ? new Date() : until),
          )}
        </span>
      ) : null}
    </p>
  );
}

/** The same in as little room as a list has: the emoji with the text as its name, else the text. */
export function StatusMark({ person }: { person: WithStatus }) {
  if (!isSaying(person)) return null;
  const { status_emoji: emoji, status_text: text } = person;
  return emoji ? (
    <span role="img" aria-label={text || emoji} title={text || undefined} className="shrink-0">
      {emoji}
    </span>
  ) : (
    <span dir="auto" className="truncate text-xs text-ink-faint">
      {text}
    </span>
  );
}
