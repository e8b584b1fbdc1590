import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";

/** Within so many pixels of the end counts as being at the end. */
const NEAR = 40;

/**
 * Keeps a list at its end while the person is there, and leaves it alone while they are not. While the list does not
 * reach the newest message (`live` is false), its last line is not an end that one could be at.
 */
export function useBottom(
  list: RefObject<VirtualizerHandle | null>,
  scroller: RefObject<HTMLElement | null>,
  length: number,
  live: boolean,
  startsAtEnd: boolean,
) {
  const [atEnd, setAtEnd] = useState(startsAtEnd);
  const sticky = useRef(startsAtEnd);
  /** The end is wanted, and the lines that lead to it are not drawn yet: what moves until then is no wish. */
  const awaited = useRef(false);
  const offset = useRef(0);

  const toEnd = useCallback(() => {
    sticky.current = true;
    awaited.current = !live;
    setAtEnd(true);
    if (live && length > 0) list.current?.scrollToIndex(length - 1, { align: "end" });
  }, [list, length, live]);

  const leaveEnd = useCallback(() => {
    sticky.current = false;
    awaited.current = false;
    setAtEnd(false);
  }, []);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const distance = element.scrollHeight - element.clientHeight - element.scrollTop;
    const up = element.scrollTop < offset.current - 1;
    const down = element.scrollTop > offset.current + 1;
    offset.current = element.scrollTop;
    // Only a move is a wish to stay or to go: growing content also changes the distance.
    if (!live) sticky.current = awaited.current;
    else if (distance <= NEAR && (down || sticky.current)) sticky.current = true;
    else if (up) sticky.current = false;
    setAtEnd(sticky.current);
    // The list was sent to its end before the page had grown as long as it is.
    if (sticky.current && live && distance > NEAR) toEnd();
  }, [scroller, live, toEnd]);

  const keep = useCallback(() => {
    if (sticky.current && live) toEnd();
  }, [toEnd, live]);

  useLayoutEffect(keep, [keep]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // The composer grows, a phone's keyboard opens: the end stays in view.
    const observer = new ResizeObserver(keep);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, keep]);

  return { atEnd, toEnd, leaveEnd, onScroll, keep };
}
