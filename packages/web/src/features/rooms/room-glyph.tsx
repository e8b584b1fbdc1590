import type { Room } from "@parlor/protocol";
import { Link2, Lock } from "lucide-react";
import { useState } from "react";
import { cx } from "../../lib/cx.js";
import { words } from "../../words/words.js";

/** A doorway for a room: its picture, or the first letter of its name in an arch. */
export function RoomGlyph({ room, size }: { room: Pick<Room, "name" | "thumbnail_url">; size: "sm" | "lg" }) {
  const [failed, setFailed] = useState<string | null>(null);
  const picture = room.thumbnail_url;
  return (
    <span
      aria-hidden="true"
      className={cx(
        "grid shrink-0 place-items-center overflow-hidden rounded-t-full rounded-b-sm bg-accent-wash font-semibold text-accent",
        size === "sm" ? "h-8 w-7 text-sm" : "h-13 w-11 text-lg",
      )}
    >
      {picture && picture !== failed ? (
        <img src={picture} alt="" onError={() => setFailed(picture)} className="size-full object-cover" />
      ) : (
        <span className={size === "sm" ? "pt-1" : "pt-2"}>
          {([...room.name.trim()][0] ?? "?").toLocaleUpperCase()}
        </span>
      )}
    </span>
  );
}

/** A lock or a link beside the name of a room that is not open to everybody. */
export function PrivacyMark({ room, className }: { room: Pick<Room, "privacy">; className?: string }) {
  if (room.privacy === "public") return null;
  const Icon = room.privacy === "password" ? Lock : Link2;
  const label = room.privacy === "password" ? words.rooms.locked : words.rooms.privateRoom;
  return (
    <span role="img" aria-label={label} title={label} className={cx("shrink-0 text-ink-faint", className)}>
      <Icon aria-hidden="true" className="size-3.5" />
    </span>
  );
}
