import { isPlaceholderAvatar, type Message } from "@parlor/protocol";
import { atBase } from "../base-address.js";
import { chosenAvatar, type UserRow } from "../users/user.js";
import type { MessageRow } from "./store.js";

/**
 * A stored message with its author's profile of now. The picture is, in this order: the profile's or the newest real
 * one given at a join, the message's own, a placeholder. Without an author's row the stored copy serves.
 */
export function toMessage(row: MessageRow, author: UserRow | undefined): Message {
  const own = row.avatar_url;
  const ownIsReal = own !== null && !isPlaceholderAvatar(own);
  const chosen = author ? chosenAvatar(author) : null;
  const avatar = atBase(chosen ?? (ownIsReal ? own : (author?.placeholder_url ?? own)));
  return {
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
    ...(row.kind === null ? {} : { kind: row.kind }),
    reactions: row.reactions ?? [],
    edited_at: row.edited_at?.toISOString() ?? null,
    deleted_at: row.deleted_at?.toISOString() ?? null,
  };
}
