const LONGEST_FRAME = 200;

/** Tells listeners of changes, many changes at a time. */
export interface Listeners {
  subscribe(listener: () => void): () => void;
  notify(): void;
}

/** Makes an empty set of listeners. A page that is looked at is told once a frame, everybody else once a turn. */
export function createListeners(): Listeners {
  const listeners = new Set<() => void>();
  let isScheduled = false;

  function flush(): void {
    if (!isScheduled) return;
    isScheduled = false;
    for (const listener of [...listeners]) listener();
  }

  return {
    subscribe(listener) {
      const own = () => listener();
      listeners.add(own);
      return () => listeners.delete(own);
    },
    notify() {
      if (isScheduled || listeners.size === 0) return;
      isScheduled = true;
      const isSeen = typeof document !== "undefined" && document.visibilityState === "visible";
      if (!isSeen) {
        queueMicrotask(flush);
        return;
      }
      requestAnimationFrame(flush);
      // A page that is hidden in between draws no frame any more.
      setTimeout(flush, LONGEST_FRAME);
    },
  };
}
