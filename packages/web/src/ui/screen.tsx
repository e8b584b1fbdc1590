import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

interface ScreenProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly actions?: ReactNode;
}

/** An empty, unknown or failed place: what it is, and the way on. */
export function Screen({ icon: Icon, title, children, actions }: ScreenProps) {
  return (
    <main className="grid h-full min-h-0 place-items-center overflow-y-auto p-6">
      <div className="grid w-full max-w-sm animate-rise justify-items-center gap-3 text-center">
        <span className="mb-1 grid size-14 place-items-center rounded-xl bg-accent-wash text-accent">
          <Icon aria-hidden="true" className="size-6.5" strokeWidth={1.7} />
        </span>
        <h1 className="text-xl font-semibold tracking-[-0.015em]">{title}</h1>
        {children ? <div className="w-full text-pretty text-ink-soft">{children}</div> : null}
        {actions ? <div className="mt-2 flex w-full flex-wrap justify-center gap-2">{actions}</div> : null}
      </div>
    </main>
  );
}
