import { isPlaceholderAvatar, type Message, type ReplyTo } from "@parlor/protocol";
import { atBase } from "../base-address.js";
import type { Query } from "../db/database.js";
import type { UsersService } from "../users/service.js";
import { chosenAvatar, type UserRow } from "../users/user.js";
import { extraFields } from "./extra.js";
import { resolveReplies } from "./replies.js";
import type { MessageRow } from "./store.js";

/**
 * A stored message with its author's profile of now. The picture is, in this order: the profile's or the newest real
 * one given at a join, the message's own, a placeholder. Without an author's row the stored copy serves. `replyTo` is
 * the message that it answers, as it is now.
 */
function toMessage(row: MessageRow, author: UserRow | undefined, replyTo: ReplyTo | undefined): Message {
  const own = row.avatar_url;
  const ownIsReal = own !== null && !isPlaceholderAvatar(own);
  const chosen = author ? chosenAvatar(author) : null;
  const avatar = atBase(chosen ?? (ownIsReal ? own : (author?.placeholder_url ?? own)));
  const message: Message = {
    type: "message",
    id: row.id,
    room_id: row.room_id,
    user_id: row.user_id,
    username: author?.shown_name ?? row.username,
    content: row.content,
    timestamp: row.created_at.toISOString(),
    avatar,
    avatar_url: avatar,
    seq: row.seq,
    updated_seq: row.updated_seq,
    profile_rev: author?.profile_rev ?? 0,
    client_id: row.client_id,
    reactions: row.reactions ?? [],
    edited_at: row.edited_at?.toISOString() ?? null,
    deleted_at: row.deleted_at?.toISOString() ?? null,
  };
  if (row.kind !== null) message.kind = row.kind;
  return row.extra === null ? message : { ...message, ...extraFields(row.extra, replyTo) };
}

/** Stored messages as REST and frames carry them, in their order. */
export async function toMessages(
  parts: { sql: Query; users: UsersService },
  rows: readonly MessageRow[],
): Promise<Message[]> {
  const authors = await parts.users.rows(rows.map((row) => row.user_id));
  const replies = await resolveReplies(parts, rows);
  return rows.map((row) => toMessage(row, authors.get(row.user_id), replies.get(row.extra?.reply_to ?? "")));
}
