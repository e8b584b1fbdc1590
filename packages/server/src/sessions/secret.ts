import { createHash, createHmac, randomBytes } from "node:crypto";

/** A new opaque secret with 192 random bits, for tokens, cookies and sign-in links. */
export function newSecret(): string {
  return randomBytes(24).toString("base64url");
}

/** How a secret is kept: its hash alone. The secrets are random, so a plain hash is enough. */
export function hashSecret(secret: string): string {
  return createHash("sha256").update(secret).digest("base64url");
}

/**
 * The cookie that belongs to a Bearer token. It follows from the token, so that an answer to any Bearer request can set
 * it again although the server keeps only hashes, and requests in parallel set the same one. `rotation` is raised
 * whenever the device's cookie must change, and the old value is dead.
 */
export function cookieSecretOf(token: string, rotation: number): string {
  return createHmac("sha256", token).update(`cookie:${rotation}`).digest("base64url");
}
