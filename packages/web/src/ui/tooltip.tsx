import { type ReactNode, useEffect, useRef, useState } from "react";
import { type Placement, useFloating } from "./floating.js";

/** A pointer rests so long before the words appear; right after another tooltip they appear at once. */
const DELAY = 450;
const SKIP = 200;

let closedAt = Number.NEGATIVE_INFINITY;

interface TooltipProps {
  readonly text: string;
  readonly side?: Placement["side"];
  readonly children: ReactNode;
}

/** A few words about the control inside; they must not be the only place where they are said. */
export function Tooltip({ text, side = "top", children }: TooltipProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLElement>(null);
  const tip = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  useFloating(open, anchor, tip, { side });
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") setOpen(false);
    };
    document.addEventListener("keydown", onKey, true);
    return () => document.removeEventListener("keydown", onKey, true);
  }, [open]);

  function show(event: { currentTarget: HTMLElement }, delay: number) {
    anchor.current = event.currentTarget.firstElementChild as HTMLElement | null;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(true), performance.now() - closedAt < SKIP ? 0 : delay);
  }
  function hide() {
    clearTimeout(timer.current);
    if (open) closedAt = performance.now();
    setOpen(false);
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it only watches the control inside.
    <span
      className="contents"
      onPointerEnter={(event) => event.pointerType === "mouse" && show(event, DELAY)}
      onPointerLeave={hide}
      onPointerDown={hide}
      onFocus={(event) => event.target.matches(":focus-visible") && show(event, 0)}
      onBlur={hide}
    >
      {children}
      {open ? (
        <span
          ref={tip}
          popover="manual"
          aria-hidden="true"
          className="pointer-events-none fixed inset-auto m-0 max-w-64 animate-rise overflow-visible rounded-sm border-0 bg-ink px-2 py-1 text-xs font-medium text-paper shadow-2"
        >
          {text}
        </span>
      ) : null}
    </span>
  );
}
