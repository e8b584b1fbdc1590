import type { Room } from "@parlor/protocol";
import { ArrowLeft, Search, Users } from "lucide-react";
import { memo, useEffect } from "react";
import { Link } from "wouter";
import { useIsCalm } from "../../lib/first-view.js";
import { Avatar } from "../../ui/avatar.js";
import { IconButton } from "../../ui/icon-button.js";
import { part } from "../../ui/part.js";
import { words } from "../../words/words.js";
import { CallButton } from "../calls/public.js";
import { isHere, PersonButton, StatusMark, usePerson } from "../people/public.js";
import { PrivacyMark, readRoom, useOther } from "../rooms/public.js";
import type { Finding } from "./find/finding.js";
import { RoomMenu } from "./room-menu.js";

/** Comes with what counts for the tab; nobody goes back before. */
const BackMark = part(async () => (await import("../attention/attention.js")).BackMark, {
  failing: "silent",
});

interface RoomHeaderProps {
  readonly roomId: string;
  readonly room: Room | null;
  readonly onlineCount: number;
  /** People whom the panel lists. */
  readonly peopleCount: number;
  readonly peopleShown: boolean;
  readonly onTogglePeople: () => void;
  readonly onFind: (next: Finding) => void;
  readonly hasCall: boolean;
}

const TITLE = "truncate text-lg leading-6 font-semibold tracking-[-0.01em]";

/** The other person of a conversation: their face, and the way to their profile. */
function Other({ userId, name }: { userId: string; name: string }) {
  const person = usePerson(userId);
  const here = isHere(person);
  return (
    <div className="flex min-w-0 items-center gap-3">
      <PersonButton userId={userId} name={name} tabIndex={-1} aria-hidden="true" className="shrink-0">
        <Avatar
          person={{
            id: userId,
            name,
            avatar_url: person?.avatar_url ?? null,
            avatar_urls: person?.avatar_urls ?? null,
          }}
          size={36}
          online={here}
        />
      </PersonButton>
      <div className="min-w-0">
        <h1 dir="auto" className={TITLE}>
          <PersonButton
            userId={userId}
            name={name}
            className="max-w-full truncate rounded-sm hover:underline"
          >
            {name}
          </PersonButton>
        </h1>
        <p className="flex h-4 items-center gap-1.5 text-xs text-ink-faint">
          {here ? words.people.here : null}
          {person ? <StatusMark person={person} /> : null}
        </p>
      </div>
    </div>
  );
}

/** Name of the room, and what one can do with it. */
export const RoomHeader = memo(function RoomHeader(props: RoomHeaderProps) {
  const { roomId, room, onlineCount, peopleCount, peopleShown, onTogglePeople, onFind } = props;
  const other = useOther(roomId);
  const isCalm = useIsCalm();
  const memberCount = room?.memberCount ?? 0;
  useEffect(() => {
    // Somebody came whom the list of rooms does not count yet.
    if (memberCount > 0 && peopleCount > memberCount) void readRoom(roomId);
  }, [roomId, memberCount, peopleCount]);
  return (
    <header className="flex h-16 shrink-0 items-center gap-1 border-b border-line px-2 sm:ps-6 sm:pe-3">
      <Link
        href="/"
        aria-label={words.common.back}
        className="relative grid size-10 shrink-0 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink md:hidden"
      >
        <ArrowLeft aria-hidden="true" className="size-5" />
        {isCalm ? <BackMark roomId={roomId} /> : null}
      </Link>
      <div className="min-w-0 flex-1">
        {other ? (
          <Other userId={other.user_id} name={other.username} />
        ) : (
          <>
            <div className="flex items-center gap-1.5">
              <h1 dir="auto" className={TITLE}>
                {room?.name ?? " "}
              </h1>
              {room ? <PrivacyMark room={room} /> : null}
            </div>
            <p className="truncate text-xs text-ink-faint">
              {room ? words.rooms.members(Math.max(memberCount, peopleCount, onlineCount)) : " "}
              {onlineCount > 0 ? ` · ${words.rooms.online(onlineCount)}` : ""}
            </p>
          </>
        )}
      </div>
      {/* Nobody calls before they see the room; where a call goes on, the way in comes with it. */}
      {isCalm || props.hasCall ? (
        <CallButton roomId={roomId} isRunning={props.hasCall} />
      ) : (
        <span className="size-10 shrink-0" />
      )}
      <IconButton
        icon={Search}
        label={words.find.search}
        side="bottom"
        aria-keyshortcuts="/"
        onClick={() => onFind("search")}
      />
      {other ? null : (
        <IconButton
          icon={Users}
          label={peopleShown ? words.chat.hidePeople : words.chat.showPeople}
          side="bottom"
          active={peopleShown}
          aria-pressed={peopleShown}
          onClick={onTogglePeople}
        />
      )}
      <RoomMenu roomId={roomId} isDirect={other !== null} onFind={onFind} />
    </header>
  );
});
