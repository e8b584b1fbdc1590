import type { LucideIcon } from "lucide-react";
import { createContext, type KeyboardEvent, type ReactNode, useContext, useRef, useState } from "react";
import { cx } from "../lib/cx.js";
import { Popover } from "./popover.js";

const CloseMenu = createContext<() => void>(() => {});

interface MenuProps {
  /** A button. */
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
  readonly onOpenChange?: (open: boolean) => void;
}

function onKeyDown(event: KeyboardEvent<HTMLElement>): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^="menuitem"]')];
  const here = items.indexOf(document.activeElement as HTMLElement);
  const letter = event.key.length === 1 ? event.key.toLocaleLowerCase() : null;
  const startsSo = (item: HTMLElement) =>
    letter !== null && (item.textContent ?? "").trim().toLocaleLowerCase().startsWith(letter);
  const rest = [...items.slice(here + 1), ...items.slice(0, here + 1)];
  const next =
    event.key === "ArrowDown"
      ? items[(here + 1) % items.length]
      : event.key === "ArrowUp"
        ? items.at(here <= 0 ? -1 : here - 1)
        : event.key === "Home"
          ? items[0]
          : event.key === "End"
            ? items.at(-1)
            : letter && letter !== " "
              ? rest.find(startsSo)
              : undefined;
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  next.focus();
}

/** A menu below its trigger. Not modal: the page keeps scrolling. */
export function Menu({ trigger, children, align = "end", onOpenChange }: MenuProps) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLSpanElement>(null);
  const change = (next: boolean) => {
    setOpen(next);
    onOpenChange?.(next);
  };
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the button inside is what is pressed. */}
      <span
        ref={anchor}
        className="inline-flex"
        data-state={open ? "open" : "closed"}
        onClick={() => change(!open)}
        onKeyDown={(event) => {
          if (open || (event.key !== "ArrowDown" && event.key !== "ArrowUp")) return;
          event.preventDefault();
          event.stopPropagation();
          change(true);
        }}
      >
        {trigger}
      </span>
      {open ? (
        <Popover
          anchor={anchor}
          role="menu"
          label={anchor.current?.querySelector("button")?.getAttribute("aria-label") ?? ""}
          side="bottom"
          align={align}
          onClose={() => change(false)}
          className="min-w-48"
        >
          {/* biome-ignore lint/a11y/noStaticElementInteractions: it moves the focus between the items. */}
          <div onKeyDown={onKeyDown}>
            <CloseMenu value={() => change(false)}>{children}</CloseMenu>
          </div>
        </Popover>
      ) : null}
    </>
  );
}

interface MenuItemProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly danger?: boolean;
  /** Of a choice of one: whether this is it. */
  readonly checked?: boolean;
  readonly onSelect: () => void;
}

/** One act or choice of a menu. */
export function MenuItem({ icon: Icon, label, danger, checked, onSelect }: MenuItemProps) {
  const close = useContext(CloseMenu);
  return (
    <button
      type="button"
      {...(checked === undefined ? { role: "menuitem" } : { role: "menuitemradio", "aria-checked": checked })}
      tabIndex={-1}
      onPointerMove={(event) => event.currentTarget.focus({ preventScroll: true })}
      onClick={() => {
        close();
        onSelect();
      }}
      className={cx(
        "flex h-9 w-full items-center gap-2.5 rounded-sm px-2.5 text-start text-sm whitespace-nowrap outline-none select-none",
        checked && "font-medium text-accent",
        danger ? "text-danger focus:bg-danger-wash" : "focus:bg-hover",
      )}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0 opacity-80" />
      {label}
    </button>
  );
}
