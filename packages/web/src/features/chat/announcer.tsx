import type { RoomState } from "@parlor/client";
import { useEffect, useRef, useState } from "react";
import { words } from "../../words/words.js";
import { filesInWords } from "../files/public.js";

const SPOKEN = 3;
const GATHER = 600;

/** Speaks new messages of others to a screen reader: a few in full, many as a number. */
export function Announcer({ state, userId }: { state: RoomState; userId: string }) {
  const [text, setText] = useState("");
  const spoken = useRef<number | null>(null);
  const { messages, profiles, loaded, restored } = state;
  useEffect(() => {
    if (!loaded || restored) return;
    const newest = messages.at(-1)?.seq ?? 0;
    if (spoken.current === null) {
      spoken.current = newest;
      return;
    }
    const after = spoken.current;
    if (newest <= after) return;
    const timer = setTimeout(() => {
      spoken.current = newest;
      const fresh = messages.filter((m) => m.seq > after && m.user_id !== userId && !m.deleted_at);
      if (fresh.length === 0) return;
      setText(
        fresh.length > SPOKEN
          ? words.chat.newMessages(fresh.length)
          : fresh
              .map((m) =>
                words.chat.announce(
                  profiles.get(m.user_id)?.username ?? m.username,
                  m.content.slice(0, 500) || filesInWords(m.attachments),
                ),
              )
              .join("\n"),
      );
    }, GATHER);
    return () => clearTimeout(timer);
  }, [messages, profiles, loaded, restored, userId]);
  return (
    <div aria-live="polite" className="sr-only">
      {text}
    </div>
  );
}
