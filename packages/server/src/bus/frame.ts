import type { ServerFrame } from "@parlor/protocol";

/**
 * A frame on its way to a room: encoded once. Its addresses of pictures still carry the base mark, since they depend on
 * the reader (see `base-address`).
 */
export interface RoomFrame {
  readonly json: string;
  /** Only for clients that came with a cursor; the seeds' clients would show it as a notice. */
  readonly resumeOnly: boolean;
  /** Not for this user's sockets. */
  readonly exceptUserId: string | null;
  /** The change's number, when the frame is one of the room's log. */
  readonly seq: number | null;
  /** The profile that the frame tells, when it tells one. */
  readonly profile: { readonly userId: string; readonly rev: number } | null;
}

/** Encodes a frame for a room. */
export function roomFrame(
  frame: ServerFrame,
  options: { resumeOnly?: boolean; exceptUserId?: string; seq?: number } = {},
): RoomFrame {
  return {
    json: JSON.stringify(frame),
    resumeOnly: options.resumeOnly ?? false,
    exceptUserId: options.exceptUserId ?? null,
    seq: options.seq ?? null,
    profile:
      frame.type === "profile_updated" || frame.type === "avatar_updated"
        ? { userId: frame.user_id, rev: frame.profile_rev }
        : null,
  };
}
