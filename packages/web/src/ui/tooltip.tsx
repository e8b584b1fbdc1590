import { Tooltip as Radix } from "radix-ui";
import type { ReactNode } from "react";

/** One for the whole page: the second tooltip in a row shows at once. */
export function TooltipProvider({ children }: { children: ReactNode }) {
  return (
    <Radix.Provider delayDuration={450} skipDelayDuration={200}>
      {children}
    </Radix.Provider>
  );
}

interface TooltipProps {
  readonly text: string;
  readonly side?: "top" | "bottom" | "left" | "right";
  readonly children: ReactNode;
}

/** A few words about the control inside; they must not be the only place where they are said. */
export function Tooltip({ text, side = "top", children }: TooltipProps) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="pointer-events-none z-50 max-w-64 animate-rise rounded-sm bg-ink px-2 py-1 text-xs font-medium text-paper shadow-2"
        >
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
