import type { ComponentProps } from "react";
import { cx } from "../lib/cx.js";
import { Spinner } from "./spinner.js";

type Variant = "primary" | "outline" | "quiet" | "danger" | "danger-quiet";
type Size = "sm" | "md" | "lg";

const BASE =
  "inline-flex shrink-0 items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap select-none " +
  "transition-[background-color,border-color,color,box-shadow,transform] duration-120 active:translate-y-px " +
  "disabled:cursor-default disabled:opacity-55 disabled:active:translate-y-0";
const VARIANTS: Record<Variant, string> = {
  primary: "bg-accent text-on-accent shadow-1 hover:not-disabled:bg-accent-strong",
  outline: "border border-line bg-surface text-ink shadow-1 hover:not-disabled:border-line-strong",
  quiet: "text-ink-soft hover:not-disabled:bg-hover hover:not-disabled:text-ink",
  danger: "bg-danger text-on-danger shadow-1 hover:not-disabled:bg-danger-strong",
  "danger-quiet": "text-danger hover:not-disabled:bg-danger-wash",
};
const SIZES: Record<Size, string> = {
  sm: "h-8 px-3 text-sm",
  md: "h-10 px-4 text-base",
  lg: "h-12 px-5 text-base",
};

/** Looks of a button, for links that act like one. */
export function buttonClass(variant: Variant = "outline", size: Size = "md"): string {
  return cx(BASE, VARIANTS[variant], SIZES[size]);
}

interface ButtonProps extends ComponentProps<"button"> {
  variant?: Variant;
  size?: Size;
  /** Its work is under way: it shows that and takes no second press. */
  busy?: boolean;
}

/** A button with words. */
export function Button({ variant, size, busy, className, children, type, disabled, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type ?? "button"}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      className={cx(buttonClass(variant, size), className)}
    >
      {busy ? <Spinner /> : null}
      {children}
    </button>
  );
}
