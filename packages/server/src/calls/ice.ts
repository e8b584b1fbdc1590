import { createHmac } from "node:crypto";
import type { IceServers } from "@parlor/protocol";
import type { TurnConfig } from "../config.js";

/** Milliseconds for which TURN credentials are good. */
const LIFETIME = 60 * 60 * 1000;

export type Ice = ReturnType<typeof createIce>;

/** Makes credentials as coturn's `use-auth-secret` checks them: nothing is stored, and they end by themselves. */
export function createIce({ stunUrls, turnUrls, secret }: TurnConfig) {
  return {
    /** The servers for a user. */
    serversFor(userId: string, now = Date.now()): IceServers {
      const stun = stunUrls.length > 0 ? [{ urls: [...stunUrls] }] : [];
      if (turnUrls.length === 0 || secret === null) return { ice_servers: stun, expires_at: null };
      const expiry = Math.floor((now + LIFETIME) / 1000);
      const username = `${expiry}:${userId}`;
      const credential = createHmac("sha1", secret).update(username).digest("base64");
      return {
        ice_servers: [...stun, { urls: [...turnUrls], username, credential }],
        expires_at: new Date(expiry * 1000).toISOString(),
      };
    },
  };
}
