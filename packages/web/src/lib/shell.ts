import { useSyncExternalStore } from "react";
import { whenIdle } from "../ui/part.js";

/** Between two looks for a new version; each asks the server for one small file. */
const LOOK_EVERY = 60 * 60_000;
const LOOK_AGAIN = 60_000;
/** A worker that has not taken over by then does so after the reload. */
const TAKEOVER_WITHIN = 3_000;

const listeners = new Set<() => void>();
let registration: ServiceWorkerRegistration | null = null;
let isStale = false;
let lookedAt = Number.NEGATIVE_INFINITY;

/** The version that this page was made of. */
function ownVersion(): string | null {
  return document.querySelector<HTMLMetaElement>('meta[name="parlor-version"]')?.content ?? null;
}

/** There is a newer version than this page's: it is said, and waits for the person. */
export function announceNewVersion(): void {
  isStale = true;
  for (const listener of listeners) listener();
}

/** Whether the server has a newer version than this page, live. */
export function useNewVersion(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => isStale,
  );
}

/** Takes the newer version; the person has asked for it. */
export async function takeNewVersion(): Promise<void> {
  const worker = registration?.waiting;
  if (worker) {
    // A page that loads while its worker is replaced may be asked of neither, and the reload would be lost.
    const taken = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener("controllerchange", resolve, { once: true }),
    );
    worker.postMessage("activate");
    await Promise.race([taken, new Promise((resolve) => setTimeout(resolve, TAKEOVER_WITHIN))]);
  }
  location.reload();
}

/** Keeps this client for visits without a network, and looks for new versions, also when the server came back. */
export async function keepShell(): Promise<void> {
  // A file of this page's version that is not there any more says the same as a new worker.
  window.addEventListener("vite:preloadError", announceNewVersion);
  if (!import.meta.env.PROD || !("serviceWorker" in navigator)) return;
  await new Promise<void>((resolve) => {
    whenIdle(resolve);
  });
  try {
    registration = await navigator.serviceWorker.register("/sw.js", { updateViaCache: "none" });
  } catch {
    // A private window, say: the client works, only not without a network.
    return;
  }
  const found = registration;
  if (found.waiting) void greet(found.waiting);
  found.addEventListener("updatefound", () => {
    const worker = found.installing;
    worker?.addEventListener("statechange", () => {
      // The first worker of all replaces nobody.
      if (worker.state === "installed" && found.active) void greet(worker);
    });
  });
  setInterval(lookForNewVersion, LOOK_EVERY);
  document.addEventListener("visibilitychange", lookForNewVersion);
  window.addEventListener("online", lookForNewVersion);
}

/** Asks the server whether there is a new version; at most once a minute. */
export function lookForNewVersion(): void {
  if (!registration || document.visibilityState === "hidden") return;
  if (Math.abs(performance.now() - lookedAt) < LOOK_AGAIN) return;
  lookedAt = performance.now();
  registration.update().catch(() => {
    // The server cannot be reached, or is being replaced.
  });
}

/** A worker that waits is the newer version's, or this page's own, which came from the server before it. */
async function greet(worker: ServiceWorker): Promise<void> {
  const version = await new Promise<unknown>((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = (event) => resolve(event.data);
    worker.postMessage("version", [port2]);
  });
  if (version === ownVersion()) worker.postMessage("activate");
  else announceNewVersion();
}

/** Forgets the pictures that the worker kept. */
export async function forgetFaces(): Promise<void> {
  // Pages over plain http have no caches.
  if ("caches" in window) await caches.delete("parlor-faces");
}
