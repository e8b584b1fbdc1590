import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { cx } from "../lib/cx.js";
import { Tooltip } from "./tooltip.js";

interface IconButtonProps extends Omit<ComponentProps<"button">, "children"> {
  readonly icon: LucideIcon;
  /** Its accessible name, shown as a tooltip too. */
  readonly label: string;
  readonly size?: "sm" | "md";
  readonly side?: "top" | "bottom";
  readonly active?: boolean;
}

/** A button that is only an icon. */
export function IconButton({
  icon: Icon,
  label,
  size = "md",
  side,
  active,
  className,
  ...rest
}: IconButtonProps) {
  return (
    <Tooltip text={label} {...(side ? { side } : {})}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={cx(
          "inline-grid shrink-0 place-items-center rounded-md text-ink-soft transition-colors duration-120",
          "hover:not-disabled:bg-hover hover:not-disabled:text-ink disabled:cursor-default disabled:opacity-45",
          size === "sm" ? "size-8" : "size-10",
          active && "bg-accent-wash text-accent hover:not-disabled:text-accent",
          className,
        )}
      >
        <Icon aria-hidden="true" className={size === "sm" ? "size-4" : "size-5"} strokeWidth={1.85} />
      </button>
    </Tooltip>
  );
}
