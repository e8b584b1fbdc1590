import { randomUUID } from "node:crypto";

/**
 * Pictures are stored as paths and answered as absolute addresses, below `PUBLIC_URL` or else below the address that
 * the reader used. Services write this mark where the address belongs; the edges (HTTP answers, frames) replace it.
 * It is random, so that no text of a user can contain it.
 */
export const BASE_MARK = `parlor-base-${randomUUID()}`;

/** Puts the mark before the path of a picture of ours; any other text stays. */
export function atBase<T extends string | null | undefined>(url: T): T | string {
  return url && isOwnPicture(url) ? BASE_MARK + url : url;
}

/** Replaces the mark in an encoded answer by the reader's address (no slash at its end). */
export function withBase(text: string, base: string): string {
  return text.includes(BASE_MARK) ? text.replaceAll(BASE_MARK, () => base) : text;
}

/** The path of a picture of ours, as a client gives its address back; any other text stays. */
export function withoutBase<T extends string | null | undefined>(url: T, base: string): T | string {
  const path = url?.startsWith(base) ? url.slice(base.length) : "";
  return isOwnPicture(path) ? path : url;
}

/** The same for the sizes of a picture, by `change`: {@link atBase} or {@link withoutBase}. */
export function mapUrls<U extends Record<string, string | null | undefined>>(
  urls: U,
  change: (url: string) => string,
): U {
  const mapped = Object.entries(urls).map(([size, url]) => [size, url ? change(url) : url]);
  return Object.fromEntries(mapped) as U;
}

/** Whether a text is the path of a picture that this server keeps, bounded and without a way out of its folder. */
export function isOwnPicture(path: string): boolean {
  return /^\/avatars\/[\w.-]{1,200}$/.test(path);
}
