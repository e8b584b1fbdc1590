import { AtSign, Braces, CalendarDays, Ellipsis, FileText, Link2, Pin } from "lucide-react";
import { Menu, MenuItem } from "../../ui/menu.js";
import { words } from "../../words/words.js";
import { copyRoomLink, RoomChoices } from "../rooms/menu.js";
import type { Finding } from "./find/finding.js";

/** The server writes the file as it is saved; a page of the browser would have to hold all of it. */
function saveExport(roomId: string, format: "html" | "json"): void {
  const link = document.createElement("a");
  link.href = `/rooms/${encodeURIComponent(roomId)}/export?format=${format}`;
  link.download = "";
  link.click();
}

interface RoomMenuProps {
  readonly roomId: string;
  readonly isDirect: boolean;
  readonly onFind: (next: Finding) => void;
}

/** What can be done with a room. */
export function RoomMenu({ roomId, isDirect, onFind }: RoomMenuProps) {
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={words.find.menu}
          aria-haspopup="menu"
          className="grid size-10 shrink-0 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink"
        >
          <Ellipsis aria-hidden="true" className="size-5" strokeWidth={1.85} />
        </button>
      }
    >
      <MenuItem icon={Pin} label={words.find.pins} onSelect={() => onFind("pins")} />
      <MenuItem icon={AtSign} label={words.find.mentions} onSelect={() => onFind("mentions")} />
      <MenuItem icon={CalendarDays} label={words.find.date} onSelect={() => onFind("date")} />
      {isDirect ? null : (
        <MenuItem icon={Link2} label={words.rooms.copyLink} onSelect={() => void copyRoomLink(roomId)} />
      )}
      <MenuItem icon={FileText} label={words.find.exportPage} onSelect={() => saveExport(roomId, "html")} />
      <MenuItem icon={Braces} label={words.find.exportJson} onSelect={() => saveExport(roomId, "json")} />
      <RoomChoices roomId={roomId} />
    </Menu>
  );
}
