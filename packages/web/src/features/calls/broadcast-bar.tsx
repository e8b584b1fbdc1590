import type { Broadcast } from "@parlor/client";
import type { Profile } from "@parlor/protocol";
import { Radio } from "lucide-react";
import { Avatar } from "../../ui/avatar.js";
import { Button } from "../../ui/button.js";
import { callWords } from "./call-words.js";

interface BroadcastBarProps {
  /** Broadcasts of others. */
  readonly live: readonly Broadcast[];
  readonly profiles: ReadonlyMap<string, Profile>;
  readonly onWatch: (broadcast: Broadcast) => void;
}

/** Who shows something to the room right now, and the way to it. */
export function BroadcastBar({ live, profiles, onWatch }: BroadcastBarProps) {
  const words = callWords();
  return (
    <ul
      aria-label={words.broadcasts}
      className="max-h-36 shrink-0 divide-y divide-line overflow-y-auto border-b border-line bg-brass-wash"
    >
      {live.map((broadcast) => {
        const { user_id: id, username } = broadcast;
        const { username: name = username, avatar_url = null, avatar_urls = null } = profiles.get(id) ?? {};
        return (
          <li key={id} className="flex items-center gap-3 px-4 py-2 sm:px-6">
            <Avatar person={{ id, name, avatar_url, avatar_urls }} size={28} />
            <p className="flex min-w-0 flex-1 items-center gap-2 text-sm">
              <Radio aria-hidden="true" className="size-4 shrink-0 animate-breathe text-brass" />
              <span className="line-clamp-2">{words.isLive(name)}</span>
            </p>
            <Button size="sm" variant="primary" onClick={() => onWatch(broadcast)}>
              {words.watch}
            </Button>
          </li>
        );
      })}
    </ul>
  );
}
