import { useCallback, useEffect, useRef, useState } from "react";
import { KEYS, load, save } from "../../lib/storage.js";

const DELAY = 250;

/** The unsent text of a room; it survives a reload, a logout by the server and a change of rooms. */
export function useDraft(
  roomId: string,
): [text: string, change: (text: string) => void, keepNow: () => void] {
  const [text, setText] = useState(() => load(KEYS.draft(roomId)) ?? "");
  const latest = useRef(text);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);

  const flush = useCallback(() => {
    if (timer.current === undefined) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    save(KEYS.draft(roomId), latest.current || null);
  }, [roomId]);

  useEffect(() => {
    window.addEventListener("pagehide", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      flush();
    };
  }, [flush]);

  const change = useCallback(
    (next: string) => {
      latest.current = next;
      setText(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(flush, DELAY);
      // A sent text must not come back after a crash within the delay.
      if (!next) flush();
    },
    [flush],
  );
  return [text, change, flush];
}
