import * as z from "zod/mini";
import { CallRecord, RecordingNote } from "./call.js";
import { Attachment, FileId } from "./file.js";
import { ClientId, Id } from "./ids.js";
import { LIMITS } from "./limits.js";
import { cleanText, text } from "./text.js";

/** One emoji on a message: `count` is exact, `user_ids` the first 200. */
export const Reaction = z.object({ emoji: z.string(), count: z.number(), user_ids: z.array(z.string()) });
export type Reaction = z.infer<typeof Reaction>;

/** The message that another one answers, as it is when the answer is read. A deleted one has no content. */
export const ReplyTo = z.object({
  id: z.string(),
  seq: z.number(),
  /** The newest of two copies has the larger one. */
  updated_seq: z.number(),
  user_id: z.string(),
  username: z.string(),
  /** Its first 200 UTF-16 units. */
  content: z.string(),
  deleted: z.boolean(),
});
export type ReplyTo = z.infer<typeof ReplyTo>;

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
  // What follows is left out of the messages that have none.
  reply_to: z.optional(ReplyTo),
  /** Ids of the people whom it mentions. */
  mentions: z.optional(z.array(z.string())),
  /** It mentions everybody in the room. */
  mentions_room: z.optional(z.boolean()),
  pinned_at: z.optional(z.string()),
  pinned_by: z.optional(z.string()),
  attachments: z.optional(z.array(Attachment)),
  /** It tells of a call; only the server writes it. `id` is the id of the call. */
  call: z.optional(CallRecord),
  /** It tells of a recording of a call; only the server writes it. The file is its attachment. */
  recording: z.optional(RecordingNote),
});
export type Message = z.infer<typeof Message>;

/** Text of a message. Blank text and text above 100,000 units have errors of their own, so the type is all here. */
export const Content = z.string().check(z.overwrite(cleanText));

/** Whom a message mentions: at most 50 people. */
export const Mentions = z.array(Id).check(z.maxLength(LIMITS.mentions));

/**
 * What a message may bring beside its text, over REST and in frames. An original that is not in the room, people who
 * never were members and a mention of the room by somebody else than its host are left out, and the message is sent.
 */
export const messageExtras = {
  /** The id of the message that it answers. */
  reply_to: z.optional(z.nullable(Id)),
  mentions: z.optional(z.nullable(Mentions)),
  mentions_room: z.optional(z.nullable(z.boolean())),
  /**
   * Ids of finished uploads of its author in this room, each sent once; with them the text may be blank. One that does
   * not hold is refused (`attachment_invalid`): a message must not lose its picture on the way.
   */
  attachments: z.optional(z.nullable(z.array(FileId).check(z.maxLength(LIMITS.attachments)))),
};

/** Body of `POST /rooms/{id}/messages`. */
export const MessageCreate = z.object({
  user_id: Id,
  username: z.optional(z.nullable(text({ max: LIMITS.usernameLength }))),
  content: Content,
  avatar_url: z.optional(z.nullable(z.string())),
  type: z.optional(z.nullable(text({ max: 50 }))),
  client_id: z.optional(z.nullable(ClientId)),
  ...messageExtras,
  password: z.optional(z.nullable(z.string().check(z.maxLength(LIMITS.passwordLength)))),
});
export type MessageCreate = z.infer<typeof MessageCreate>;

/**
 * Body of `PATCH /rooms/{id}/messages/{message_id}`. An open guest says who it is; a session needs no `user_id`. Without
 * `mentions` those of before stay.
 */
export const MessageEdit = z.object({
  content: Content,
  user_id: z.optional(z.nullable(Id)),
  mentions: messageExtras.mentions,
  mentions_room: messageExtras.mentions_room,
});

/** A message that a search found: a part of its text, and what was found in it. */
export const SearchHit = z.object({
  message: Message,
  /** A part of the content around the first place. */
  text: z.string(),
  /** Places `[start, end)` in `text`, in UTF-16 units. */
  ranges: z.array(z.tuple([z.number(), z.number()])),
});
export type SearchHit = z.infer<typeof SearchHit>;

/** Answer to `GET /search`. */
export const SearchResult = z.object({
  hits: z.array(SearchHit),
  /** Ask with it for what follows; `null` at the end. */
  cursor: z.nullable(z.string()),
  /** Time ran out before everything was looked at. */
  partial: z.boolean(),
});

/** Answer to `GET /rooms/{id}/export`: all messages by `seq`, in their newest state, tombstones too. */
export const RoomExport = z.object({
  room: z.object({
    id: z.string(),
    name: z.string(),
    description: z.nullable(z.string()),
    created_at: z.string(),
  }),
  exported_at: z.string(),
  messages: z.array(Message),
});

/** A former text of a message that was edited. */
export const MessageVersion = z.object({
  content: z.string(),
  /** When it was written. */
  timestamp: z.string(),
  /** When the next text took its place. */
  replaced_at: z.string(),
});
export type MessageVersion = z.infer<typeof MessageVersion>;
