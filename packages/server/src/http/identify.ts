import type { IncomingMessage } from "node:http";
import { hashSecret } from "../sessions/secret.js";
import type { Credentials, SessionsService } from "../sessions/service.js";
import type { Caller } from "../users/caller.js";
import { type AddressConfig, baseOf, ipOf } from "./address.js";
import { deviceCookie, readBearer, readCookie } from "./cookie.js";
import type { OriginPolicy } from "./origin.js";

/** Reads who sends an HTTP request or a WebSocket handshake, the same way for both. */
export interface Identify {
  readonly cookieName: string;
  readonly address: AddressConfig;
  readonly origins: OriginPolicy;
  /** The caller. `token` is one that came by another way than the `Authorization` header. */
  caller(request: IncomingMessage, token?: string | null): Promise<Caller>;
  /** A digest of all that a caller is found by, and of what else is given; no secret can be read from it. */
  digest(request: IncomingMessage, token: string | null, others: readonly (string | null)[]): string;
  /** The `Set-Cookie` that an answer to this caller carries, or `null`. */
  setCookie(caller: Caller): string | null;
}

/** Makes the reader of credentials. */
export function createIdentify(parts: {
  sessions: SessionsService;
  cookieName: string;
  address: AddressConfig;
  origins: OriginPolicy;
}): Identify {
  const { sessions, cookieName, address, origins } = parts;
  function credentialsOf(request: IncomingMessage, token: string | null): Credentials {
    const base = baseOf(request, address);
    return {
      token: readBearer(request.headers) ?? token,
      cookie: readCookie(request.headers, cookieName),
      base,
      ip: ipOf(request, address),
      fromAllowedOrigin: origins.allows(request.headers.origin, base),
    };
  }
  return {
    cookieName,
    address,
    origins,
    caller: async (request, token = null) => await sessions.resolve(credentialsOf(request, token)),
    digest(request, token, others) {
      const { ip: _, ...credentials } = credentialsOf(request, token);
      return hashSecret(JSON.stringify([credentials, others]));
    },
    setCookie: (caller) =>
      caller.newCookie === null ? null : deviceCookie(cookieName, caller.newCookie, caller.base),
  };
}
