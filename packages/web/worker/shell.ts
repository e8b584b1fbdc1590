/** What the build knows of this version of the client; see scripts/web-shell.mjs. */
interface Shell {
  /** A hash of all its files. */
  readonly version: string;
  /** Files that are kept from the start. */
  readonly core: readonly string[];
  /** Large files that are kept once they were used. */
  readonly extra: readonly string[];
}

declare const PARLOR_SHELL: Shell;

/** This version of the client. */
export const SHELL = PARLOR_SHELL;

const PREFIX = "parlor-shell-";
const NAME = PREFIX + SHELL.version;
/** All addresses of the client have one page, kept under this one. */
const PAGE = "/";
const PAGES = /^\/($|r\/[^/]+\/?$|login$|signup$|settings$)/;

/** Whether an address is one of the client's pages; sign-in links are not, they are for the server alone. */
export function isPage(pathname: string): boolean {
  return PAGES.test(pathname);
}

/**
 * Brings the whole version, or fails, and the browser tries again later: half a version is never kept. Files that
 * another version has are taken from there; their names tell their content.
 */
export async function installShell(): Promise<void> {
  const cache = await caches.open(NAME);
  await Promise.all(SHELL.core.map(async (path) => await cache.put(path, await readFile(path))));
  const page = await fetch(PAGE, { headers: { accept: "text/html" }, cache: "no-store" });
  // While a new version is put in place, the page may still be the old one.
  if (!page.ok || !(await page.clone().text()).includes(SHELL.version)) {
    throw new Error("The page is of another version than its worker.");
  }
  await cache.put(PAGE, page);
}

async function readFile(path: string): Promise<Response> {
  const known = await caches.match(path, { ignoreVary: true });
  if (known) return known;
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(`${path} is not there: ${answer.status}`);
  return answer;
}

/** The page of this version. */
export async function cachedPage(): Promise<Response | undefined> {
  return await (await caches.open(NAME)).match(PAGE, { ignoreVary: true });
}

/** A file of any version that is kept, else the server's. */
export async function keptAsset(request: Request): Promise<Response> {
  const kept = await caches.match(request, { ignoreVary: true });
  if (kept) return kept;
  const answer = await fetch(request);
  if (answer.ok && SHELL.extra.includes(new URL(request.url).pathname)) {
    const copy = answer.clone();
    // A full disk keeps nobody from reading on.
    void caches.open(NAME).then((cache) => cache.put(request, copy).catch(() => {}));
  }
  return answer;
}

/** Drops the versions before the last one: pages that are still open were begun with that or this one. */
export async function dropOldShells(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PREFIX) && name !== NAME);
  await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
}
