import type { Unsent } from "@parlor/client";
import type { Room } from "@parlor/protocol";
import { DoorOpen, SearchX } from "lucide-react";
import type { ReactNode } from "react";
import { Link } from "wouter";
import { cx } from "../../lib/cx.js";
import { useUnsent } from "../../lib/unsent.js";
import { useNow } from "../../lib/use-now.js";
import { Button } from "../../ui/button.js";
import { words } from "../../words/words.js";
import { liveliest, matching, split, summariesLike } from "./filter.js";
import { currentInbox, useInbox, useInboxPending } from "./inbox-store.js";
import { roomPath } from "./link.js";
import { PrivacyMark, RoomGlyph } from "./room-glyph.js";
import { refreshRooms, useRooms } from "./rooms-store.js";
import { SummaryRow } from "./summary-row.js";
import { LostRooms, UnsentMark } from "./unsent-mark.js";

function RoomRow({ room, current, unsent }: { room: Room; current: boolean; unsent: Unsent | undefined }) {
  return (
    <li>
      <Link
        href={roomPath(room.id)}
        aria-current={current ? "page" : undefined}
        className={cx(
          "flex items-center gap-3 rounded-md px-2.5 py-2 transition-colors duration-120",
          current ? "bg-accent-wash" : "hover:bg-hover",
        )}
      >
        <span className="grid w-8 shrink-0 justify-items-center">
          <RoomGlyph room={room} size="sm" />
        </span>
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-1.5">
            <span
              dir="auto"
              className={cx("truncate", current ? "font-semibold text-accent" : "font-medium")}
            >
              {room.name}
            </span>
            <PrivacyMark room={room} />
          </span>
          <span
            className={cx("flex items-center gap-1.5 text-xs", current ? "text-ink-soft" : "text-ink-faint")}
          >
            {words.rooms.members(room.memberCount)}
            {room.onlineCount > 0 ? (
              <>
                <span aria-hidden="true">·</span>
                <span className="inline-flex items-center gap-1">
                  <span aria-hidden="true" className="size-1.5 rounded-full bg-online" />
                  {words.rooms.online(room.onlineCount)}
                </span>
              </>
            ) : null}
          </span>
        </span>
        {current ? null : <UnsentMark unsent={unsent} />}
      </Link>
    </li>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="px-2.5 pt-3 pb-1 text-xs font-semibold text-ink-faint">{title}</h2>
      <ul className="grid grid-cols-1 gap-0.5">{children}</ul>
    </section>
  );
}

function Skeletons() {
  return (
    <div role="status" aria-label={words.common.loading} className="grid gap-4 px-2.5 pt-5">
      {[70, 50, 62, 44].map((width) => (
        <div key={width} className="flex animate-breathe items-center gap-3">
          <span className="h-8 w-7 rounded-t-full rounded-b-sm bg-pressed" />
          <span className="h-3 rounded-sm bg-pressed" style={{ width: `${width}%` }} />
        </div>
      ))}
    </div>
  );
}

function Failed() {
  return (
    <div role="alert" className="grid justify-items-center gap-3 px-4 pt-10 text-center text-ink-soft">
      {words.rooms.loadFailed}
      <Button
        size="sm"
        onClick={() => {
          currentInbox()?.reconnectNow();
          void refreshRooms();
        }}
      >
        {words.common.retry}
      </Button>
    </div>
  );
}

function Empty({ query }: { query: string }) {
  const Icon = query ? SearchX : DoorOpen;
  return (
    <div
      role="status"
      className="grid justify-items-center gap-2 px-6 pt-12 text-center text-sm text-ink-soft"
    >
      <Icon aria-hidden="true" className="mb-1 size-6 text-ink-faint" strokeWidth={1.6} />
      {query ? (
        words.rooms.noMatch(query)
      ) : (
        <>
          <strong className="font-semibold text-ink">{words.rooms.none}</strong>
          {words.rooms.noneText}
        </>
      )}
    </div>
  );
}

interface RoomListProps {
  readonly query: string;
  readonly current: string | null;
  readonly userId: string;
}

/** All rooms that fit the query: one's own first, with what is new in them; then those that are open to come in. */
export function RoomList({ query, current, userId }: RoomListProps) {
  const { rooms, failed } = useRooms();
  const inbox = useInbox();
  const inboxPending = useInboxPending();
  const unsent = useUnsent();
  const now = useNow(60_000, true);
  if (inboxPending || !(rooms || inbox)) return failed ? <Failed /> : <Skeletons />;
  const found = matching(rooms ?? [], query);
  const own = summariesLike(inbox?.rooms ?? [], query);
  const ids = new Set(inbox?.rooms.map(({ id }) => id));
  const { mine, others } = inbox
    ? { mine: [], others: liveliest(found.filter(({ id }) => !ids.has(id))) }
    : split(found, userId);
  const lost = [...unsent.keys()].filter(
    (id) => id !== current && !ids.has(id) && !rooms?.some((room) => room.id === id),
  );
  if (found.length + own.length === 0 && (query || lost.length === 0)) return <Empty query={query} />;
  const summaries = (kind: "room" | "direct") =>
    own
      .filter((summary) => summary.kind === kind)
      .map((summary) => (
        <SummaryRow
          key={summary.id}
          summary={summary}
          userId={userId}
          current={summary.id === current}
          unsent={unsent.get(summary.id)}
          now={now}
        />
      ));
  const listed = (some: readonly Room[]) =>
    some.map((room) => (
      <RoomRow key={room.id} room={room} current={room.id === current} unsent={unsent.get(room.id)} />
    ));
  const yours = inbox ? summaries("room") : listed(mine);
  const direct = summaries("direct");
  const isAlone = yours.length + direct.length === 0;
  return (
    <>
      {query ? null : <LostRooms ids={lost} unsent={unsent} />}
      {yours.length > 0 ? <Section title={words.rooms.yours}>{yours}</Section> : null}
      {direct.length > 0 ? <Section title={words.rooms.direct}>{direct}</Section> : null}
      {others.length > 0 ? (
        <Section title={isAlone ? words.rooms.allRooms : words.rooms.others}>{listed(others)}</Section>
      ) : null}
    </>
  );
}
