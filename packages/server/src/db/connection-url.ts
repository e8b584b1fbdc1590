/**
 * The one way in which Parlor writes down where a database is: a URL, as libpq and psql read it. A Unix
 * socket's folder is the `host` parameter (`postgres://parlor@localhost/parlor?host=/run/x`), or the host
 * itself, percent-encoded; postgres.js knows neither, so they become its options here.
 */
export function socketFolder(url: string): string | undefined {
  const parsed = new URL(url);
  const host = parsed.searchParams.get("host") ?? decodeURIComponent(parsed.hostname);
  return host.startsWith("/") ? host : undefined;
}

/** The URL of a database behind a Unix socket. */
export function socketUrl(folder: string, user: string, database: string, port = 5432): string {
  return `postgres://${user}@localhost:${port}/${database}?host=${encodeURIComponent(folder)}`;
}

/** The same server, another database. */
export function withDatabase(url: string, database: string): string {
  const parsed = new URL(url);
  parsed.pathname = `/${encodeURIComponent(database)}`;
  return parsed.href;
}

/** Splits a URL into the address that postgres.js can read and the options that it can not. */
export function connectionOf(url: string): { readonly url: string; readonly options: { host?: string } } {
  const folder = socketFolder(url);
  const parsed = new URL(url);
  parsed.searchParams.delete("host");
  if (folder === undefined) return { url: parsed.href, options: {} };
  parsed.hostname = "localhost";
  return { url: parsed.href, options: { host: folder } };
}
