const LONGEST_FRAME = 200;

/** Tells listeners of changes, many changes at a time. */
export interface Listeners {
  subscribe(listener: () => void): () => void;
  notify(): void;
}

/** What has news, of all stores of a page: they are told together, so that the page is drawn once. At most one each. */
const due = new Set<() => void>();
let isScheduled = false;

function flush(): void {
  if (!isScheduled) return;
  isScheduled = false;
  const stores = [...due];
  due.clear();
  for (const tell of stores) tell();
}

function schedule(): void {
  if (isScheduled) return;
  isScheduled = true;
  const isSeen = typeof document !== "undefined" && document.visibilityState === "visible";
  if (!isSeen) {
    queueMicrotask(flush);
    return;
  }
  requestAnimationFrame(flush);
  // A page that is hidden in between draws no frame any more.
  setTimeout(flush, LONGEST_FRAME);
}

/** Makes an empty set of listeners. A page that is looked at is told once a frame, everybody else once a turn. */
export function createListeners(): Listeners {
  const listeners = new Set<() => void>();

  function tell(): void {
    for (const listener of [...listeners]) {
      try {
        listener();
      } catch (error) {
        // Nobody else misses news for it; it is reported as if it had been called alone.
        queueMicrotask(() => {
          throw error;
        });
      }
    }
  }

  return {
    subscribe(listener) {
      const own = () => listener();
      listeners.add(own);
      return () => listeners.delete(own);
    },
    notify() {
      if (listeners.size === 0) return;
      due.add(tell);
      schedule();
    },
  };
}
