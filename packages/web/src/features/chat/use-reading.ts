import type { RoomState } from "@parlor/client";
import { useEffect, useMemo, useRef, useState } from "react";
import { KEYS, load, save } from "../../lib/storage.js";
import { markRead, useListedUnread } from "../rooms/public.js";

function storedRead(roomId: string): number | null {
  const text = load(KEYS.read(roomId));
  const seq = text === null ? Number.NaN : Number(text);
  return Number.isSafeInteger(seq) ? seq : null;
}

/**
 * How far a person has read, and where the line "new messages" stands. The line is set when something arrives that
 * nobody looks at, and then stays where it is, so that it does not run away while being read.
 */
export function useReading(state: RoomState, userId: string, attending: boolean) {
  const { roomId, messages, loaded, restored, hasOlder, hasNewer } = state;
  const listed = useListedUnread(roomId);
  const [read, setRead] = useState<number | null>(() => storedRead(roomId));
  const [lineAfter, setLineAfter] = useState<number | null>(null);
  const opened = useRef(false);
  const newest = messages.at(-1)?.seq ?? 0;

  const counted = useMemo(() => {
    if (read === null) return 0;
    let count = 0;
    for (let index = messages.length - 1; index >= 0; index--) {
      const message = messages[index];
      if (!message || message.seq <= read) break;
      if (message.user_id !== userId && !message.deleted_at) count++;
    }
    return count;
  }, [messages, read, userId]);
  // Of what is not loaded only the server knows how much it is: after the last loaded message, or before the first.
  const isPart = read !== null && (hasNewer || (hasOlder && (messages[0]?.seq ?? 0) > read + 1));
  const unread = isPart ? Math.max(counted, listed) : counted;

  useEffect(() => {
    if (!loaded) return;
    // What came while the room was closed or nobody looked is new; what is read as it comes is not. A room that was kept
    // opens as it was, and is opened only when the server has brought what came since.
    const first = !opened.current;
    opened.current ||= !restored;
    if (unread > 0 && first) setLineAfter((line) => line ?? read);
    else if (unread > 0 && !attending) setLineAfter(read);
    if ((attending || read === null) && newest > (read ?? -1)) {
      setRead(newest);
      save(KEYS.read(roomId), String(newest));
    }
    if (attending && newest > 0) markRead(roomId, newest);
  }, [loaded, restored, attending, unread, newest, read, roomId]);

  useEffect(() => {
    const onStorage = (event: StorageEvent) => {
      if (event.key !== KEYS.read(roomId)) return;
      const other = storedRead(roomId);
      if (other !== null) setRead((own) => Math.max(own ?? 0, other));
    };
    window.addEventListener("storage", onStorage);
    return () => window.removeEventListener("storage", onStorage);
  }, [roomId]);

  return { unread, lineAfter, clearLine: () => setLineAfter(null) };
}
