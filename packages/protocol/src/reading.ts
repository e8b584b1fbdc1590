import * as z from "zod/mini";
import { AttachmentKind } from "./file.js";
import { Id } from "./ids.js";
import { Privacy, Room, RoomHost } from "./room.js";
import { Profile } from "./user.js";

/** What of a room reaches its reader's attention: everything, mentions alone, nothing. */
export const NotificationLevel = z.enum(["all", "mentions", "none"]);
export type NotificationLevel = z.infer<typeof NotificationLevel>;

/** The newest message of a room, in short. */
export const MessagePreview = z.object({
  id: z.string(),
  seq: z.number(),
  user_id: z.string(),
  username: z.string(),
  /** The begin of its text, at most 200 characters. */
  content: z.string(),
  timestamp: z.string(),
  /** What its first file is; `null` without files. */
  attachment: z.nullable(AttachmentKind),
  /** What it tells of instead of being somebody's words; clients say that in their reader's language. */
  about: z.nullable(z.enum(["call", "missed_call", "recording"])),
});
export type MessagePreview = z.infer<typeof MessagePreview>;

/** A room or conversation in its user's list. */
export const RoomSummary = z.object({
  id: z.string(),
  kind: z.enum(["room", "direct"]),
  name: z.string(),
  thumbnail_url: z.nullable(z.string()),
  privacy: Privacy,
  created_by: z.nullable(z.string()),
  host: z.nullable(RoomHost),
  /** As of a `Room`. */
  host_proven: z.boolean(),
  /** Of a conversation, the other person. */
  other: z.nullable(Profile),
  memberCount: z.number(),
  onlineCount: z.number(),
  joined_at: z.string(),
  epoch: z.string(),
  head_seq: z.number(),
  /** The number up to which the user has read. */
  read_seq: z.number(),
  /** Messages of others after it, deleted ones left out; 1,000 stands for as many or more. */
  unread: z.number(),
  /** Those of them that mention the user or everybody. */
  mentions: z.number(),
  /** `null` in an empty room, and in a password room that is not open to the caller. */
  last_message: z.nullable(MessagePreview),
  level: NotificationLevel,
});
export type RoomSummary = z.infer<typeof RoomSummary>;

/** The private room of two people as a room, so that the screens of rooms show it. */
export const DirectRoom = z.extend(Room, { kind: z.literal("direct"), other: Profile });
export type DirectRoom = z.infer<typeof DirectRoom>;

const actor = z.optional(z.nullable(Id));

/** Body of `PUT /rooms/{room_id}/read`. */
export const ReadUpdate = z.object({ seq: z.int().check(z.minimum(0)), user_id: actor });
/** Answer to it. */
export const ReadState = z.object({
  room_id: z.string(),
  head_seq: z.number(),
  read_seq: z.number(),
  unread: z.number(),
  mentions: z.number(),
});
export type ReadState = z.infer<typeof ReadState>;

/** Body of `PUT /rooms/{room_id}/notifications`. */
export const LevelUpdate = z.object({ level: NotificationLevel, user_id: actor });
/** Answer to it. */
export const LevelState = z.object({ room_id: z.string(), level: NotificationLevel });

/** Body of routes that say nothing but who acts. */
export const ActorBody = z.object({ user_id: actor });

/** Body of `POST /users/{user_id}/direct`. */
export const DirectOpen = z.object({ with: Id });

/** How far somebody has read, where they tell it. */
export const Receipt = z.object({ user_id: z.string(), seq: z.number() });
export type Receipt = z.infer<typeof Receipt>;
