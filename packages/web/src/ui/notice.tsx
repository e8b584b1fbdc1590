import { CircleAlert, Info } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "../lib/cx.js";

/** A sentence that matters inside a page or form; errors are spoken at once. */
export function Notice({ kind = "error", children }: { kind?: "error" | "info"; children: ReactNode }) {
  const Icon = kind === "error" ? CircleAlert : Info;
  return (
    <div
      role={kind === "error" ? "alert" : "status"}
      className={cx(
        "flex gap-2.5 rounded-md px-3 py-2.5 text-sm",
        kind === "error" ? "bg-danger-wash text-danger" : "bg-accent-wash text-ink",
      )}
    >
      <Icon aria-hidden="true" className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">{children}</div>
    </div>
  );
}
