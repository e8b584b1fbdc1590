/** Where to go after signing in: only a path of this site, whatever the address says. */
export function nextPath(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  return /^\/(?![/\\])/.test(next) ? next : "/";
}

/** An address that comes back to the page of now. */
export function withNext(page: "/login" | "/signup", path: string): string {
  return path === "/" ? page : `${page}?next=${encodeURIComponent(path)}`;
}
