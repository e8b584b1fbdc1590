import * as z from "zod/mini";
import { Emoji } from "./emoji.js";
import type { ErrorCode } from "./errors.js";
import { Id } from "./ids.js";
import { LIMITS } from "./limits.js";

/**
 * One tab in a call: chosen by the client, random, kept while it is in the call. A user on two devices is two legs. Who
 * comes back with it within {@link TIMING.callGrace} is the same participant.
 */
export const LegId = z
  .string()
  .check(z.regex(/^[A-Za-z0-9_-]{8,64}$/, "must be 8 to 64 letters, digits, _ or -"));

/** What a leg sends to the others. */
export const CallMedia = z.object({ audio: z.boolean(), video: z.boolean(), screen: z.boolean() });
export type CallMedia = z.infer<typeof CallMedia>;

/** A description of WebRTC as it goes over the wire. */
const CallDescription = z.object({ type: z.enum(["offer", "answer"]), sdp: z.string() });

/** A candidate of WebRTC; an empty `candidate` says that there are no more. */
const CallCandidate = z.object({
  candidate: z.string().check(z.maxLength(2_000)),
  sdpMid: z.optional(z.nullable(z.string().check(z.maxLength(100)))),
  sdpMLineIndex: z.optional(z.nullable(z.int().check(z.minimum(0), z.maximum(1_000)))),
  usernameFragment: z.optional(z.nullable(z.string().check(z.maxLength(300)))),
});

/**
 * What two legs of a mesh tell each other: a description, a candidate, or `reset` (the sender knows nothing of the
 * connection that the last signal was for: make a new one). `pair` names the sender's peer connection, `to_pair` the
 * receiver's as far as it is known, so that nothing of an old connection is taken for a new one.
 */
export const CallSignal = z.object({
  pair: LegId,
  to_pair: z.nullable(LegId),
  description: z.optional(CallDescription),
  candidate: z.optional(CallCandidate),
  reset: z.optional(z.literal(true)),
  /** To a media server alone: makes a description for another way on the receiving connection. */
  restart: z.optional(z.literal(true)),
});
export type CallSignal = z.infer<typeof CallSignal>;

/**
 * Ends of signals where a media server carries the call, in place of a leg's id: the connection over which a leg sends,
 * described by the leg, and the one over which it gets everybody else, described by the server. No leg has such an id.
 */
export const CALL_SERVER = { sends: "server-takes", receives: "server-gives" } as const;

/** What of a leg goes over a line of a connection. The order is that of the lines of a connection that sends. */
export const CALL_SLOTS = ["voice", "camera", "screen", "sound"] as const;
export type CallSlot = (typeof CALL_SLOTS)[number];

/** Whose media a line of the receiving connection carries from a description on. */
export interface CallStream {
  readonly mid: string;
  readonly leg_id: string;
  readonly slot: CallSlot;
}

/** A signal as it arrives; the descriptions of a media server say whose media they are about. */
export interface CallSignalIn extends CallSignal {
  readonly streams?: readonly CallStream[];
}

/** How large a picture is wanted where its sender offers several: 0 the smallest, 2 the largest. */
export type CallLayer = 0 | 1 | 2;

/**
 * What a moderator may do. With a target: `mute`, `stop-video`, `stop-screen`, `lower-hand`, `remove` (for this call), and
 * `admit` or `deny` for who waits in the lobby. Without: `lock` (nobody else comes in), `lobby` (who comes is asked
 * about), their ends, `record` and `stop-recording`, and `end` for all.
 */
export const CallAction = z.enum([
  "mute",
  "stop-video",
  "stop-screen",
  "lower-hand",
  "remove",
  "admit",
  "deny",
  "lock",
  "unlock",
  "lobby",
  "no-lobby",
  "record",
  "stop-recording",
  "end",
]);
export type CallAction = z.infer<typeof CallAction>;

/** Frames of a call from a client; they need a socket with a cursor. */
export const callClientFrames = [
  z.object({
    type: z.literal("call-join"),
    leg_id: LegId,
    media: CallMedia,
    /** Comes back into this call and no other; without it: into the room's call, which is begun when there is none. */
    call_id: z.optional(z.nullable(Id)),
    /** With `call_id`: who carried it; a server that began anew takes up the call there. */
    mode: z.optional(z.nullable(z.enum(["mesh", "janus"]))),
  }),
  z.object({ type: z.literal("call-leave") }),
  z.object({ type: z.literal("call-media"), media: CallMedia }),
  z.object({ type: z.literal("call-hand"), raised: z.boolean() }),
  z.object({ type: z.literal("call-reaction"), emoji: Emoji }),
  z.object({ type: z.literal("call-signal"), to: LegId, signal: CallSignal }),
  /** The media of all others flows as this generation carries it: the connections of the former one may go. */
  z.object({ type: z.literal("call-ready"), generation: z.int().check(z.minimum(1), z.maximum(1_000_000)) }),
  /** How large the cameras of others are wanted; who is not named stays as before. */
  z.object({
    type: z.literal("call-wants"),
    layers: z
      .array(z.object({ leg_id: LegId, layer: z.union([z.literal(0), z.literal(1), z.literal(2)]) }))
      .check(z.maxLength(LIMITS.callLegsServed)),
  }),
  /** The client shows that this recording goes on: what it sends is recorded from here on, and not before. */
  z.object({ type: z.literal("call-told"), recording: Id }),
  z.object({ type: z.literal("call-moderate"), action: CallAction, target: z.optional(z.nullable(LegId)) }),
  z.object({
    type: z.literal("call-ring"),
    /** Members of the room; without them everybody else in it, where they are at most 32. */
    user_ids: z.optional(z.nullable(z.array(Id).check(z.maxLength(LIMITS.callRinging)))),
  }),
] as const;

