import { useCallback, useSyncExternalStore } from "react";

/** Whether a media query holds, live. */
export function useMedia(query: string): boolean {
  const subscribe = useCallback(
    (notify: () => void) => {
      const list = matchMedia(query);
      list.addEventListener("change", notify);
      return () => list.removeEventListener("change", notify);
    },
    [query],
  );
  return useSyncExternalStore(subscribe, () => matchMedia(query).matches);
}

/** Whether there is room for the sidebar beside a page. */
export const useWide = () => useMedia("(min-width: 768px)");

/** Whether there is room for a third column. */
export const useExtraWide = () => useMedia("(min-width: 1180px)");
