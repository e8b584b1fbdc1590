/** Tells of the device's network. */
export interface OnlineSource {
  /** Whether the device believes that it has a network. */
  isOnline(): boolean;
  /** Calls back when the network comes or goes and when the person looks at the page again. */
  subscribe(listener: () => void): () => void;
}

/** What the browser says; outside of one, always online. */
export function browserOnline(): OnlineSource {
  const page = typeof window === "undefined" ? null : window;
  return {
    isOnline: () => page === null || page.navigator.onLine !== false,
    subscribe(listener) {
      if (page === null) return () => {};
      const onVisible = () => {
        if (page.document.visibilityState === "visible") listener();
      };
      page.addEventListener("online", listener);
      page.addEventListener("offline", listener);
      page.addEventListener("pageshow", listener);
      page.document.addEventListener("visibilitychange", onVisible);
      return () => {
        page.removeEventListener("online", listener);
        page.removeEventListener("offline", listener);
        page.removeEventListener("pageshow", listener);
        page.document.removeEventListener("visibilitychange", onVisible);
      };
    },
  };
}
