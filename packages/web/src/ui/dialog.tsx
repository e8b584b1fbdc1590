import { X } from "lucide-react";
import { type ReactNode, useId, useLayoutEffect, useRef, useState } from "react";
import { cx } from "../lib/cx.js";
import { words } from "../words/words.js";

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  /** `sheet` comes from the side; `top` sits near the upper edge without a header. */
  readonly look?: "box" | "card" | "sheet" | "top";
  readonly wide?: boolean;
  readonly children: ReactNode;
}

const LOOKS = {
  box: "m-auto w-[min(30rem,calc(100vw-1.5rem))] max-h-[min(46rem,calc(100dvh-1.5rem))] rounded-xl",
  card: "m-auto w-[min(22rem,calc(100vw-1.5rem))] max-h-[min(46rem,calc(100dvh-1.5rem))] rounded-xl",
  sheet: "sheet ms-auto me-0 my-0 h-dvh max-h-none w-[min(21rem,calc(100vw-3rem))] rounded-s-xl",
  top: "mx-auto mt-[12vh] mb-auto w-[min(34rem,calc(100vw-1.5rem))] max-h-[70dvh] rounded-xl",
} as const;

/**
 * The browser's own modal dialog: focus trap, Esc, inert page and top layer without a library, and without the style
 * tags that a strict content security policy would refuse.
 */
export function Dialog({ open, onClose, title, description, look = "box", wide, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const pressed = useRef(false);
  const id = useId();

  const [isShown, setIsShown] = useState(false);
  useLayoutEffect(() => {
    if (!open) return;
    const element = dialog.current;
    // Empty, so that the dialog itself is read out, not its close button; a field that wants the focus comes after that.
    element?.showModal();
    setIsShown(true);
    // Before the element goes, for then the browser gives the focus back.
    return () => {
      element?.close();
      setIsShown(false);
    };
  }, [open]);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way to close is Esc, which the dialog itself has.
    <dialog
      ref={dialog}
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      aria-describedby={description ? `${id}-description` : undefined}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        pressed.current = event.target === dialog.current;
      }}
      onClick={(event) => {
        // A press that began inside (selecting text, say) and ends outside does not close it.
        if (pressed.current && event.target === dialog.current) onClose();
      }}
      className={cx(
        "dialog overflow-hidden bg-surface p-0 outline-none text-ink shadow-3 ring-1 ring-line",
        LOOKS[look],
        wide && "sm:w-[min(40rem,calc(100vw-2rem))]",
      )}
    >
      {isShown ? (
        <div className="flex max-h-[inherit] min-h-0 flex-col">
          <header
            className={cx(
              "flex items-start gap-3 px-5 pt-4 pb-2 sm:px-6 sm:pt-5",
              look === "top" && "sr-only",
            )}
          >
            <div className="min-w-0 flex-1 pt-1.5">
              <h2
                id={`${id}-title`}
                className={cx("text-xl font-semibold tracking-[-0.015em]", look === "card" && "sr-only")}
              >
                {title}
              </h2>
              {description ? (
                <p id={`${id}-description`} className="mt-1 text-ink-soft">
                  {description}
                </p>
              ) : null}
            </div>
            {/* No tooltip here: it would take the first Esc for itself. */}
            <button
              type="button"
              aria-label={words.common.close}
              onClick={onClose}
              className="-me-1.5 grid size-9 shrink-0 place-items-center rounded-md text-ink-soft hover:bg-hover hover:text-ink"
            >
              <X aria-hidden="true" className="size-4.5" strokeWidth={1.85} />
            </button>
          </header>
          <div className="min-h-0 flex-1 overflow-y-auto overscroll-contain">{children}</div>
        </div>
      ) : null}
    </dialog>
  );
}