/** Who carries the media: the clients among themselves, or a server for many. */
export type CallMode = "mesh" | "janus";

/** A leg as those in the call see it. */
export interface CallLeg {
  readonly leg_id: string;
  readonly user_id: string;
  readonly username: string;
  /** Grows with each leg that comes; of two legs the one with the larger number makes the first offer. */
  readonly order: number;
  readonly joined_at: string;
  readonly media: CallMedia;
  /** The order in which hands were raised; `null`: down. */
  readonly hand: number | null;
  /** Its WebSocket is lost: it has a few seconds to come back, and its media may well go on. */
  readonly away: boolean;
  readonly moderator: boolean;
  /** The newest generation of the call whose media it says to have; 0 at first. */
  readonly generation: number;
}

/** Somebody who waits in the lobby. */
export interface CallGuest {
  readonly leg_id: string;
  readonly user_id: string;
  readonly username: string;
}

/** A recording that goes on. It is said before anything is recorded. */
export interface CallRecording {
  readonly id: string;
  /** The user who began it. */
  readonly by: string;
  readonly started_at: string;
}

/** What everybody in the room knows of its call, in it or not. */
export interface CallInfo {
  readonly call_id: string;
  /** Renewed when the server that held the call began anew; `rev` counts within it. */
  readonly epoch: string;
  readonly rev: number;
  readonly mode: CallMode;
  /** Grows when another one carries the media from now on; within an `epoch`. */
  readonly generation: number;
  readonly started_at: string;
  readonly started_by: string;
  readonly locked: boolean;
  readonly lobby: boolean;
  /** `null`: the call is not recorded. */
  readonly recording: CallRecording | null;
  /** Whether nobody else can come in. */
  readonly full: boolean;
  /** Ids of the users who are in it, each once, in the order of coming. */
  readonly people: readonly string[];
  /** Ids of those whom it rings at the moment. */
  readonly ringing: readonly string[];
}

/** The whole state of a call as those in it get it. The newest `rev` of an `epoch` wins. */
export interface CallSnapshot extends Omit<CallInfo, "people" | "full"> {
  readonly legs: readonly CallLeg[];
  /** Who waits in the lobby; told to moderators alone. */
  readonly waiting: readonly CallGuest[];
  /** Whether this server can record it; a moderator says `record`. */
  readonly recordable: boolean;
}

/** Why a leg is not in the call any more. */
export type CallLeftReason =
  /** It said so. */
  | "left"
  /** A moderator removed it; its user can not come back into this call. */
  | "removed"
  /** A moderator did not let it in. */
  | "denied"
  /** The same leg came over another socket. */
  | "replaced"
  /** Its user left the room, or may not be there any more. */
  | "left_room"
  /** It was away for too long. */
  | "expired"
  /** The call ended for all. */
  | "ended";

interface InCall {
  room_id: string;
  call_id: string;
}

/** Frames of calls from the server; only for clients with a cursor. */
export type CallServerFrame =
  /** To everybody in the room, and to the inboxes of its members: its call, or that there is none any more. */
  | { type: "call-info"; room_id: string; call: CallInfo | null }
  /** To a leg: the answer to its join, and again after every change. */
  | { type: "call-state"; room_id: string; you: string; call: CallSnapshot }
  /** To a leg that waits in the lobby. */
  | (InCall & { type: "call-waiting"; leg_id: string })
  /** To a leg that is out, where it still has a socket. */
  | (InCall & { type: "call-left"; leg_id: string; reason: CallLeftReason })
  /** To one leg from another, or from a media server ({@link CALL_SERVER}). */
  | (InCall & { type: "call-signal"; from: string; signal: CallSignalIn })
  /** To the leg that a moderator acted on. */
  | (InCall & { type: "call-moderated"; action: CallAction; by: string })
  | (InCall & { type: "call-reaction"; leg_id: string; emoji: string })
  | {
      type: "call-error";
      room_id: string;
      /** The frame that is refused. */
      of: string;
      /** The leg that it was for, where it named one. */
      target?: string;
      code: ErrorCode;
      detail: string;
      retry: boolean;
    };

/** A call in the history: what the message of its begin carries. `timestamp` of the message is when it began. */
export const CallRecord = z.object({
  /** `null` while it goes on, and when the server ended with it and nobody came back. */
  ended_at: z.nullable(z.string()),
  /** Ids of those who took part, the first 50. */
  people: z.array(z.string()),
  /** Ids of those whom it rang and who neither came nor declined. */
  missed: z.array(z.string()),
  declined: z.array(z.string()),
});
export type CallRecord = z.infer<typeof CallRecord>;

/** A recording of a call in the history: what the message with its file, or without one, carries. */
export const RecordingNote = z.object({
  id: z.string(),
  call_id: z.string(),
  started_at: z.string(),
  duration_ms: z.number(),
  /** Whether there is a file; `empty`: nothing was sent meanwhile; `failed`: it could not be made ready. */
  outcome: z.enum(["kept", "empty", "failed"]),
  /** What ended it: a moderator or the end of the call, a bound of the server, or its restart. */
  ended: z.enum(["stopped", "bound", "restart"]),
});
export type RecordingNote = z.infer<typeof RecordingNote>;

/** A server that helps two clients to reach each other, as `RTCPeerConnection` takes it. */
export const IceServer = z.object({
  urls: z.array(z.string()),
  username: z.optional(z.string()),
  credential: z.optional(z.string()),
});

/** Answer to `GET /rooms/{id}/ice-servers`. */
export const IceServers = z.object({
  ice_servers: z.array(IceServer),
  /** When the credentials end; `null` where there are none. */
  expires_at: z.nullable(z.string()),
});
export type IceServers = z.infer<typeof IceServers>;
