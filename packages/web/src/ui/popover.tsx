import { type ReactNode, type RefObject, useLayoutEffect, useRef } from "react";
import { cx } from "../lib/cx.js";
import { type Placement, useFloating } from "./floating.js";

interface PopoverProps extends Placement {
  readonly anchor: RefObject<HTMLElement | null>;
  readonly onClose: () => void;
  readonly label: string;
  readonly role?: "dialog" | "menu";
  /** Without room between its edge and what is in it. */
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** Something that floats beside its anchor until Esc, a press elsewhere, or focus that goes elsewhere. */
export function Popover({
  anchor,
  onClose,
  label,
  role = "dialog",
  side = "top",
  align = "end",
  flush,
  className,
  children,
}: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  close.current = onClose;
  useFloating(true, anchor, box, { side, align });
  // The focus goes back before the box is gone, and so before a dialog that it opens remembers where it came from.
  useLayoutEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const element = box.current;
    const first = element?.querySelector<HTMLElement>(
      "[autofocus], [data-autofocus], input, button, [tabindex]",
    );
    (first ?? element)?.focus({ preventScroll: true });
    const isOutside = (target: EventTarget | null) =>
      target instanceof Node && !element?.contains(target) && !anchor.current?.contains(target);
    const onPress = (event: Event) => {
      if (isOutside(event.target)) close.current();
    };
    document.addEventListener("pointerdown", onPress, true);
    document.addEventListener("focusin", onPress);
    return () => {
      document.removeEventListener("pointerdown", onPress, true);
      document.removeEventListener("focusin", onPress);
      // Whoever chose something may have moved the focus already.
      const lost = document.activeElement === document.body || element?.contains(document.activeElement);
      if (lost) (anchor.current?.querySelector<HTMLElement>("button") ?? anchor.current ?? before)?.focus();
    };
  }, [anchor]);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: its role says what it is: a dialog or a menu.
    // biome-ignore lint/a11y/useAriaPropsSupportedByRole: as above.
    <div
      ref={box}
      popover="manual"
      role={role}
      aria-label={label}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        event.preventDefault();
        event.stopPropagation();
        onClose();
      }}
      onClick={(event) => event.stopPropagation()}
      className={cx(
        "fixed inset-auto m-0 animate-rise rounded-lg border-0 bg-surface text-ink shadow-3 ring-1 ring-line outline-none",
        flush ? "overflow-hidden" : "overflow-visible p-1.5",
        className,
      )}
    >
      {children}
    </div>
  );
}
