import type { RoomClient, RoomState } from "@parlor/client";
import type { Room, User } from "@parlor/protocol";
import { ArrowDown } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { cx } from "../../lib/cx.js";
import { Spinner } from "../../ui/spinner.js";
import { words } from "../../words/words.js";
import { Intro } from "./intro.js";
import type { MessageVerbs } from "./message-actions.js";
import { MessageRow } from "./message-row.js";
import { PendingRow } from "./pending-row.js";
import type { Row } from "./rows.js";
import { useBottom } from "./use-bottom.js";
import { useOlder } from "./use-older.js";
import { useRowSteps } from "./use-row-steps.js";

/** Height of the place above the first line, where loading older ones is shown. */
const TOP = 48;

function moveFocus(event: KeyboardEvent<HTMLElement>): void {
  const step = event.key === "ArrowUp" ? -1 : event.key === "ArrowDown" ? 1 : 0;
  const target = event.target as HTMLElement;
  const here = target === event.currentTarget;
  if (!step || (!here && !target.matches("[data-row]"))) return;
  const lines = [...event.currentTarget.querySelectorAll<HTMLElement>("[data-row]")];
  const next = here ? lines.at(-1) : lines[lines.indexOf(target) + step];
  if (!next) return;
  event.preventDefault();
  next.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

interface TimelineProps {
  readonly client: RoomClient;
  readonly state: RoomState;
  readonly rows: readonly Row[];
  readonly room: Room | null;
  readonly me: User;
  readonly unread: number;
  readonly editing: string | null;
  readonly verbs: MessageVerbs;
  readonly onAtEnd: (atEnd: boolean) => void;
}

/** The conversation: a virtual list that hangs from its end. */
export function Timeline({
  client,
  state,
  rows: all,
  room,
  me,
  unread,
  editing,
  verbs,
  onAtEnd,
}: TimelineProps) {
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const { rows, shift } = useRowSteps(all);
  const { atEnd, toEnd, onScroll, keep } = useBottom(list, scroller, rows.length);
  const older = useOlder(client, state.hasOlder && state.loaded);
  const roomName = room?.name ?? "";
  const waiting = state.status !== "live" && state.status !== "polling";

  useEffect(() => onAtEnd(atEnd), [atEnd, onAtEnd]);

  // What a person sends, they want to see, wherever they were reading.
  const sent = state.pending.at(-1)?.client_id;
  const lastSent = useRef(sent);
  useEffect(() => {
    if (sent && sent !== lastSent.current) toEnd();
    lastSent.current = sent;
  }, [sent, toEnd]);

  const activate = useCallback((id: string) => setActive((before) => (before === id ? null : id)), []);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-label={words.chat.log(roomName)}
        // What scrolls into the virtual list is not news; the announcer speaks what is.
        aria-live="off"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reachable by keyboard.
        tabIndex={0}
        onKeyDown={moveFocus}
        className="flex h-full flex-col overflow-y-auto overscroll-contain -outline-offset-2 [overflow-anchor:none]"
      >
        <div className="grow" />
        <div className="grid shrink-0 place-items-center text-sm text-ink-faint" style={{ height: TOP }}>
          {older.failed ? (
            <button
              type="button"
              onClick={older.load}
              className="rounded-sm font-medium text-accent hover:underline"
            >
              {words.chat.olderFailed} {words.common.retry}
            </button>
          ) : older.loading ? (
            <span role="status" className="flex items-center gap-2">
              <Spinner /> {words.chat.older}
            </span>
          ) : null}
        </div>
        <Virtualizer
          ref={list}
          data={rows}
          shift={shift}
          scrollRef={scroller}
          startMargin={TOP}
          bufferSize={600}
          onResize={keep}
          onScroll={(offset) => {
            onScroll();
            older.onScroll(offset);
          }}
        >
          {(row) =>
            row.kind === "intro" ? (
              <Intro key={row.key} room={room} empty={rows.length === 1} />
            ) : row.kind === "pending" ? (
              <PendingRow
                key={row.key}
                pending={row.pending}
                me={me}
                head={row.head}
                day={row.day}
                waiting={waiting}
                verbs={verbs}
              />
            ) : (
              <MessageRow
                key={row.key}
                message={row.message}
                profile={state.profiles.get(row.message.user_id)}
                profiles={state.profiles}
                userId={me.id}
                hostId={room?.created_by ?? null}
                head={row.head}
                day={row.day}
                fresh={row.fresh}
                time={row.time}
                editing={editing === row.message.id}
                active={active === row.message.id}
                onActivate={activate}
                verbs={verbs}
              />
            )
          }
        </Virtualizer>
      </div>
      {atEnd ? null : (
        <button
          type="button"
          onClick={toEnd}
          aria-label={unread > 0 ? undefined : words.chat.jumpDown}
          className={cx(
            "absolute bottom-3 flex h-9 animate-rise items-center gap-2 rounded-full text-sm font-semibold shadow-2",
            unread > 0
              ? "inset-x-0 mx-auto w-fit bg-accent px-4 text-on-accent hover:bg-accent-strong"
              : "end-4 w-9 justify-center bg-surface text-ink-soft ring-1 ring-line hover:text-ink sm:end-6",
          )}
        >
          <ArrowDown aria-hidden="true" className="size-4" />
          {unread > 0 ? words.chat.newMessages(unread) : null}
        </button>
      )}
    </div>
  );
}
