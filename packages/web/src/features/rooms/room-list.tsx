import type { Room } from "@parlor/protocol";
import { DoorOpen, SearchX } from "lucide-react";
import { Link } from "wouter";
import { cx } from "../../lib/cx.js";
import { Button } from "../../ui/button.js";
import { words } from "../../words/words.js";
import { matching, split } from "./filter.js";
import { roomPath } from "./link.js";
import { PrivacyMark, RoomGlyph } from "./room-glyph.js";
import { refreshRooms, useRooms } from "./rooms-store.js";

function RoomRow({ room, current }: { room: Room; current: boolean }) {
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
        <RoomGlyph room={room} size="sm" />
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
          <span className="flex items-center gap-1.5 text-xs text-ink-faint">
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
      </Link>
    </li>
  );
}

function Section({
  title,
  rooms,
  current,
}: {
  title: string;
  rooms: readonly Room[];
  current: string | null;
}) {
  if (rooms.length === 0) return null;
  return (
    <section aria-label={title}>
      <h2 className="px-2.5 pt-3 pb-1 text-xs font-semibold text-ink-faint">{title}</h2>
      <ul className="grid grid-cols-1 gap-0.5">
        {rooms.map((room) => (
          <RoomRow key={room.id} room={room} current={room.id === current} />
        ))}
      </ul>
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

interface RoomListProps {
  readonly query: string;
  readonly current: string | null;
  readonly userId: string;
}

/** All rooms that fit the query: one's own first. */
export function RoomList({ query, current, userId }: RoomListProps) {
  const { rooms, failed } = useRooms();
  if (!rooms) {
    return failed ? (
      <div role="alert" className="grid justify-items-center gap-3 px-4 pt-10 text-center text-ink-soft">
        {words.rooms.loadFailed}
        <Button size="sm" onClick={() => void refreshRooms()}>
          {words.common.retry}
        </Button>
      </div>
    ) : (
      <Skeletons />
    );
  }
  const found = matching(rooms, query);
  const { mine, others } = split(found, userId);
  if (found.length === 0) {
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
  return (
    <>
      <Section title={words.rooms.yours} rooms={mine} current={current} />
      <Section
        title={mine.length > 0 ? words.rooms.others : words.rooms.allRooms}
        rooms={others}
        current={current}
      />
    </>
  );
}
