import { Ellipsis } from "lucide-react";
import { Menu } from "../../ui/menu.js";
import { type Part, part } from "../../ui/part.js";
import { words } from "../../words/words.js";
import type { RoomMenuProps } from "./room-menu-items.js";

/** What is in a room's menu; nobody opens it before they see the room. */
export const RoomMenuItems: Part<RoomMenuProps> = part(
  async () => (await import("./room-menu-items.js")).RoomMenuItems,
  { failing: "place" },
);

/** The menu of a room. */
export function RoomMenu(props: RoomMenuProps) {
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
      <RoomMenuItems {...props} />
    </Menu>
  );
}
