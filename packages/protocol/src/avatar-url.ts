const PLACEHOLDER = /^https?:\/\/(i\.pravatar\.cc\/|ui-avatars\.com\/)/i;

/**
 * Whether an address is a picture that a front end generated because it knew none. Such a one never displaces an
 * avatar that somebody chose.
 */
export function isPlaceholderAvatar(url: string): boolean {
  return PLACEHOLDER.test(url);
}

/** Whether an avatar's address is one that other people's browsers may load: http(s), and not too long. */
export function isAvatarUrl(url: string): boolean {
  return url.length <= 2_000 && /^https?:\/\/[^\s/?#\\"<>]+[^\s"<>]*$/i.test(url);
}
