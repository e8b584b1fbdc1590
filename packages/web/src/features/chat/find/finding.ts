import { useEffect } from "react";

/** Which way to find something is open. */
export type Finding = "search" | "pins" | "mentions" | "date" | null;

/** `/` opens the search where nothing is being typed. */
export function useFindKey(onFind: (next: Finding) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isTyping = target.closest("input, textarea, select, [contenteditable], dialog, [popover]");
      if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || isTyping) return;
      event.preventDefault();
      onFind("search");
    };
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, [onFind]);
}
