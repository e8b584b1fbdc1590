import { cx } from "../lib/cx.js";

/** The mark: a speech bubble with a lit doorway. */
export function LogoMark({ className }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" className={cx("size-8 shrink-0", className)}>
      <path
        className="fill-accent"
        d="M9 2h14a7 7 0 0 1 7 7v10a7 7 0 0 1-7 7H12.5L6.2 30.4A1.3 1.3 0 0 1 4 29.4v-5.5A7 7 0 0 1 2 19V9a7 7 0 0 1 7-7Z"
      />
      <path className="fill-paper" d="M10.5 20.5V14a5.5 5.5 0 0 1 11 0v6.5Z" />
      <circle cx="18.7" cy="16.2" r="1.1" className="fill-accent" />
    </svg>
  );
}

/** Mark and name. */
export function Logo({ className }: { className?: string }) {
  return (
    <span className={cx("inline-flex items-center gap-2.5", className)}>
      <LogoMark className="size-7" />
      <span className="text-lg font-semibold tracking-[-0.02em]">Parlor</span>
    </span>
  );
}
