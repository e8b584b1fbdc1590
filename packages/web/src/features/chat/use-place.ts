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
  /** The last read message below which the line of new ones stands. */
  readonly lineAfter: number | null;
}

/**
 * Knows which message is the first in view, keeps it for the next visit of the room, and says whether the line of new
 * ones stands above it. The list is not drawn anew for each line that is scrolled by.
 */
export function usePlace({ roomId, list, scroller, rows, atEnd, lineAfter }: PlaceOptions) {
  const first = useRef<number | null>(null);
  const now = useRef({ atEnd, lineAfter });
  now.current = { atEnd, lineAfter };
  const [isLineAbove, setIsLineAbove] = useState(false);

  const compare = useCallback(() => {
    const { lineAfter: line } = now.current;
    setIsLineAbove(line !== null && first.current !== null && first.current > line + 1);
  }, []);

  const look = useCallback(() => {
    const [handle, element] = [list.current, scroller.current];
    if (!handle || !element) return;
    for (let index = handle.findItemIndex(handle.scrollOffset + 1); index < rows.length; index += 1) {
      const row = rows[index];
      if (row?.kind !== "message") continue;
      first.current = row.message.seq;
      compare();
      return;
    }
  }, [list, scroller, rows, compare]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: the line is the occasion.
  useEffect(compare, [compare, lineAfter]);

  useEffect(() => {
    const keep = () => {
      const seq = first.current;
      if (now.current.atEnd) save(KEYS.place(roomId), null);
      else if (seq !== null) save(KEYS.place(roomId), String(seq));
    };
    window.addEventListener("pagehide", keep);
    return () => {
      window.removeEventListener("pagehide", keep);
      keep();
    };
  }, [roomId]);

  return { isLineAbove, look };
}
