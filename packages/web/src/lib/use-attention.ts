import { useSyncExternalStore } from "react";
import { shownStage, subscribeStage } from "./stage.js";

function subscribe(notify: () => void): () => void {
  document.addEventListener("visibilitychange", notify);
  window.addEventListener("focus", notify);
  window.addEventListener("blur", notify);
  const stop = subscribeStage(notify);
  return () => {
    document.removeEventListener("visibilitychange", notify);
    window.removeEventListener("focus", notify);
    window.removeEventListener("blur", notify);
    stop();
  };
}

/** Whether somebody is looking at the room: the page is visible, has the focus, and no call hides its messages. */
export function useAttention(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => document.visibilityState === "visible" && document.hasFocus() && shownStage() !== "full",
  );
}
