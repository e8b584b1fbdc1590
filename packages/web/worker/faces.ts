/** Pictures of people that are kept, the newest ones; src/lib/shell.ts drops them at logout. */
const FACES = "parlor-faces";
const MOST = 300;

/** A picture that is kept; its address tells its content. */
export async function keptFace(request: Request): Promise<Response | undefined> {
  return await (await caches.open(FACES)).match(request, { ignoreVary: true });
}

/** Keeps a picture; beyond 300 of them the oldest goes. */
export async function keepFace(request: Request, answer: Response): Promise<void> {
  const cache = await caches.open(FACES);
  await cache.put(request, answer);
  const kept = await cache.keys();
  await Promise.all(kept.slice(0, Math.max(0, kept.length - MOST)).map((old) => cache.delete(old)));
}
