import { type KeyboardEvent, type PointerEvent, useEffect, useRef } from "react";
import { words } from "../../words/words.js";
import { clampView, cropOf, type View } from "./crop.js";

const STEP = 0.03;

interface CropAreaProps {
  readonly picture: ImageBitmap;
  readonly view: View;
  readonly onChange: (view: View) => void;
}

/** The square through which a picture is seen; drag, wheel, two fingers and keys move it. */
export function CropArea({ picture, view, onChange }: CropAreaProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const fingers = useRef(new Map<number, { x: number; y: number }>());
  const latest = useRef({ view, onChange });
  const { width, height } = picture;
  useEffect(() => {
    latest.current = { view, onChange };
  });

  function change(next: View) {
    onChange(clampView(next, width, height));
  }

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    const crop = cropOf(view, width, height);
    context.imageSmoothingQuality = "high";
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, element.width, element.height);
    context.drawImage(picture, crop.x, crop.y, crop.edge, crop.edge, 0, 0, element.width, element.height);
  }, [picture, view, width, height]);

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    // React's wheel listeners are passive, and the dialog must not scroll meanwhile.
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { view: now, onChange: tell } = latest.current;
      tell(clampView({ ...now, zoom: now.zoom * Math.exp(-event.deltaY / 400) }, width, height));
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => element.removeEventListener("wheel", onWheel);
  }, [width, height]);

  function onPointerMove(event: PointerEvent<HTMLElement>) {
    const before = fingers.current.get(event.pointerId);
    if (!before) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...fingers.current].find(([id]) => id !== event.pointerId)?.[1];
    fingers.current.set(event.pointerId, now);
    if (other) {
      const ratio =
        Math.hypot(now.x - other.x, now.y - other.y) / Math.hypot(before.x - other.x, before.y - other.y);
      if (Number.isFinite(ratio)) change({ ...view, zoom: view.zoom * ratio });
      return;
    }
    const scale = cropOf(view, width, height).edge / event.currentTarget.clientWidth;
    change({ ...view, x: view.x - (now.x - before.x) * scale, y: view.y - (now.y - before.y) * scale });
  }

  function onKeyDown(event: KeyboardEvent) {
    const step = Math.min(width, height) * (STEP / view.zoom);
    const moves: Readonly<Record<string, Partial<View>>> = {
      ArrowLeft: { x: view.x - step },
      ArrowRight: { x: view.x + step },
      ArrowUp: { y: view.y - step },
      ArrowDown: { y: view.y + step },
      "+": { zoom: view.zoom * 1.1 },
      "=": { zoom: view.zoom * 1.1 },
      "-": { zoom: view.zoom / 1.1 },
    };
    const move = moves[event.key];
    if (!move) return;
    event.preventDefault();
    change({ ...view, ...move });
  }

  const release = (event: PointerEvent) => fingers.current.delete(event.pointerId);
  return (
    <div
      role="application"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: an area that takes keys has to be reachable by keyboard.
      tabIndex={0}
      aria-label={words.profile.cropArea}
      title={words.profile.cropKeys}
      onKeyDown={onKeyDown}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        fingers.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
      }}
      onPointerMove={onPointerMove}
      onPointerUp={release}
      onPointerCancel={release}
      className="aspect-square w-full cursor-grab touch-none rounded-[32%] active:cursor-grabbing"
    >
      <canvas
        ref={canvas}
        width={640}
        height={640}
        className="pointer-events-none size-full rounded-[32%] bg-sunken ring-1 ring-line"
      />
    </div>
  );
}
