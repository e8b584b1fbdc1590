import { createHmac, timingSafeEqual } from "node:crypto";

/** Keys of one viewer are the same within such a time, so that a browser's copies stay good. */
const WINDOW = 60 * 60;

/** What a key opens, and by whose right. */
export interface FileKeyClaims {
  readonly roomId: string;
  /** The device that asked; its right is looked up anew with every use. `null`: nobody's. */
  readonly deviceId: string | null;
  /** The one user of the device, when the key was asked with that user's token. */
  readonly userId: string | null;
  /** Seconds since 1970 at which it ends. */
  readonly expires: number;
}

/** When a key that is made now ends: in one to two hours. */
export function expiryOf(now: number): number {
  return (Math.floor(now / 1000 / WINDOW) + 2) * WINDOW;
}

/** Signs a key. */
export function signKey(secret: string, { roomId, deviceId, userId, expires }: FileKeyClaims): string {
  const payload = Buffer.from(JSON.stringify([roomId, deviceId, userId, expires])).toString("base64url");
  return `${payload}.${signatureOf(secret, payload)}`;
}

/** What a key says, if it was signed here and has not ended; else `null`. */
export function readKey(secret: string, key: string, now: number): FileKeyClaims | null {
  const [payload = "", signature = "", ...rest] = key.split(".");
  if (rest.length > 0 || !isSame(signature, signatureOf(secret, payload))) return null;
  const [roomId, deviceId, userId, expires] = JSON.parse(Buffer.from(payload, "base64url").toString()) as [
    string,
    string | null,
    string | null,
    number,
  ];
  return expires * 1000 > now ? { roomId, deviceId, userId, expires } : null;
}

function signatureOf(secret: string, payload: string): string {
  return createHmac("sha256", secret).update(payload).digest("base64url");
}

function isSame(given: string, right: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}
