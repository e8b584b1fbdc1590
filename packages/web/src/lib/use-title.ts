import { useEffect } from "react";
import { words } from "../words/words.js";
import { formatNumber } from "./formats.js";

/** `null` while no page has set one. */
let title: string | null = null;
let prefix = "";

function show(): void {
  const { appName } = words.common;
  document.title = prefix + (title === null || title === appName ? appName : `${title} · ${appName}`);
}

/** Puts what asks for attention before the title: the number of calls, or a dot for what is only new. */
export function setTitleCount(calls: number, isNew: boolean): void {
  prefix = calls > 0 ? `(${formatNumber(calls)}) ` : isNew ? "• " : "";
  show();
}

/** The page's title while something is shown. */
export function useTitle(wanted: string): void {
  useEffect(() => {
    title = wanted;
    show();
    return () => {
      title = null;
      show();
    };
  }, [wanted]);
}
