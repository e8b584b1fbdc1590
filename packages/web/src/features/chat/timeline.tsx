import type { RoomClient, RoomState } from "@parlor/client";
import type { Room, User } from "@parlor/protocol";
import { ArrowDown, ArrowUp } from "lucide-react";
import { type KeyboardEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { Virtualizer, type VirtualizerHandle } from "virtua";
import { cx } from "../../lib/cx.js";
import { explain } from "../../lib/explain.js";
import { Spinner } from "../../ui/spinner.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { hasHost, isHost } from "../rooms/public.js";
import { Intro } from "./intro.js";
import type { MessageVerbs } from "./message-actions.js";
import { MessageRow } from "./message-row.js";
import { PendingRow } from "./pending-row.js";
import { readersOf } from "./readers.js";
import type { Row } from "./rows.js";
import { TimelineSkeleton } from "./skeleton.js";
import { useBottom } from "./use-bottom.js";
import { type Jump, useJump } from "./use-jump.js";
import { usePages } from "./use-pages.js";
import { usePlace } from "./use-place.js";
import { useRowSteps } from "./use-row-steps.js";

/** Height of the place above the first line, where loading older ones is shown. */
const TOP = 48;
const NOBODY: ReturnType<typeof readersOf> = new Map();

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

/** R on a line answers it. */
function answer(event: KeyboardEvent<HTMLElement>, { messages }: RoomState, verbs: MessageVerbs): void {
  const target = event.target as HTMLElement;
  const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey;
  if (event.key.toLowerCase() !== "r" || !isPlain || !target.matches("[data-seq]")) return;
  const message = messages.find(({ seq }) => String(seq) === target.dataset.seq);
  if (!message || message.deleted_at) return;
  event.preventDefault();
  verbs.reply(message);
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
  /** The last read message below which the line of new ones stands. */
  readonly lineAfter: number | null;
  /** Where to go; a new object is a new wish. */
  readonly goal: Jump | null;
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
  lineAfter,
  goal,
}: TimelineProps) {
  const list = useRef<VirtualizerHandle>(null);
  const scroller = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string | null>(null);
  const { rows, shift } = useRowSteps(all);
  const live = !state.hasNewer;
  const { atEnd, toEnd, leaveEnd, onScroll, keep } = useBottom(
    list,
    scroller,
    rows.length,
    live,
    goal === null,
  );
  const older = usePages(client.loadOlder, state.hasOlder && state.loaded);
  const newer = usePages(client.loadNewer, state.hasNewer && state.loaded);
  const { jump, marked, jumping, arrived } = useJump({
    ...{ client, list, scroller, rows },
    onLeave: leaveEnd,
    opensElsewhere: goal !== null,
  });
  const { isLineAbove, look } = usePlace({ roomId: state.roomId, list, scroller, rows, atEnd, lineAfter });
  const roomName = room?.name ?? "";
  const waiting = state.status !== "live" && state.status !== "polling";

  useEffect(() => onAtEnd(atEnd && live), [atEnd, live, onAtEnd]);
  useEffect(() => {
    if (goal) void jump(goal);
  }, [goal, jump]);

  const toNewest = useCallback(async () => {
    try {
      await client.jumpToLatest();
      toEnd();
    } catch (error) {
      toast(explain(error), "error");
    }
  }, [client, toEnd]);

  // What a person sends, they want to see, wherever they were reading.
  const sent = state.pending.at(-1)?.client_id;
  const lastSent = useRef(sent);
  useEffect(() => {
    if (sent && sent !== lastSent.current) void toNewest();
    lastSent.current = sent;
  }, [sent, toNewest]);

  const { messages, receipts } = state;
  // Who does not tell it does not see it either, from the moment of the choice.
  const lastReaders = useRef(NOBODY);
  const readers = useMemo(
    () => (me.read_receipts === false ? NOBODY : readersOf(messages, receipts, lastReaders.current)),
    [messages, receipts, me.read_receipts],
  );
  useEffect(() => {
    lastReaders.current = readers;
  }, [readers]);

  const decides = isHost(room, me.id);
  const mayPin = room !== null && (decides || !hasHost(room));
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
        onKeyDown={(event) => {
          moveFocus(event);
          answer(event, state, verbs);
        }}
        className={cx(
          "flex h-full flex-col overflow-y-auto overscroll-contain -outline-offset-2 [overflow-anchor:none]",
          !arrived && "invisible",
        )}
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
          bufferSize={1_000}
          onResize={keep}
          onScroll={(offset) => {
            onScroll();
            look();
            if (jumping) return;
            older.onScroll(offset);
            const element = scroller.current;
            if (element) newer.onScroll(element.scrollHeight - element.clientHeight - element.scrollTop);
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
                isCallNow={state.call?.call_id === row.message.id}
                decides={decides}
                head={row.head}
                day={row.day}
                fresh={row.fresh}
                time={row.time}
                editing={editing === row.message.id}
                active={active === row.message.id}
                marked={marked === row.message.seq}
                mayPin={mayPin}
                readers={readers.get(row.message.seq)}
                onActivate={activate}
                verbs={verbs}
              />
            )
          }
        </Virtualizer>
        {newer.loading || newer.failed ? (
          <div className="grid h-12 shrink-0 place-items-center text-sm text-ink-faint">
            {newer.failed ? (
              <button
                type="button"
                onClick={newer.load}
                className="rounded-sm font-medium text-accent hover:underline"
              >
                {words.chat.newerFailed} {words.common.retry}
              </button>
            ) : (
              <span role="status" className="flex items-center gap-2">
                <Spinner /> {words.chat.newer}
              </span>
            )}
          </div>
        ) : null}
      </div>
      {arrived ? null : (
        <div className="absolute inset-0 flex">
          <TimelineSkeleton />
        </div>
      )}
      {isLineAbove && lineAfter !== null && unread > 0 && arrived ? (
        <button
          type="button"
          onClick={() => void jump({ seq: lineAfter + 1, mark: true })}
          className="absolute inset-x-0 top-3 mx-auto flex h-8 w-fit animate-rise items-center gap-2 rounded-full bg-surface px-3.5 text-sm font-semibold text-brass shadow-2 ring-1 ring-line hover:ring-line-strong"
        >
          <ArrowUp aria-hidden="true" className="size-4" />
          {words.chat.jumpUnread}
        </button>
      ) : null}
      {(atEnd && live) || !arrived ? null : (
        <button
          type="button"
          onClick={() => void toNewest()}
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
