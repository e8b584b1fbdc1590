import { LoaderCircle } from "lucide-react";
import { cx } from "../lib/cx.js";

/** Something is on its way. Whoever shows it says in words what. */
export function Spinner({ className }: { className?: string }) {
  return <LoaderCircle aria-hidden="true" className={cx("size-4 animate-spin", className)} />;
}
