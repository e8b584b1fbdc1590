import type { Profile, Room, RoomSummary } from "@parlor/protocol";
import { Search } from "lucide-react";
import { type KeyboardEvent, useEffect, useId, useMemo, useState } from "react";
import { useLocation } from "wouter";
import { call } from "../../lib/api.js";
import { cx } from "../../lib/cx.js";
import { explain } from "../../lib/explain.js";
import { fold } from "../../lib/fold.js";
import { Avatar } from "../../ui/avatar.js";
import { Dialog } from "../../ui/dialog.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { useMe } from "../session/public.js";
import { openDirect } from "./direct-store.js";
import { matching, split, summariesLike } from "./filter.js";
import { useInbox } from "./inbox-store.js";
import { roomPath } from "./link.js";
import { PrivacyMark, RoomGlyph } from "./room-glyph.js";
import { useRooms } from "./rooms-store.js";

const SHOWN = 9;
/** Between two letters; the server is asked after the last one. */
const TYPING = 120;
/** Letters of a name that are looked for at most. */
const LONGEST = 100;

type Target =
  | { readonly kind: "summary"; readonly id: string; readonly summary: RoomSummary }
  | { readonly kind: "room"; readonly id: string; readonly room: Room }
  | { readonly kind: "person"; readonly id: string; readonly person: Profile };

const NOBODY: readonly Profile[] = [];

/** People of one's rooms with a part of their name; until the server has answered, those of the query before that fit. */
function usePeople(userId: string, query: string): readonly Profile[] {
  const [answer, setAnswer] = useState({ query: "", people: NOBODY });
  useEffect(() => {
    if (query === "") return;
    const stop = new AbortController();
    const timer = setTimeout(() => {
      call("findPeople", { params: { user_id: userId }, query: { q: query }, signal: stop.signal }).then(
        (people) => {
          if (!stop.signal.aborted) setAnswer({ query, people });
        },
        // Rooms and conversations are found all the same.
        () => {},
      );
    }, TYPING);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [userId, query]);
  return useMemo(() => {
    if (query === "") return NOBODY;
    const isAnswered = answer.query === query;
    return answer.people.filter(({ username }) => isAnswered || fold(username).includes(fold(query)));
  }, [query, answer]);
}

function useTargets(query: string): Target[] {
  const me = useMe();
  const { rooms } = useRooms();
  const inbox = useInbox();
  const wanted = query.trim().slice(0, LONGEST);
  const people = usePeople(me.id, wanted);
  return useMemo(() => {
    const summaries = summariesLike(inbox?.rooms ?? [], query);
    const ids = new Set(inbox?.rooms.map(({ id }) => id));
    const listed = matching(rooms ?? [], query).filter(({ id }) => !ids.has(id));
    const { mine, others } = split(listed, me.id);
    const known = new Set(inbox?.rooms.map(({ other }) => other?.user_id));
    const strangers = people.filter(({ user_id }) => !known.has(user_id));
    return [
      ...summaries.map((summary): Target => ({ kind: "summary", id: summary.id, summary })),
      ...[...mine, ...others].map((room): Target => ({ kind: "room", id: room.id, room })),
      ...strangers.map((person): Target => ({ kind: "person", id: person.user_id, person })),
    ].slice(0, SHOWN);
  }, [query, rooms, inbox, people, me.id]);
}

function TargetRow({ target }: { target: Target }) {
  const person =
    target.kind === "person" ? target.person : target.kind === "summary" ? target.summary.other : null;
  if (person) {
    const { user_id: id, username: name, avatar_url, avatar_urls } = person;
    return (
      <>
        <Avatar person={{ id, name, avatar_url, avatar_urls }} size={32} />
        <span dir="auto" className="min-w-0 flex-1 truncate font-medium">
          {name}
        </span>
        {target.kind === "person" ? (
          <span className="text-xs text-ink-faint">{words.rooms.person}</span>
        ) : null}
      </>
    );
  }
  const room = target.kind === "room" ? target.room : target.kind === "summary" ? target.summary : null;
  if (!room) return null;
  return (
    <>
      <span className="grid w-8 shrink-0 justify-items-center">
        <RoomGlyph room={room} size="sm" />
      </span>
      <span dir="auto" className="min-w-0 truncate font-medium">
        {room.name}
      </span>
      <PrivacyMark room={room} />
    </>
  );
}

function Switcher({ onDone }: { onDone: () => void }) {
  const me = useMe();
  const id = useId();
  const [, navigate] = useLocation();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const shown = useTargets(query);
  const chosen = Math.min(active, shown.length - 1);

  function go(index: number) {
    const target = shown[index];
    if (!target) return;
    onDone();
    if (target.kind !== "person") return navigate(roomPath(target.id));
    openDirect(me.id, target.id).then(
      (roomId) => navigate(roomPath(roomId)),
      (cause: unknown) => toast(explain(cause), "error"),
    );
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
        {shown.map((target, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox has the keyboard; this is the pointer's way.
          <div
            key={target.id}
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
            <TargetRow target={target} />
          </div>
        ))}
      </div>
      {shown.length === 0 ? (
        <p role="status" className="px-5 pb-6 text-center text-ink-soft">
          {query ? words.rooms.switcherNone(query) : words.rooms.none}
        </p>
      ) : null}
    </div>
  );
}

/** To another room, or to a person, by name. */
export function RoomSwitcher({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title={words.rooms.switcher} look="top">
      <Switcher onDone={onClose} />
    </Dialog>
  );
}
