import * as z from "zod/mini";
import { Emoji } from "./emoji.js";
import { actErrors, endpoint, limit, roomErrors, roomId, userId } from "./endpoint.js";
import { Id, RoomId } from "./ids.js";
import { LIMITS } from "./limits.js";
import { Message, MessageCreate, MessageEdit, MessageVersion, SearchResult } from "./message.js";
import { cleanText, moment, wholeNumber } from "./text.js";

const messageId = z.object({ room_id: RoomId, message_id: Id });

/** `wait` in seconds: above 30 it is clamped, zero and below mean not to wait. */
const wait = z.optional(
  z.pipe(
    z.string().check(z.regex(/^-?\d{1,10}(\.\d{1,6})?$/, "must be a number of seconds")),
    z.transform((value: string) => Math.min(LIMITS.waitSeconds, Math.max(0, Number(value)))),
  ),
);

/** Routes of messages: history, search, and what is done with one. */
export const messageEndpoints = {
  listMessages: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/messages",
    tag: "messages",
    summary:
      "Read the newest messages, a page before, around or from a number or a moment, or what changed after a number",
    params: roomId,
    query: z.object({
      limit,
      before: z.optional(wholeNumber),
      after: z.optional(wholeNumber),
      around: z.optional(wholeNumber),
      from: z.optional(wholeNumber),
      at: z.optional(moment),
      epoch: z.optional(z.string().check(z.maxLength(100))),
      wait,
    }),
    reply: z.array(Message),
    errors: ["password_required", "forbidden", "cursor_reset", "overloaded"],
  }),
  postMessage: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/messages",
    tag: "messages",
    summary: "Store and publish a message; answered after its commit",
    params: roomId,
    body: MessageCreate,
    reply: Message,
    errors: [...roomErrors, "blank_content", "content_too_long", "unavailable", "overloaded"],
  }),
  editMessage: endpoint({
    method: "PATCH",
    path: "/rooms/{room_id}/messages/{message_id}",
    tag: "messages",
    summary: "Edit one's own message",
    params: messageId,
    body: MessageEdit,
    reply: Message,
    errors: [...roomErrors, "message_not_found", "forbidden", "blank_content", "content_too_long"],
  }),
  listEdits: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/messages/{message_id}/edits",
    tag: "messages",
    summary: "Former texts of an edited message, the newest first; for its author and the room's host",
    params: messageId,
    query: z.object({ user_id: z.optional(Id) }),
    reply: z.array(MessageVersion),
    errors: [...roomErrors, "message_not_found", "forbidden"],
  }),
  pinMessage: endpoint({
    method: "PUT",
    path: "/rooms/{room_id}/messages/{message_id}/pin",
    tag: "messages",
    summary: "Pin a message; the room's host may, where there is none every member",
    params: messageId,
    body: z.object({ user_id: z.optional(z.nullable(Id)) }),
    reply: Message,
    errors: [...roomErrors, "message_not_found", "forbidden", "pin_limit"],
  }),
  unpinMessage: endpoint({
    method: "DELETE",
    path: "/rooms/{room_id}/messages/{message_id}/pin",
    tag: "messages",
    summary: "Take a pin away",
    params: messageId,
    query: z.object({ user_id: z.optional(Id) }),
    reply: Message,
    errors: [...roomErrors, "message_not_found", "forbidden"],
  }),
  listPins: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/pins",
    tag: "messages",
    summary: "Pinned messages, the newest pin first; of long ones some at a time",
    params: roomId,
    query: z.object({ offset: z.optional(wholeNumber) }),
    reply: z.array(Message),
    errors: ["room_not_found", "password_required", "forbidden"],
  }),
  search: endpoint({
    method: "GET",
    path: "/search",
    tag: "messages",
    summary: "Search the messages of one room, or of all rooms that the caller is a member of",
    query: z.object({
      q: z.string().check(z.minLength(1), z.maxLength(LIMITS.searchLength), z.overwrite(cleanText)),
      room_id: z.optional(RoomId),
      from_user: z.optional(Id),
      before: z.optional(moment),
      after: z.optional(moment),
      limit: z.optional(
        z.pipe(
          z.string().check(z.regex(/^-?\d{1,16}$/, "must be a whole number")),
          z.transform((value: string) => Math.min(LIMITS.searchMax, Math.max(1, Number(value)))),
        ),
      ),
      cursor: z.optional(z.string().check(z.maxLength(1_000))),
    }),
    reply: SearchResult,
    errors: ["session_required", "room_not_found", "password_required", "forbidden", "overloaded"],
  }),
  listMentions: endpoint({
    method: "GET",
    path: "/users/{user_id}/mentions",
    tag: "messages",
    summary: "Messages that mention a user, the newest first; for the user's own session",
    params: userId,
    query: z.object({
      limit,
      before: z.optional(Id),
      room_id: z.optional(RoomId),
      after: z.optional(wholeNumber),
    }),
    reply: z.array(Message),
    errors: ["user_not_found", ...actErrors],
  }),
  deleteMessage: endpoint({
    method: "DELETE",
    path: "/rooms/{room_id}/messages/{message_id}",
    tag: "messages",
    summary: "Delete a message; its author and the room's host may",
    params: messageId,
    query: z.object({ user_id: z.optional(Id) }),
    reply: Message,
    errors: [...roomErrors, "message_not_found", "forbidden"],
  }),
  addReaction: endpoint({
    method: "PUT",
    path: "/rooms/{room_id}/messages/{message_id}/reactions/{emoji}",
    tag: "messages",
    summary: "React to a message",
    params: z.object({ room_id: RoomId, message_id: Id, emoji: Emoji }),
    body: z.object({ user_id: z.optional(z.nullable(Id)) }),
    reply: Message,
    errors: [...roomErrors, "message_not_found", "reaction_limit"],
  }),
  removeReaction: endpoint({
    method: "DELETE",
    path: "/rooms/{room_id}/messages/{message_id}/reactions/{emoji}",
    tag: "messages",
    summary: "Take a reaction back",
    params: z.object({ room_id: RoomId, message_id: Id, emoji: Emoji }),
    query: z.object({ user_id: z.optional(Id) }),
    reply: Message,
    errors: [...roomErrors, "message_not_found"],
  }),
};
