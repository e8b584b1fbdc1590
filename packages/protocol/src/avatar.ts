import * as z from "zod/mini";

/** The four sizes of an avatar: name, and edge in pixels. */
export const AVATAR_SIZES = { thumbnail: 40, small: 80, medium: 200, large: 400 } as const;

/** Name of an avatar's size. */
export type AvatarSize = keyof typeof AVATAR_SIZES;

/** Absolute addresses of an avatar's sizes; one that is not known is missing. */
export const AvatarUrls = z.object({
  thumbnail: z.optional(z.nullable(z.string())),
  small: z.optional(z.nullable(z.string())),
  medium: z.optional(z.nullable(z.string())),
  large: z.optional(z.nullable(z.string())),
});
export type AvatarUrls = z.infer<typeof AvatarUrls>;

/** Answer to an upload. */
export const AvatarUploaded = z.object({
  success: z.literal(true),
  avatar_urls: z.object({ thumbnail: z.string(), small: z.string(), medium: z.string(), large: z.string() }),
  avatar_url: z.string(),
  total_size_mb: z.number(),
  filename: z.string(),
  size_mb: z.number(),
  message: z.string(),
});

/** Answer to `GET /avatars/health`. */
export const AvatarHealth = z.object({
  status: z.string(),
  bunny_net_configured: z.boolean(),
  storage_zone: z.nullable(z.string()),
  cdn_hostname: z.nullable(z.string()),
  timestamp: z.string(),
});

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
