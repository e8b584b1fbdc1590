import { randomUUID } from "node:crypto";

/**
 * Pictures are stored as paths and answered as absolute addresses, below `PUBLIC_URL` or else below the address that
 * the reader used. Services write this mark where the address belongs; the edges (HTTP answers, frames) replace it.
 * It is random, so that no text of a user can contain it.
 */
export const BASE_MARK = `parlor-base-${randomUUID()}`;

/** Puts the mark before a path of ours; an address of elsewhere stays. */
export function atBase(url: string | null): string | null {
  return url?.startsWith("/") ? BASE_MARK + url : url;
}

/** Replaces the mark in an encoded answer by the reader's address (no slash at its end). */
export function withBase(text: string, base: string): string {
  return text.includes(BASE_MARK) ? text.replaceAll(BASE_MARK, () => base) : text;
}

/** The path of an address that is ours (as a client gives it back); an address of elsewhere stays as it is. */
export function withoutBase(url: string, base: string): string {
  return url.startsWith(`${base}/avatars/`) ? url.slice(base.length) : url;
}

/** Whether a text is the path of a picture that this server keeps, bounded and without a way out of its folder. */
export function isOwnPicture(path: string): boolean {
  return /^\/avatars\/[\w.-]{1,200}$/.test(path);
}
