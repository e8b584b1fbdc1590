import type { Room } from "@parlor/protocol";
import { ArrowLeft, Link2, Users } from "lucide-react";
import { Link } from "wouter";
import { IconButton } from "../../ui/icon-button.js";
import { words } from "../../words/words.js";
import { copyRoomLink, PrivacyMark } from "../rooms/public.js";

interface RoomHeaderProps {
  readonly roomId: string;
  readonly room: Room | null;
  readonly onlineCount: number;
  readonly peopleShown: boolean;
  readonly onTogglePeople: () => void;
}

/** Name of the room, and what one can do with it. */
export function RoomHeader({ roomId, room, onlineCount, peopleShown, onTogglePeople }: RoomHeaderProps) {
  return (
    <header className="flex h-16 shrink-0 items-center gap-1 border-b border-line px-2 sm:ps-6 sm:pe-3">
      <Link
        href="/"
        aria-label={words.common.back}
        className="grid size-10 shrink-0 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink md:hidden"
      >
        <ArrowLeft aria-hidden="true" className="size-5 rtl:-scale-x-100" />
      </Link>
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-1.5">
          <h1 dir="auto" className="truncate text-lg leading-6 font-semibold tracking-[-0.01em]">
            {room?.name ?? " "}
          </h1>
          {room ? <PrivacyMark room={room} /> : null}
        </div>
        <p className="truncate text-xs text-ink-faint">
          {room ? words.rooms.members(Math.max(room.memberCount, onlineCount)) : " "}
          {onlineCount > 0 ? ` · ${words.rooms.online(onlineCount)}` : ""}
        </p>
      </div>
      <IconButton
        icon={Link2}
        label={words.rooms.copyLink}
        side="bottom"
        onClick={() => void copyRoomLink(roomId)}
      />
      <IconButton
        icon={Users}
        label={peopleShown ? words.chat.hidePeople : words.chat.showPeople}
        side="bottom"
        active={peopleShown}
        aria-pressed={peopleShown}
        onClick={onTogglePeople}
      />
    </header>
  );
}
