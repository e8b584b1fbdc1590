import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import { KEYS, load, save } from "../../lib/storage.js";
import type { Row } from "./rows.js";

/** The message that was at the top when the room was left; `null` for who was at its end. */
export function storedPlace(roomId: string): number | null {
  const text = load(KEYS.place(roomId));
  const seq = text === null ? Number.NaN : Number(text);
  return Number.isSafeInteger(seq) && seq > 0 ? seq : null;
}

interface PlaceOptions {
  readonly roomId: string;
  readonly list: RefObject<VirtualizerHandle | null>;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly rows: readonly Row[];
  readonly atEnd: boolean;
}

/** Knows which message is the first in view, and keeps it for the next visit of the room. */
export function usePlace({ roomId, list, scroller, rows, atEnd }: PlaceOptions) {
  const [first, setFirst] = useState<number | null>(null);
  const now = useRef({ first, atEnd });
  now.current = { first, atEnd };

  const look = useCallback(() => {
    const [handle, element] = [list.current, scroller.current];
    if (!handle || !element) return;
    for (let index = handle.findItemIndex(handle.scrollOffset + 1); index < rows.length; index += 1) {
      const row = rows[index];
      if (row?.kind !== "message") continue;
      setFirst(row.message.seq);
      return;
    }
  }, [list, scroller, rows]);

  useEffect(() => {
    const keep = () => {
      const { first: seq, atEnd: isAtEnd } = now.current;
      if (isAtEnd) save(KEYS.place(roomId), null);
      else if (seq !== null) save(KEYS.place(roomId), String(seq));
    };
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [roomId]);

  return { first, look };
}
