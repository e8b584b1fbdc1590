import type { Room } from "@parlor/protocol";
import { Link2, Plus } from "lucide-react";
import { useState } from "react";
import { Link } from "wouter";
import { Button } from "../../ui/button.js";
import { Notice } from "../../ui/notice.js";
import { words } from "../../words/words.js";
import { shownName, useMe } from "../session/public.js";
import { CreateRoomDialog } from "./create-room-dialog.js";
import { roomOf, useInbox } from "./inbox-store.js";
import { JoinLinkDialog } from "./join-link-dialog.js";
import { roomPath } from "./link.js";
import { PrivacyMark, RoomGlyph } from "./room-glyph.js";
import { useRooms } from "./rooms-store.js";

const SHOWN = 60;

function RoomCard({ room }: { room: Room }) {
  return (
    <li>
      <Link
        href={roomPath(room.id)}
        className="flex h-full items-center gap-4 rounded-lg bg-surface p-4 shadow-1 ring-1 ring-line transition-shadow duration-180 hover:shadow-2 hover:ring-line-strong/60"
      >
        <RoomGlyph room={room} size="lg" />
        <span className="grid min-w-0 flex-1 grid-cols-1 content-center gap-0.5">
          <span className="flex items-center gap-1.5">
            <span dir="auto" className="truncate text-lg font-semibold tracking-[-0.01em]">
              {room.name}
            </span>
            <PrivacyMark room={room} />
          </span>
          {room.description ? (
            <span dir="auto" className="line-clamp-2 text-sm text-ink-soft">
              {room.description}
            </span>
          ) : null}
          <span className="flex flex-wrap items-center gap-x-2 pt-0.5 text-xs text-ink-faint">
            {room.category ? <span className="font-medium text-brass">{room.category}</span> : null}
            <span>{words.rooms.members(room.memberCount)}</span>
            {room.onlineCount > 0 ? (
              <span className="inline-flex items-center gap-1">
                <span aria-hidden="true" className="size-1.5 rounded-full bg-online" />
                {words.rooms.online(room.onlineCount)}
              </span>
            ) : null}
          </span>
        </span>
      </Link>
    </li>
  );
}

/** The page of one who is in no room: where to go. */
export function HomePage() {
  const me = useMe();
  const { rooms: listed, failed } = useRooms();
  const inbox = useInbox();
  // Without the server there are still one's own.
  const own = failed ? inbox?.rooms.filter(({ kind }) => kind === "room").map(roomOf) : undefined;
  const rooms = listed ?? own;
  const [dialog, setDialog] = useState<"create" | "join" | null>(null);
  const close = () => setDialog(null);
  return (
    <main className="h-full overflow-y-auto">
      <div className="mx-auto grid max-w-4xl gap-8 px-8 py-14">
        <header className="flex flex-wrap items-end justify-between gap-5">
          <div>
            <h1 className="text-3xl font-semibold tracking-[-0.03em]">
              {words.rooms.homeTitle(shownName(me))}
            </h1>
            <p className="mt-1.5 text-lg text-ink-soft">{words.rooms.homeText}</p>
          </div>
          <div className="flex gap-2">
            <Button onClick={() => setDialog("join")}>
              <Link2 aria-hidden="true" className="size-4" />
              {words.rooms.joinByLink}
            </Button>
            <Button variant="primary" onClick={() => setDialog("create")}>
              <Plus aria-hidden="true" className="size-4" />
              {words.rooms.newRoom}
            </Button>
          </div>
        </header>
        {failed && !listed ? <Notice kind="info">{words.errors.unreachable}</Notice> : null}
        {rooms && rooms.length > 0 ? (
          <ul className="grid grid-cols-1 gap-3 lg:grid-cols-2" aria-label={words.rooms.allRooms}>
            {rooms.slice(0, SHOWN).map((room) => (
              <RoomCard key={room.id} room={room} />
            ))}
          </ul>
        ) : listed ? (
          <div className="grid justify-items-center gap-2 rounded-xl border border-dashed border-line-strong/60 px-6 py-16 text-center">
            <h2 className="text-lg font-semibold">{words.rooms.none}</h2>
            <p className="text-ink-soft">{words.rooms.noneText}</p>
          </div>
        ) : null}
      </div>
      <CreateRoomDialog open={dialog === "create"} onClose={close} />
      <JoinLinkDialog open={dialog === "join"} onClose={close} />
    </main>
  );
}
