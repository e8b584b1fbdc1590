import type { LucideIcon } from "lucide-react";
import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "../lib/cx.js";

interface MenuProps {
  readonly trigger: ReactNode;
  readonly children: ReactNode;
  readonly align?: "start" | "end";
  readonly onOpenChange?: (open: boolean) => void;
}

/** A menu below its trigger. Not modal: the page keeps scrolling, and no style tag is put into it. */
export function Menu({ trigger, children, align = "end", onOpenChange }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false} {...(onOpenChange ? { onOpenChange } : {})}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          sideOffset={6}
          collisionPadding={8}
          className="z-40 min-w-48 animate-rise rounded-lg bg-surface p-1.5 shadow-3 ring-1 ring-line"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

interface MenuItemProps {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly danger?: boolean;
  readonly onSelect: () => void;
}

/** One act of a menu. */
export function MenuItem({ icon: Icon, label, danger, onSelect }: MenuItemProps) {
  return (
    <DropdownMenu.Item
      onSelect={onSelect}
      className={cx(
        "flex h-9 cursor-default items-center gap-2.5 rounded-sm px-2.5 text-sm outline-none select-none",
        danger ? "text-danger data-highlighted:bg-danger-wash" : "data-highlighted:bg-hover",
      )}
    >
      <Icon aria-hidden="true" className="size-4 shrink-0 opacity-80" />
      {label}
    </DropdownMenu.Item>
  );
}
