import type { AvatarSize } from "@parlor/protocol";

/** Edge in pixels and JPEG quality of each size that is uploaded. */
export const AVATAR_EDGES = {
  thumbnail: { edge: 40, quality: 0.85 },
  small: { edge: 80, quality: 0.85 },
  medium: { edge: 200, quality: 0.88 },
  large: { edge: 400, quality: 0.9 },
} as const satisfies Record<AvatarSize, { edge: number; quality: number }>;
