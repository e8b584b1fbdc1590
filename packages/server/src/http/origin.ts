/** Decides which origins may talk to this server from a browser. */
export interface OriginPolicy {
  /** Whether an `Origin` header is allowed; `base` is the server's own address for this reader. */
  allows(origin: string | undefined, base: string): boolean;
  /** Whether an `Origin` is on the operator's list, whatever address the request came to. */
  allowsListed(origin: string | undefined): boolean;
}

/** Exact matches only: the whitelist, and the server's own origin. */
export function createOriginPolicy(allowed: readonly string[]): OriginPolicy {
  const whitelist = new Set(allowed);
  return {
    allowsListed: (origin) => origin !== undefined && whitelist.has(origin),
    allows: (origin, base) => origin !== undefined && (whitelist.has(origin) || origin === originOf(base)),
  };
}

function originOf(base: string): string | null {
  return URL.canParse(base) ? new URL(base).origin : null;
}
