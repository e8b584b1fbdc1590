import { Check, CircleAlert, X } from "lucide-react";
import { useEffect, useRef, useSyncExternalStore } from "react";
import { words } from "../words/words.js";
import { IconButton } from "./icon-button.js";

interface Toast {
  readonly id: number;
  readonly kind: "done" | "error";
  readonly text: string;
}

const STAY = { done: 3_500, error: 8_000 } as const;
const listeners = new Set<() => void>();
let toasts: readonly Toast[] = [];
let lastId = 0;

function set(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Says in passing that something was done or went wrong. The same words twice are one toast. */
export function toast(text: string, kind: Toast["kind"] = "done"): void {
  const id = ++lastId;
  set([...toasts.filter((other) => other.text !== text).slice(-2), { id, kind, text }]);
  setTimeout(() => dismiss(id), STAY[kind]);
}

function dismiss(id: number): void {
  set(toasts.filter((other) => other.id !== id));
}

/** Where toasts appear; once on the page. A popover, so that open dialogs do not hide them. */
export function Toasts() {
  const shown = useSyncExternalStore(
    (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => toasts,
  );
  const region = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = region.current;
    if (!element?.showPopover) return;
    if (element.matches(":popover-open")) element.hidePopover();
    if (shown.length > 0) element.showPopover();
  }, [shown]);
  return (
    <div
      ref={region}
      popover="manual"
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-0 top-auto bottom-0 m-0 w-full gap-2 overflow-visible border-0 bg-transparent p-4 pb-24 open:grid"
    >
      {shown.map(({ id, kind, text }) => (
        <div
          key={id}
          className="pointer-events-auto mx-auto flex max-w-full animate-rise items-center gap-2.5 rounded-lg bg-ink py-2 ps-4 pe-2 text-paper shadow-3"
        >
          {kind === "done" ? (
            <Check aria-hidden="true" className="size-4 shrink-0" />
          ) : (
            <CircleAlert aria-hidden="true" className="size-4 shrink-0" />
          )}
          <span className="min-w-0 text-sm">{text}</span>
          <IconButton
            icon={X}
            size="sm"
            label={words.common.dismiss}
            onClick={() => dismiss(id)}
            className="text-paper/70 hover:not-disabled:text-paper"
          />
        </div>
      ))}
    </div>
  );
}
