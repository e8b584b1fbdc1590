import { useLayoutEffect, useReducer, useRef } from "react";
import type { Row } from "./rows.js";

/**
 * Hands rows to the virtual list in steps that it can anchor. The list keeps its place either from the end (`shift`:
 * rows came above) or from the start (rows came below); when both happen at once, the rows above come first and the
 * ones below in a second pass before the paint.
 */
export function useRowSteps(rows: readonly Row[]): { rows: readonly Row[]; shift: boolean } {
  const previous = useRef<readonly Row[]>([]);
  const [, again] = useReducer((count: number) => count + 1, 0);
  const before = previous.current;
  const first = before[0]?.key;
  const at = first === undefined || rows[0]?.key === first ? 0 : rows.findIndex((row) => row.key === first);
  const shift = at > 0;
  const shown = shift && rows.length > at + before.length ? rows.slice(0, at + before.length) : rows;
  useLayoutEffect(() => {
    previous.current = shown;
    if (shown !== rows) again();
  });
  return { rows: shown, shift };
}
