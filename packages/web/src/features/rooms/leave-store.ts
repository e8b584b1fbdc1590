import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let asked: string | null = null;

/** Asks the person whether they mean to leave a room; `null` takes the question back. */
export function askLeave(roomId: string | null): void {
  asked = roomId;
  for (const listener of listeners) listener();
}

/** The room that a person is asked about. */
export function useAskedLeave(): string | null {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
}
