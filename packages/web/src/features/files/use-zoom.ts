import { type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";

const MOST = 8;
const STEP = 1.4;

/** Where a picture is: how much larger than its fit, and how far from the middle in CSS pixels. */
export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

const FIT: View = { scale: 1, x: 0, y: 0 };

/** Zoom and pan of a picture in a frame, by wheel, fingers, double press and keys. */
export function useZoom(frame: RefObject<HTMLElement | null>) {
  const [view, setView] = useState(FIT);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const moved = useRef(false);

  /** Scales around a point, in pixels from the middle of the frame; that point stays where it is. */
  const zoomBy = useCallback(
    (factor: number, px = 0, py = 0) => {
      setView((before) => {
        const scale = Math.min(MOST, Math.max(1, before.scale * factor));
        if (scale === 1) return FIT;
        const ratio = scale / before.scale;
        return clamp(
          { scale, x: px - (px - before.x) * ratio, y: py - (py - before.y) * ratio },
          frame.current,
        );
      });
    },
    [frame],
  );
  const panBy = useCallback(
    (dx: number, dy: number) =>
      setView((before) => clamp({ ...before, x: before.x + dx, y: before.y + dy }, frame.current)),
    [frame],
  );
  const reset = useCallback(() => setView(FIT), []);

  const middle = useCallback(
    ({ clientX, clientY }: { clientX: number; clientY: number }): [number, number] => {
      const box = frame.current?.getBoundingClientRect();
      if (!box) return [0, 0];
      return [clientX - box.left - box.width / 2, clientY - box.top - box.height / 2];
    },
    [frame],
  );

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    // React's own wheel listener is passive, so the page behind would zoom with a pinch.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      zoomBy(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.002)), ...middle(event));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [frame, zoomBy, middle]);

  const onPointerDown = (event: PointerEvent) => {
    if (event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    moved.current = false;
  };
  const onPointerMove = (event: PointerEvent) => {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    fingers.current.set(event.pointerId, now);
    if (Math.hypot(now.x - before.x, now.y - before.y) > 2) moved.current = true;
    if (!other) return panBy(now.x - before.x, now.y - before.y);
    const was = Math.hypot(before.x - other.x, before.y - other.y);
    const is = Math.hypot(now.x - other.x, now.y - other.y);
    const between = middle({ clientX: (now.x + other.x) / 2, clientY: (now.y + other.y) / 2 });
    if (was > 0) zoomBy(is / was, ...between);
  };
  const onPointerUp = (event: PointerEvent) => void fingers.current.delete(event.pointerId);

  return {
    view,
    reset,
    zoomIn: () => zoomBy(STEP),
    zoomOut: () => zoomBy(1 / STEP),
    panBy,
    /** Whether the last press was a drag. */
    wasDrag: () => moved.current,
    handlers: {
      onPointerDown,
      onPointerMove,
      onPointerUp,
      onPointerCancel: onPointerUp,
      onDoubleClick: (event: { clientX: number; clientY: number }) =>
        view.scale > 1 ? reset() : zoomBy(2.5, ...middle(event)),
    },
  };
}

/** No picture is dragged out of sight. */
function clamp(view: View, frame: HTMLElement | null): View {
  if (view.scale <= 1 || !frame) return FIT;
  const mostX = (frame.clientWidth * (view.scale - 1)) / 2;
  const mostY = (frame.clientHeight * (view.scale - 1)) / 2;
  return {
    scale: view.scale,
    x: Math.min(mostX, Math.max(-mostX, view.x)),
    y: Math.min(mostY, Math.max(-mostY, view.y)),
  };
}
