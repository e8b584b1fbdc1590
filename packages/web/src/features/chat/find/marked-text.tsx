import { type ReactNode, useMemo } from "react";
import { plainWithRanges, type Ranges } from "../text/plain.js";

interface MarkedTextProps {
  readonly text: string;
  readonly ranges: Ranges;
}

/** A text with what was found in it set off, without marks of Markdown. */
export function MarkedText(props: MarkedTextProps) {
  const { text, ranges } = useMemo(
    () => plainWithRanges(props.text, props.ranges),
    [props.text, props.ranges],
  );
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
