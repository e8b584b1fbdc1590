import * as z from "zod/mini";
import { AvatarUrls } from "./avatar.js";
import { Id } from "./ids.js";
import { LIMITS } from "./limits.js";
import { label, text } from "./text.js";
import { Profile } from "./user.js";

/** Who may read and join: everyone, those who have the link, those who know the password. */
export const Privacy = z.enum(["public", "private", "password"]);
export type Privacy = z.infer<typeof Privacy>;

/** Who made the room, as the seeds' front end shows it. */
export const RoomHost = z.object({
  id: z.string(),
  username: z.optional(z.nullable(z.string())),
  avatar_url: z.optional(z.nullable(z.string())),
  avatar_urls: z.optional(z.nullable(AvatarUrls)),
});
export type RoomHost = z.infer<typeof RoomHost>;

/** A room; never its password. */
export const Room = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.string(),
  /** Ids of members, the newest 100. */
  users: z.array(z.string()),
  thumbnail_url: z.nullable(z.string()),
  category: z.nullable(z.string()),
  description: z.nullable(z.string()),
  tags: z.array(z.string()),
  privacy: Privacy,
  max_members: z.nullable(z.number()),
  created_by: z.nullable(z.string()),
  host: z.nullable(RoomHost),
  /** Whether a session of its host was there when it was made: only then the host deletes it and puts people out. */
  host_proven: z.boolean(),
  memberCount: z.number(),
  onlineCount: z.number(),
});
export type Room = z.infer<typeof Room>;

const picture = z.optional(z.nullable(text({ max: LIMITS.thumbnailLength })));

/** Body of `POST /rooms`. */
export const RoomCreate = z.object({
  name: label({ min: 1, max: LIMITS.roomNameLength }),
  thumbnail_url: picture,
  category: z.optional(z.nullable(text({ max: 100 }))),
  description: z.optional(z.nullable(text({ max: 5_000 }))),
  tags: z.optional(z.nullable(z.array(text({ max: 100 })).check(z.maxLength(50)))),
  privacy: z.optional(z.nullable(Privacy)),
  max_members: z.optional(z.nullable(z.int().check(z.minimum(1), z.maximum(1_000_000)))),
  password: z.optional(z.nullable(z.string().check(z.maxLength(LIMITS.passwordLength)))),
  created_by: z.optional(z.nullable(Id)),
  host: z.optional(
    z.nullable(
      z.object({
        id: z.optional(z.nullable(Id)),
        username: z.optional(z.nullable(text({ max: 200 }))),
        avatar_url: picture,
        avatar_urls: z.optional(
          z.nullable(z.object({ thumbnail: picture, small: picture, medium: picture, large: picture })),
        ),
      }),
    ),
  ),
});
export type RoomCreate = z.infer<typeof RoomCreate>;

/** Body of `PATCH /rooms/{id}`: what it does not name stays; `null` and an empty text clear. */
export const RoomUpdate = z.object({
  name: z.optional(label({ min: 1, max: LIMITS.roomNameLength })),
  description: RoomCreate.shape.description,
  category: RoomCreate.shape.category,
  user_id: z.optional(z.nullable(Id)),
});
export type RoomUpdate = z.infer<typeof RoomUpdate>;

/** What a room's host changes of it, as `room_updated` tells it. */
export type RoomWords = Pick<Room, "name" | "description" | "category">;

/** Somebody who was put out of a room. */
export const BannedPerson = z.extend(Profile, { banned_at: z.string() });
export type BannedPerson = z.infer<typeof BannedPerson>;

/** Body of `POST /rooms/{id}/join`. */
export const RoomJoin = z.object({
  user_id: Id,
  username: z.optional(z.nullable(text({ max: LIMITS.usernameLength }))),
  avatar_url: z.optional(z.nullable(z.string())),
  password: z.optional(z.nullable(z.string().check(z.maxLength(LIMITS.passwordLength)))),
});
export type RoomJoin = z.infer<typeof RoomJoin>;

/** Answer to a join. */
export const RoomJoined = z.object({
  status: z.literal("success"),
  room_id: z.string(),
  user_id: z.string(),
  message: z.string(),
});

/** Body of `POST /rooms/{id}/verify-password`. */
export const RoomPassword = z.object({ password: z.string().check(z.maxLength(LIMITS.passwordLength)) });

/** Answer to `POST /rooms/{id}/verify-password`. */
export const RoomPasswordVerified = z.object({
  success: z.literal(true),
  valid: z.literal(true),
  room_id: z.string(),
});
