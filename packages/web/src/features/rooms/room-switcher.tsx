import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useState } from "react";
import { useLocation } from "wouter";
import { cx } from "../../lib/cx.js";
import { Dialog } from "../../ui/dialog.js";
import { words } from "../../words/words.js";
import { useMe } from "../session/public.js";
import { matching, split } from "./filter.js";
import { roomPath } from "./link.js";
import { PrivacyMark, RoomGlyph } from "./room-glyph.js";
import { useRooms } from "./rooms-store.js";

const SHOWN = 8;

function Switcher({ onDone }: { onDone: () => void }) {
  const me = useMe();
  const id = useId();
  const [, navigate] = useLocation();
  const { rooms } = useRooms();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const { mine, others } = split(matching(rooms ?? [], query), me.id);
  const shown = [...mine, ...others].slice(0, SHOWN);
  const chosen = Math.min(active, shown.length - 1);

  function go(index: number) {
    const room = shown[index];
    if (!room) return;
    onDone();
    navigate(roomPath(room.id));
  }
  function onKeyDown(event: KeyboardEvent) {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "ArrowDown") setActive(Math.min(chosen + 1, shown.length - 1));
    else if (event.key === "ArrowUp") setActive(Math.max(chosen - 1, 0));
    else if (event.key === "Enter") go(chosen);
    else return;
    event.preventDefault();
  }
  return (
    <div>
      <div className="flex items-center gap-3 border-b border-line px-4">
        <Search aria-hidden="true" className="size-5 text-ink-faint" />
        <input
          role="combobox"
          aria-expanded="true"
          aria-controls={`${id}-list`}
          aria-activedescendant={shown.length > 0 ? `${id}-${chosen}` : undefined}
          aria-label={words.rooms.switcher}
          placeholder={words.rooms.switcherPlaceholder}
          value={query}
          onChange={(event) => {
            setQuery(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
          // biome-ignore lint/a11y/noAutofocus: the dialog was opened to type here.
          autoFocus
          className="h-14 min-w-0 flex-1 bg-transparent text-lg outline-none"
        />
      </div>
      <div id={`${id}-list`} role="listbox" aria-label={words.rooms.rooms} className="grid gap-0.5 p-2">
        {shown.map((room, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keyboard; this is the pointer's way.
          <div
            key={room.id}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === chosen}
            onPointerMove={() => setActive(index)}
            onClick={() => go(index)}
            className={cx(
              "flex cursor-pointer items-center gap-3 rounded-md px-3 py-2",
              index === chosen && "bg-accent-wash",
            )}
          >
            <RoomGlyph room={room} size="sm" />
            <span dir="auto" className="truncate font-medium">
              {room.name}
            </span>
            <PrivacyMark room={room} />
          </div>
        ))}
      </div>
      {shown.length === 0 ? (
        <p role="status" className="px-5 pb-6 text-center text-ink-soft">
          {query ? words.rooms.noMatch(query) : words.rooms.none}
        </p>
      ) : null}
    </div>
  );
}

/** Ctrl/Cmd+K: to another room by its name. */
export function RoomSwitcher() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== "k" ||
        !(event.ctrlKey || event.metaKey) ||
        event.altKey ||
        event.shiftKey
      )
        return;
      event.preventDefault();
      setOpen(true);
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
  const close = () => setOpen(false);
  return (
    <Dialog open={open} onClose={close} title={words.rooms.switcher} look="top">
      <Switcher onDone={close} />
    </Dialog>
  );
}
