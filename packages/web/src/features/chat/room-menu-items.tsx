import { AtSign, Braces, CalendarDays, FileText, Link2, Pin, Settings2 } from "lucide-react";
import { MenuItem } from "../../ui/menu.js";
import { words } from "../../words/words.js";
import { copyRoomLink, RoomChoices } from "../rooms/menu.js";
import { ask, isHost, useRoom } from "../rooms/public.js";
import { useMe } from "../session/public.js";
import type { Finding } from "./find/finding.js";

/** The server writes the file as it is saved; a page of the browser would have to hold all of it. */
function saveExport(roomId: string, format: "html" | "json"): void {
  const link = document.createElement("a");
  link.href = `/rooms/${encodeURIComponent(roomId)}/export?format=${format}`;
  link.download = "";
  link.click();
}

/** What the menu of a room is for. */
export interface RoomMenuProps {
  readonly roomId: string;
  readonly isDirect: boolean;
  readonly onFind: (next: Finding) => void;
}

/** What can be done with a room. */
export function RoomMenuItems({ roomId, isDirect, onFind }: RoomMenuProps) {
  const me = useMe();
  const room = useRoom(roomId);
  return (
    <>
      <MenuItem icon={Pin} label={words.find.pins} onSelect={() => onFind("pins")} />
      <MenuItem icon={AtSign} label={words.find.mentions} onSelect={() => onFind("mentions")} />
      <MenuItem icon={CalendarDays} label={words.find.date} onSelect={() => onFind("date")} />
      {isDirect ? null : (
        <MenuItem icon={Link2} label={words.rooms.copyLink} onSelect={() => void copyRoomLink(roomId)} />
      )}
      <MenuItem icon={FileText} label={words.find.exportPage} onSelect={() => saveExport(roomId, "html")} />
      <MenuItem icon={Braces} label={words.find.exportJson} onSelect={() => saveExport(roomId, "json")} />
      {!isDirect && isHost(room, me.id) ? (
        <MenuItem
          icon={Settings2}
          label={words.rooms.settings}
          onSelect={() => ask({ about: "settings", roomId })}
        />
      ) : null}
      <RoomChoices roomId={roomId} />
    </>
  );
}
