import { useSyncExternalStore } from "react";

type Shown = "switcher" | "map" | null;

const listeners = new Set<() => void>();
let shown: Shown = null;

/** Shows the room switcher or the list of shortcuts, or neither. */
export function showKeysDialog(next: Shown): void {
  shown = next;
  for (const listener of listeners) listener();
}

/** Which of the two is shown. */
export function useKeysDialog(): Shown {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
