/** Tells that the page is about to go: it is closed, reloaded, left for another one, or put away on a phone. */
export interface LeavingSource {
  /** Calls back then; what must get out has to be on its way when the listener returns. Answers how to stop. */
  subscribe(listener: () => void): () => void;
}

/** What the browser says; outside of one, never. */
export function browserLeaving(): LeavingSource {
  const page = typeof window === "undefined" ? null : window;
  return {
    subscribe(listener) {
      if (page === null) return () => {};
      // A phone may end a page that is put away without another word.
      const onHidden = () => {
        if (page.document.visibilityState === "hidden") listener();
      };
      page.addEventListener("pagehide", listener);
      page.document.addEventListener("visibilitychange", onHidden);
      return () => {
        page.removeEventListener("pagehide", listener);
        page.document.removeEventListener("visibilitychange", onHidden);
      };
    },
  };
}
