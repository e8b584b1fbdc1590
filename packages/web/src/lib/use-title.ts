import { useEffect } from "react";
import { words } from "../words/words.js";

/** The page's title while something is shown. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = title === words.common.appName ? title : `${title} · ${words.common.appName}`;
    return () => {
      document.title = words.common.appName;
    };
  }, [title]);
}
