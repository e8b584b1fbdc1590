import * as z from "zod/mini";
import { ClientId, Id } from "./ids.js";
import { LIMITS } from "./limits.js";
import { cleanText, text } from "./text.js";

/** One emoji on a message: `count` is exact, `user_ids` the first 200. */
export const Reaction = z.object({ emoji: z.string(), count: z.number(), user_ids: z.array(z.string()) });
export type Reaction = z.infer<typeof Reaction>;

/** A message as REST and frames carry it. A deleted one is a tombstone: `deleted_at`, empty content. */
export const Message = z.object({
  type: z.literal("message"),
  id: z.string(),
  room_id: z.string(),
  user_id: z.string(),
  /** The author's shown name now. */
  username: z.string(),
  content: z.string(),
  timestamp: z.string(),
  /** The author's picture now; `avatar` and `avatar_url` are equal. */
  avatar: z.nullable(z.string()),
  avatar_url: z.nullable(z.string()),
  /** Number of the message's creation in its room. */
  seq: z.number(),
  /** Number of its newest change; equal to `seq` at first. */
  updated_seq: z.number(),
  profile_rev: z.number(),
  /** What the author's client called it. In REST answers only for the author. */
  client_id: z.optional(z.nullable(z.string())),
  /** The `type` that its author gave it, when it was another than `message`. */
  kind: z.optional(z.string()),
  reactions: z.array(Reaction),
  edited_at: z.nullable(z.string()),
  deleted_at: z.nullable(z.string()),
});
export type Message = z.infer<typeof Message>;

/** Text of a message. Blank text and text above 100,000 units have errors of their own, so the type is all here. */
export const Content = z.string().check(z.overwrite(cleanText));

/** Body of `POST /rooms/{id}/messages`. */
export const MessageCreate = z.object({
  user_id: Id,
  username: z.optional(z.nullable(text({ max: LIMITS.usernameLength }))),
  content: Content,
  avatar_url: z.optional(z.nullable(z.string())),
  type: z.optional(z.nullable(text({ max: 50 }))),
  client_id: z.optional(z.nullable(ClientId)),
  password: z.optional(z.nullable(z.string().check(z.maxLength(LIMITS.passwordLength)))),
});
export type MessageCreate = z.infer<typeof MessageCreate>;

/** Body of `PATCH /rooms/{id}/messages/{message_id}`. An open guest says who it is; a session needs no `user_id`. */
export const MessageEdit = z.object({ content: Content, user_id: z.optional(z.nullable(Id)) });

/** An emoji: a short text without white space. */
export const Emoji = z
  .string()
  .check(
    z.overwrite(cleanText),
    z.minLength(1),
    z.maxLength(32),
    z.regex(/^[^\s\p{Cc}]+$/u, "must be an emoji"),
  );
