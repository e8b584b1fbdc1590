import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";

/** Within so many pixels of the end counts as being at the end. */
const NEAR = 40;

/** Keeps a list at its end while the person is there, and leaves it alone while they are not. */
export function useBottom(
  list: RefObject<VirtualizerHandle | null>,
  scroller: RefObject<HTMLElement | null>,
  length: number,
) {
  const [atEnd, setAtEnd] = useState(true);
  const sticky = useRef(true);
  const offset = useRef(0);

  const toEnd = useCallback(() => {
    sticky.current = true;
    setAtEnd(true);
    if (length > 0) list.current?.scrollToIndex(length - 1, { align: "end" });
  }, [list, length]);

  const onScroll = useCallback(() => {
    const element = scroller.current;
    if (!element) return;
    const distance = element.scrollHeight - element.clientHeight - element.scrollTop;
    const up = element.scrollTop < offset.current - 1;
    offset.current = element.scrollTop;
    // Only a move upwards is a wish to stay away: growing content also changes the distance.
    if (distance <= NEAR) sticky.current = true;
    else if (up) sticky.current = false;
    setAtEnd(sticky.current || distance <= NEAR);
  }, [scroller]);

  const keep = useCallback(() => {
    if (sticky.current) toEnd();
  }, [toEnd]);

  useLayoutEffect(keep, [keep]);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    // The composer grows, a phone's keyboard opens: the end stays in view.
    const observer = new ResizeObserver(keep);
    observer.observe(element);
    return () => observer.disconnect();
  }, [scroller, keep]);

  return { atEnd, toEnd, onScroll, keep };
}
