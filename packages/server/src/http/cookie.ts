import type { IncomingHttpHeaders } from "node:http";

/** 400 days, the longest that browsers keep a cookie. */
const MAX_AGE = 34_560_000;

/** The value of a cookie, or `null`. */
export function readCookie(headers: IncomingHttpHeaders, name: string): string | null {
  for (const part of (headers.cookie ?? "").split(";")) {
    const at = part.indexOf("=");
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim() || null;
  }
  return null;
}

/**
 * The `Set-Cookie` of a device session. Over https it must reach the server from a front end on another site, so it is
 * `SameSite=None; Partitioned`; over http browsers refuse that, and `localhost:3000` is the same site.
 */
export function deviceCookie(name: string, value: string, base: string): string {
  const place = base.startsWith("https:") ? "SameSite=None; Secure; Partitioned" : "SameSite=Lax";
  return `${name}=${value}; Path=/; Max-Age=${MAX_AGE}; HttpOnly; ${place}`;
}

/** The token of an `Authorization: Bearer` header, or `null`. */
export function readBearer(headers: IncomingHttpHeaders): string | null {
  const match = /^Bearer +([A-Za-z0-9._~+/=-]{1,500})$/i.exec(headers.authorization ?? "");
  return match?.[1] ?? null;
}
