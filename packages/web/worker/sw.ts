import { keepFace, keptFace } from "./faces.js";
import { cachedPage, dropOldShells, installShell, isPage, keptAsset, SHELL } from "./shell.js";

declare const self: ServiceWorkerGlobalScope;

/** A network that has not brought the page by then is as good as none, where the page is kept. */
const PAGE_WITHIN = 3_000;

self.addEventListener("install", (event) => event.waitUntil(installShell()));

self.addEventListener("activate", (event) => {
  event.waitUntil(
    Promise.all([
      dropOldShells(),
      // The network is asked for a page while this worker still starts.
      self.registration.navigationPreload?.enable(),
      // The page that brought the first worker has it from now on.
      self.clients.claim(),
    ]),
  );
});

self.addEventListener("message", (event) => {
  const { data } = event as ExtendableMessageEvent & { data: unknown };
  if (data === "version") event.ports[0]?.postMessage(SHELL.version);
  if (data === "activate") void self.skipWaiting();
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (request.mode === "navigate") {
    if (isPage(pathname)) event.respondWith(answerPage(event));
  } else if (pathname.startsWith("/assets/")) {
    event.respondWith(keptAsset(request));
  } else if (/^\/avatars\/[0-9a-f]{32}-/.test(pathname)) {
    event.respondWith(answerFace(event));
  }
});

/**
 * The page comes from the server, so that a new version is there with the next load whatever is kept here. Only a server
 * that cannot be reached, or a proxy that says so, is stood in for.
 */
async function answerPage(event: FetchEvent): Promise<Response> {
  const kept = await cachedPage();
  if (!kept) return await fetch(event.request);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<Response>((resolve) => {
    timer = setTimeout(() => resolve(kept), PAGE_WITHIN);
  });
  try {
    const answer = await Promise.race([fromNetwork(event), late]);
    return answer.status >= 500 ? kept : answer;
  } catch {
    return kept;
  } finally {
    clearTimeout(timer);
  }
}

async function fromNetwork(event: FetchEvent): Promise<Response> {
  const preloaded: unknown = await event.preloadResponse;
  return preloaded instanceof Response ? preloaded : await fetch(event.request);
}

async function answerFace(event: FetchEvent): Promise<Response> {
  const kept = await keptFace(event.request);
  if (kept) return kept;
  const answer = await fetch(event.request);
  if (answer.ok && answer.type === "basic") event.waitUntil(keepFace(event.request, answer.clone()));
  return answer;
}
