import * as z from "zod/mini";
import type { AvatarUrls } from "./avatar.js";
import { type CallInfo, type CallServerFrame, callClientFrames } from "./call.js";
import type { ErrorCode } from "./errors.js";
import { ClientId, Id } from "./ids.js";
import { LIMITS } from "./limits.js";
import { Content, type Message, messageExtras } from "./message.js";
import type { MessagePreview, NotificationLevel, Receipt } from "./reading.js";
import type { RoomWords } from "./room.js";
import { text } from "./text.js";
import type { Profile } from "./user.js";

/** Frames from a client in a room. A frame without `type` is a message. Unknown fields are ignored. */
export const ClientFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("message"),
    content: Content,
    client_id: z.optional(z.nullable(ClientId)),
    ...messageExtras,
    avatar: z.optional(z.unknown()),
  }),
  z.object({ type: z.literal("keep_alive") }),
  z.object({ type: z.literal("ping") }),
  z.object({ type: z.literal("pong") }),
  z.object({ type: z.literal("typing_start") }),
  z.object({ type: z.literal("typing_stop") }),
  z.object({ type: z.literal("profile_updated") }),
  z.object({ type: z.literal("avatar_updated") }),
  z.object({
    type: z.literal("webrtc-signal"),
    target_user_id: Id,
    signal: z.looseObject({ type: z.optional(z.string()) }),
  }),
  z.object({ type: z.literal("broadcast-started") }),
  z.object({ type: z.literal("broadcast-stopped") }),
  ...callClientFrames,
]);
export type ClientFrame = z.infer<typeof ClientFrame>;
/** A frame of a call. */
export type CallClientFrame = Extract<ClientFrame, { type: `call-${string}` }>;

/** Frames from a client on `/ws/dm/{user}`. */
export const DirectClientFrame = z.discriminatedUnion("type", [
  z.object({
    type: z.literal("dm_message"),
    receiver_id: Id,
    content: Content,
    client_id: z.optional(z.nullable(ClientId)),
  }),
  z.object({ type: z.literal("dm_typing"), receiver_id: Id, is_typing: z.optional(z.boolean()) }),
  z.object({ type: z.literal("dm_read"), sender_id: Id }),
  z.object({ type: z.literal("message"), content: z.optional(z.unknown()) }),
  z.object({ type: z.literal("keep_alive") }),
  z.object({ type: z.literal("ping") }),
  z.object({ type: z.literal("pong") }),
]);
export type DirectClientFrame = z.infer<typeof DirectClientFrame>;

/** Query of `/ws/{room_id}/{user_id}`. A client of the seeds sends none from `after` on. */
export const SocketQuery = z.object({
  username: z.optional(text({ max: LIMITS.usernameLength })),
  avatar_url: z.optional(z.string()),
  after: z.optional(z.string()),
  epoch: z.optional(z.string()),
  profiles_after: z.optional(z.string()),
  profiles: z.optional(z.string()),
  online: z.optional(z.string()),
  online_hash: z.optional(z.string()),
});

/** Who is connected, for the seeds' clients. */
export interface RoomStateUser {
  user_id: string;
  username: string;
  avatar_url: string | null;
}

/** Somebody who came, as a gathered `presence` tells it. */
export type PresentUser = Pick<Profile, "user_id" | "username" | "avatar_url" | "profile_rev">;

interface Stamp {
  room_id: string;
  timestamp: string;
}

/** A message of a private conversation as the seeds' front end reads it. */
export interface DirectMessage {
  id: string;
  room_id: string;
  sender_id: string;
  sender_username: string;
  sender_avatar: string | null;
  receiver_id: string;
  content: string;
  timestamp: string;
  seq: number;
  client_id?: string | null;
}

