import type { ServerFrame } from "@parlor/protocol";

/**
 * A frame on its way to a room: encoded once. Its addresses of pictures still carry the base mark, since they depend on
 * the reader (see `base-address`).
 */
export interface RoomFrame {
  readonly json: string;
  /** Only for clients that came with a cursor; the seeds' clients would show it as a notice. */
  readonly resumeOnly: boolean;
  /**
   * Only for clients without a cursor, and of them for those whose socket came into its room after one and up to another
   * (see `Connection.arrival`).
   */
  readonly plain: { readonly after: number; readonly upTo: number } | null;
  /** Whether it tells how far all goes, so that a loss before it shows. */
  readonly isHeartbeat: boolean;
  /** Also for the inboxes of the room's members. */
  readonly toInboxes: boolean;
  /** Not for this user's sockets. */
  readonly exceptUserId: string | null;
  /** The change's number, when the frame is one of the room's log. */
  readonly seq: number | null;
  /** When the change was committed here, by `performance.now()`; for metrics. */
  readonly committedAt: number | null;
  /** The profile that the frame tells, when it tells one. */
  readonly profile: { readonly userId: string; readonly rev: number } | null;
}

/** Encodes a frame for a room. */
export function roomFrame(
  frame: ServerFrame,
  options: {
    resumeOnly?: boolean;
    toInboxes?: boolean;
    plain?: { after: number; upTo: number };
    exceptUserId?: string;
    seq?: number;
    committedAt?: number | null;
  } = {},
): RoomFrame {
  return {
    json: JSON.stringify(frame),
    resumeOnly: options.resumeOnly ?? false,
    plain: options.plain ?? null,
    isHeartbeat: frame.type === "heartbeat",
    toInboxes: options.toInboxes ?? false,
    exceptUserId: options.exceptUserId ?? null,
    seq: options.seq ?? null,
    committedAt: options.committedAt ?? null,
    profile:
      frame.type === "profile_updated" || frame.type === "avatar_updated"
        ? { userId: frame.user_id, rev: frame.profile_rev }
        : null,
  };
}
