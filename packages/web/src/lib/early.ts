// What src/boot.js asked the server for before this program was there.

declare global {
  /** Answers by path, each to be taken once. */
  var parlorEarly: Record<string, Promise<Response>> | undefined;
  /** Who was remembered when they were asked for. */
  var parlorEarlyFor: string | undefined;
}

/** Milliseconds after which the page's begin is long ago: what nobody took by then is old. */
const EARLY_FOR = 60_000;

/** Forgets the answers that nobody took, unless the page is of the one for whom they were asked. */
export function keepEarlyFor(userId: string | null): void {
  if (userId !== globalThis.parlorEarlyFor) globalThis.parlorEarly = undefined;
}

/** Like `fetch`, but takes the answer of a request that the page has begun already. */
export async function fetchEarly(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  if (performance.now() > EARLY_FOR) globalThis.parlorEarly = undefined;
  const early = globalThis.parlorEarly ?? {};
  const path = Object.keys(early).find((one) => String(input) === location.origin + one);
  const begun = init?.method === "GET" && path !== undefined ? early[path] : undefined;
  if (path === undefined || !begun) return await fetch(input, init);
  delete early[path];
  const { signal } = init ?? {};
  signal?.throwIfAborted();
  const aborted = new Promise<never>((_, reject) => {
    signal?.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return await Promise.race([begun.catch(() => fetch(input, init)), aborted]);
}