/** Every frame that the server sends. */
export type ServerFrame =
  | CallServerFrame
  | (Stamp & {
      type: "user_joined";
      user_id: string;
      username: string;
      message: string;
      avatar_url: string | null;
      /** Of the profile that it shows; 0 where it is not known. */
      profile_rev?: number;
    })
  | (Stamp & { type: "user_left"; user_id: string; username: string; message: string })
  | (Stamp & { type: "room_state"; users: RoomStateUser[] })
  | (Message & { repeat?: true })
  | (Stamp & { type: "typing_start" | "typing_stop"; user_id: string; username: string })
  | (Stamp & {
      type: "profile_updated" | "avatar_updated";
      user_id: string;
      username: string;
      prevUsername: string;
      avatar: string | null;
      avatar_url: string | null;
      avatar_urls: AvatarUrls | null;
      bio: string | null;
      profile_rev: number;
    } & Pick<Profile, "status_emoji" | "status_text" | "status_until">)
  | {
      type: "webrtc-signal";
      room_id: string;
      target_user_id: string;
      from_user_id: string;
      from_username: string;
      signal: unknown;
    }
  | (Stamp & { type: "broadcast-started" | "broadcast-stopped"; user_id: string; username: string })
  | (Stamp & {
      type: "active-broadcasts";
      broadcasters: { user_id: string; username: string; started_at: string }[];
    })
  | {
      type: "error";
      code: ErrorCode;
      message: string;
      detail: string;
      retry: boolean;
      client_id?: string;
    }
  | { type: "ping" | "pong" }
  | {
      type: "welcome";
      room_id: string;
      user_id: string;
      session_id: string;
      epoch: string;
      head_seq: number;
      reset: boolean;
      /** Ids of those who are here; `null` for a client whose `online` and `online_hash` told the same. */
      online: string[] | null;
      profiles_rev: number;
      /** As in `heartbeat`, when this socket came in. */
      profiles_told?: number;
      profiles: Profile[];
      more_profiles: boolean;
      /** The room's call. */
      call: CallInfo | null;
      server_time: string;
    }
  | ({ type: "room_updated"; room_id: string } & RoomWords)
  | { type: "message_updated"; room_id: string; message: Message }
  | { type: "message_deleted"; room_id: string; id: string; seq: number; updated_seq: number }
  | {
      type: "synced";
      room_id: string;
      head_seq: number;
      /** Frames of the log that came since `welcome`: with fewer of them something was lost on the way. */
      count: number;
    }
  | {
      type: "progress";
      room_id: string;
      /** All up to here has come. */
      head_seq: number;
      /** Frames of the log that came since `welcome`. */
      count: number;
    }
  | { type: "presence"; room_id: string; joined: PresentUser[]; left: string[] }
  | {
      type: "heartbeat";
      room_id: string;
      head_seq: number;
      /** Frames with profiles (`profile_updated`, `avatar_updated`) that were sent in this room so far. */
      profiles_told?: number;
      /** How many people are here, as the frames before this one told it. */
      online?: number;
      /** `presenceHash` of their ids. */
      online_hash?: number;
    }
  | { type: "receipt"; room_id: string; receipts: Receipt[] }
  | { type: "inbox_ready"; user_id: string; server_time: string }
  | {
      type: "room_activity";
      room_id: string;
      head_seq: number;
      /** The head before this gathering: where a client knows a newer one, it knows a part of this. */
      after_seq?: number;
      /** New messages of others in this gathering; what else changed (an edit, a deletion) counts none. */
      messages: number;
      /** The newest of them; `null` when there is none, or where it is not told (password rooms). */
      last_message: MessagePreview | null;
      mentions_me: boolean;
      /** The newest that mentions the user, where that is another one than the newest. */
      mention?: MessagePreview;
    }
  | { type: "room_read"; room_id: string; read_seq: number }
  | { type: "room_level"; room_id: string; level: NotificationLevel }
  | { type: "room_added" | "room_removed"; room_id: string }
  | { type: "room_deleted"; room_id: string }
  | { type: "profile"; profile: Profile }
  | { type: "session_ended" }
  | { type: "dm_message"; message: DirectMessage; repeat?: true }
  | { type: "dm_typing"; sender_id: string; sender_username: string; is_typing: boolean }
  | { type: "dm_read"; reader_id: string; sender_id: string; timestamp: string };

/** A frame of one type, also of one that shares its fields with another. */
export type ServerFrameOf<T extends ServerFrame["type"]> = ServerFrame extends infer F
  ? F extends { type: infer U }
    ? T extends U
      ? F & { type: T }
      : never
    : never
  : never;
