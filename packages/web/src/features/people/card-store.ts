import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let shown: string | null = null;

/** Shows the profile card of somebody. */
export function openProfile(userId: string): void {
  shown = userId;
  for (const listener of listeners) listener();
}

/** Takes the profile card away. */
export function closeProfile(): void {
  shown = null;
  for (const listener of listeners) listener();
}

/** Whose profile card is shown. */
export function useShownProfile(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
}
