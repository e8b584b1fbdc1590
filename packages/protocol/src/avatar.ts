import * as z from "zod/mini";
import { cleanText } from "./text.js";

/** The four sizes of an avatar: name, and edge in pixels. */
export const AVATAR_SIZES = { thumbnail: 40, small: 80, medium: 200, large: 400 } as const;

/** Name of an avatar's size. */
export type AvatarSize = keyof typeof AVATAR_SIZES;

const url = z.optional(z.nullable(z.string().check(z.overwrite(cleanText))));

/** Absolute addresses of an avatar's sizes; one that is not known is missing. */
export const AvatarUrls = z.object({ thumbnail: url, small: url, medium: url, large: url });
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
