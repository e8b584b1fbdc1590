// What src/boot.js asked the server for before this program was there.

declare global {
  /** Answers by path, each to be taken once. */
  var parlorEarly: Record<string, Promise<Response>> | undefined;
}

/** Like `fetch`, but takes the answer of a request that the page has begun already. */
export async function fetchEarly(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
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
