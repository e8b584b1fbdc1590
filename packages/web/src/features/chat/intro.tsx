import type { Room } from "@parlor/protocol";
import { Link2 } from "lucide-react";
import { Button } from "../../ui/button.js";
import { LogoMark } from "../../ui/logo.js";
import { words } from "../../words/words.js";
import { copyRoomLink } from "../rooms/public.js";

/** The head of a room's history, or of a conversation of two. */
export function Intro({ room, empty }: { room: Room | null; empty: boolean }) {
  if (!room) return <div className="h-4" />;
  const direct = room.id.startsWith("dm:");
  return (
    <div className="grid gap-2 px-4 pb-4 sm:px-6">
      <LogoMark className="mb-1 size-11" />
      <h2 className="text-2xl font-semibold tracking-[-0.02em] text-balance">
        {direct ? words.chat.directTitle(room.name) : words.chat.emptyTitle(room.name)}
      </h2>
      {room.description ? (
        <p dir="auto" className="max-w-prose wrap-anywhere text-ink-soft">
          {room.description}
        </p>
      ) : direct ? (
        <p className="text-ink-soft">{words.chat.directText}</p>
      ) : empty ? (
        <p className="text-ink-soft">{words.chat.emptyText}</p>
      ) : null}
      {empty && !direct ? (
        <div className="pt-2">
          <Button size="sm" onClick={() => void copyRoomLink(room.id)}>
            <Link2 aria-hidden="true" className="size-4" />
            {words.rooms.copyLink}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
