import { useSyncExternalStore } from "react";

/** What lies over the room tells `window` so, and that it is gone: `data-stage="full"` is such a thing. */
export const COVERED = "covered";

function subscribe(notify: () => void): () => void {
  document.addEventListener("visibilitychange", notify);
  window.addEventListener("focus", notify);
  window.addEventListener("blur", notify);
  window.addEventListener(COVERED, notify);
  return () => {
    document.removeEventListener("visibilitychange", notify);
    window.removeEventListener("focus", notify);
    window.removeEventListener("blur", notify);
    window.removeEventListener(COVERED, notify);
  };
}

/** Whether somebody is looking at the room: the page is visible, has the focus, and nothing hides its messages. */
export function useAttention(): boolean {
  return useSyncExternalStore(
    subscribe,
    () =>
      document.visibilityState === "visible" &&
      document.hasFocus() &&
      !document.querySelector("[data-stage=full]"),
  );
}
