import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { cx } from "../../lib/cx.js";
import { IconButton } from "../../ui/icon-button.js";

const LOOKS = {
  plain: "bg-surface text-ink shadow-1 ring-1 ring-line",
  off: "bg-danger-wash text-danger ring-1 ring-danger/30 hover:not-disabled:text-danger",
  on: "bg-accent text-on-accent shadow-1 hover:not-disabled:bg-accent-strong hover:not-disabled:text-on-accent",
  leave:
    "bg-danger text-on-danger shadow-1 hover:not-disabled:bg-danger-strong hover:not-disabled:text-on-danger",
} as const;

interface ControlButtonProps extends Omit<ComponentProps<"button">, "children"> {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly look?: keyof typeof LOOKS;
}

/** One of the buttons below a call, as large as a thumb. */
export function ControlButton({ look = "plain", className, ...rest }: ControlButtonProps) {
  return <IconButton {...rest} className={cx("size-11 rounded-lg", LOOKS[look], className)} />;
}
