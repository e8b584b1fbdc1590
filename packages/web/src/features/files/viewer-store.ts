import type { Attachment } from "@parlor/protocol";
import { useSyncExternalStore } from "react";

interface Viewed {
  readonly pictures: readonly Attachment[];
  readonly index: number;
}

const listeners = new Set<() => void>();
let viewed: Viewed | null = null;

function set(next: Viewed | null): void {
  viewed = next;
  for (const listener of listeners) listener();
}

/** Shows pictures large. It is no part of the line that was pressed: that may scroll away meanwhile. */
export function viewPictures(pictures: readonly Attachment[], index: number): void {
  set({ pictures, index });
}

/** Ends it. */
export function closeViewer(): void {
  set(null);
}

/** What is shown large. */
export function useViewed(): Viewed | null {
  return useSyncExternalStore(
    (notify) => {
      listeners.add(notify);
      return () => listeners.delete(notify);
    },
    () => viewed,
  );
}
