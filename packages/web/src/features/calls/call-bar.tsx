import type { CallInfo, Profile } from "@parlor/protocol";
import { Phone } from "lucide-react";
import { Avatar } from "../../ui/avatar.js";
import { Button } from "../../ui/button.js";
import { isHost, useRoom } from "../rooms/public.js";
import { setCalls } from "./call-store.js";
import { callWords } from "./call-words.js";
import { RecordingMark } from "./recording-mark.js";

const FACES = 3;

interface CallBarProps {
  readonly roomId: string;
  readonly call: CallInfo;
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly userId: string;
}

/** Who talks in the room right now, and the way to them. */
export function CallBar({ roomId, call, profiles, userId }: CallBarProps) {
  const words = callWords();
  const room = useRoom(roomId);
  const isElsewhere = call.people.includes(userId);
  const shown = call.people.slice(0, FACES);
  const nameOf = (id: string) => profiles.get(id)?.username ?? "…";
  const text =
    call.people.length === 0
      ? words.nobody
      : words.inCall(shown.map(nameOf), call.people.length - shown.length);
  const closed = call.full ? words.full : call.locked && !isElsewhere ? words.locked : null;
  return (
    <section
      aria-label={words.stage}
      className="flex shrink-0 items-center gap-3 border-b border-line bg-accent-wash px-4 py-2 sm:px-6"
    >
      <span className="flex shrink-0 -space-x-2 rtl:space-x-reverse">
        {shown.map((id) => {
          const profile = profiles.get(id);
          const { avatar_url = null, avatar_urls = null } = profile ?? {};
          return <Avatar key={id} person={{ id, name: nameOf(id), avatar_url, avatar_urls }} size={28} />;
        })}
      </span>
      <div className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <p className="min-w-0 flex-1 basis-40">
          <span className="line-clamp-2">{text}</span>
          {closed ? <span className="block text-xs text-ink-soft">{closed}</span> : null}
        </p>
        <RecordingMark recording={call.recording} profiles={profiles} isSmall />
      </div>
      <Button
        size="sm"
        variant="primary"
        disabled={call.full && !isHost(room, userId)}
        onClick={() => setCalls({ asked: roomId })}
      >
        <Phone aria-hidden="true" className="size-4" />
        {words.joinCall}
      </Button>
    </section>
  );
}
