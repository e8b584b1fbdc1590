import { useEffect, useLayoutEffect, useReducer, useRef } from "react";
import type { Row } from "./rows.js";

/** Rows to show now, and whether the list keeps its place from the end. */
interface RowStep {
  readonly rows: readonly Row[];
  readonly shift: boolean;
}

/**
 * The next step from the rows that are shown to those that are wanted. The list keeps its place either from the end
 * (rows came or went above) or from the start (rows came or went below); when both happen, what is above comes first.
 */
export function nextStep(before: readonly Row[], rows: readonly Row[]): RowStep {
  const [oldFirst, newFirst] = [before[0]?.key, rows[0]?.key];
  if (oldFirst === undefined || newFirst === undefined || oldFirst === newFirst)
    return { rows, shift: false };
  const added = rows.findIndex((row) => row.key === oldFirst);
  if (added > 0) {
    const length = added + before.length;
    const shown = rows.slice(0, length);
    // What goes below stays for this step.
    return { rows: [...shown, ...before.slice(shown.length - added)], shift: true };
  }
  const removed = before.findIndex((row) => row.key === newFirst);
  // Nothing in common: another part of the history.
  if (removed < 0) return { rows, shift: false };
  return { rows: rows.slice(0, before.length - removed), shift: true };
}

/**
 * Hands rows to the virtual list in steps that it can anchor. After a step above, the list moves its scroll position,
 * and knows of that when the next frame tells it; a further step before that would be drawn for the old position, and
 * paint an empty page. So it waits for two frames, in which nothing changes.
 */
export function useRowSteps(rows: readonly Row[]): RowStep {
  const shown = useRef<RowStep>({ rows: [], shift: false });
  const holding = useRef<number | null>(null);
  const [, again] = useReducer((count: number) => count + 1, 0);
  const step = holding.current === null ? nextStep(shown.current.rows, rows) : shown.current;
  const isLast = step.rows.length === rows.length && step.rows.at(-1) === rows.at(-1);

  useLayoutEffect(() => {
    shown.current = step;
    if (isLast || holding.current !== null) return;
    holding.current = requestAnimationFrame(() => {
      holding.current = requestAnimationFrame(() => {
        holding.current = null;
        again();
      });
    });
  });
  useEffect(
    () => () => {
      if (holding.current !== null) cancelAnimationFrame(holding.current);
      holding.current = null;
    },
    [],
  );
  return isLast ? { rows, shift: step.shift } : step;
}
