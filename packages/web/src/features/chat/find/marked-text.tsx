import type { ReactNode } from "react";

interface MarkedTextProps {
  readonly text: string;
  /** Places `[start, end)` in UTF-16 units, ascending. */
  readonly ranges: readonly (readonly [number, number])[];
}

/** A text with what was found in it set off. */
export function MarkedText({ text, ranges }: MarkedTextProps) {
  const parts: ReactNode[] = [];
  let end = 0;
  for (const [from, to] of ranges) {
    if (from < end || to <= from) continue;
    parts.push(text.slice(end, from));
    parts.push(
      <mark key={from} className="rounded-sm bg-brass-wash font-medium text-ink">
        {text.slice(from, to)}
      </mark>,
    );
    end = to;
  }
  parts.push(text.slice(end));
  return <>{parts}</>;
}
