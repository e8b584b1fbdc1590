import { z } from "zod";

/** A number of Janus, or a name where its operator chose `string_ids`; it is only handed back. */
const Ref = z.union([z.number(), z.string()]);
export type Ref = z.infer<typeof Ref>;

const Jsep = z.object({ type: z.enum(["offer", "answer"]), sdp: z.string() });
/** A description of WebRTC as Janus takes and gives it. */
export type Jsep = z.infer<typeof Jsep>;

const Candidate = z.object({
  candidate: z.optional(z.string()),
  sdpMid: z.optional(z.string()),
  sdpMLineIndex: z.optional(z.number()),
  completed: z.optional(z.boolean()),
});
export type Candidate = z.infer<typeof Candidate>;

/** What the video room says; all that Parlor looks at. */
const RoomWords = z.object({
  videoroom: z.optional(z.string()),
  room: z.optional(Ref),
  /** Of the own publisher. */
  id: z.optional(Ref),
  error_code: z.optional(z.number()),
  error: z.optional(z.string()),
  streams: z.optional(
    z.array(
      z.object({
        mid: z.string(),
        feed_id: z.optional(Ref),
        feed_mid: z.optional(z.string()),
        active: z.optional(z.boolean()),
      }),
    ),
  ),
});
export type RoomWords = z.infer<typeof RoomWords>;

/** A message of Janus over its WebSocket, as far as Parlor reads it. Unknown fields are left out. */
export const JanusFrame = z.object({
  janus: z.string(),
  transaction: z.optional(z.string()),
  /** The handle that it is about. */
  sender: z.optional(z.number()),
  data: z.optional(z.object({ id: z.optional(z.number()) })),
  plugindata: z.optional(z.object({ data: RoomWords })),
  jsep: z.optional(Jsep),
  candidate: z.optional(Candidate),
  error: z.optional(z.object({ code: z.number(), reason: z.string() })),
  /** With `hangup`. */
  reason: z.optional(z.string()),
});
export type JanusFrame = z.infer<typeof JanusFrame>;
