import { type RefObject, useLayoutEffect } from "react";

/** Distance from the anchor, and from the edges of the page. */
const GAP = 6;
const EDGE = 8;

/** On which side of its anchor something floats, and with which of its edges it is flush. */
export interface Placement {
  readonly side?: "top" | "bottom";
  readonly align?: "start" | "center" | "end";
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Where something of a size goes beside an anchor: on the other side where there is no room, and never off the page. */
export function place(
  anchor: Box,
  size: { width: number; height: number },
  page: { width: number; height: number; rtl: boolean },
  { side = "top", align = "center" }: Placement,
): { left: number; top: number } {
  const right = anchor.left + anchor.width;
  const bottom = anchor.top + anchor.height;
  const clamp = (value: number, length: number, whole: number) =>
    Math.max(EDGE, Math.min(value, whole - length - EDGE));
  const fitsAbove = anchor.top - GAP - size.height >= EDGE;
  const fitsBelow = bottom + GAP + size.height + EDGE <= page.height;
  const above = side === "top" ? fitsAbove || !fitsBelow : !fitsBelow && fitsAbove;
  const top = above ? anchor.top - GAP - size.height : bottom + GAP;
  const flushLeft = (align === "start") !== page.rtl;
  const left =
    align === "center"
      ? anchor.left + (anchor.width - size.width) / 2
      : flushLeft
        ? anchor.left
        : right - size.width;
  return { left: clamp(left, size.width, page.width), top: clamp(top, size.height, page.height) };
}

/**
 * Keeps a popover beside its anchor while it is shown. The browser's own top layer does the rest, so nothing clips it
 * and no stacking order is needed.
 */
export function useFloating(
  open: boolean,
  anchor: RefObject<HTMLElement | null>,
  floating: RefObject<HTMLElement | null>,
  { side, align }: Placement,
): void {
  useLayoutEffect(() => {
    const [from, element] = [anchor.current, floating.current];
    if (!open || !from || !element) return;
    if (!element.matches(":popover-open")) element.showPopover();
    const move = () => {
      const page = {
        width: document.documentElement.clientWidth,
        height: window.innerHeight,
        rtl: getComputedStyle(from).direction === "rtl",
      };
      const size = { width: element.offsetWidth, height: element.offsetHeight };
      const { left, top } = place(from.getBoundingClientRect(), size, page, {
        ...(side ? { side } : {}),
        ...(align ? { align } : {}),
      });
      element.style.left = `${left}px`;
      element.style.top = `${top}px`;
    };
    move();
    const observer = new ResizeObserver(move);
    observer.observe(element);
    window.addEventListener("resize", move);
    document.addEventListener("scroll", move, { capture: true, passive: true });
    return () => {
      observer.disconnect();
      window.removeEventListener("resize", move);
      document.removeEventListener("scroll", move, { capture: true });
    };
  }, [open, anchor, floating, side, align]);
}
