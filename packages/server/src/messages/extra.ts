import type { Attachment, CallRecord, Message, RecordingNote, ReplyTo } from "@parlor/protocol";
import { type StoredAttachment, toAttachment } from "../files/attachment.js";

/**
 * What most messages do not have, in one column that is null for them. Every field is left out where it is not used;
 * a deletion clears all. `settle_extra` in the database drops what does not hold in the room.
 */
export interface MessageExtra {
  /** The id of the message that it answers, of the same room. */
  readonly reply_to?: string;
  /** Ids of people who are or were members of the room. */
  readonly mentions?: readonly string[];
  readonly mentions_room?: true;
  /** ISO time and user of the pin. */
  readonly pinned_at?: string;
  readonly pinned_by?: string;
  /** Ids of files on the way into the database, which answers with what they are. */
  readonly attachments?: readonly StoredAttachment[] | readonly string[];
  /** The database's word that an attachment does not hold: such a message is not stored. */
  readonly attachments_invalid?: true;
  /** It tells of a call. */
  readonly call?: CallRecord;
  /** It tells of a recording of a call. */
  readonly recording?: RecordingNote;
}

/** What a client may give beside the text of a message. */
export interface ExtraInput {
  readonly reply_to?: string | null | undefined;
  readonly mentions?: readonly string[] | null | undefined;
  readonly mentions_room?: boolean | null | undefined;
  readonly attachments?: readonly string[] | null | undefined;
}

/** The extra of a new message; `null` when it is a plain one. */
export function extraOf(input: ExtraInput): MessageExtra | null {
  return orNull({
    ...(input.reply_to ? { reply_to: input.reply_to } : {}),
    ...mentionsOf(input),
    ...(hasAttachments(input) ? { attachments: [...new Set(input.attachments)] } : {}),
  });
}

/** Whether a message brings files, so that it may have no text. */
export function hasAttachments({ attachments }: Pick<ExtraInput, "attachments">): boolean {
  return (attachments?.length ?? 0) > 0;
}

/** The mentions that a message brings, each person once. */
export function mentionsOf({ mentions, mentions_room }: Pick<ExtraInput, "mentions" | "mentions_room">) {
  return {
    ...(mentions && mentions.length > 0 ? { mentions: [...new Set(mentions)] } : {}),
    ...(mentions_room ? { mentions_room: true as const } : {}),
  };
}

/** An extra without fields is none. */
export function orNull(extra: MessageExtra): MessageExtra | null {
  return Object.keys(extra).length > 0 ? extra : null;
}

/** The fields of the wire that come from the extra. */
export function extraFields(extra: MessageExtra, replyTo: ReplyTo | undefined): Partial<Message> {
  const { mentions, mentions_room, pinned_at, pinned_by, attachments, call, recording } = extra;
  return {
    ...(replyTo ? { reply_to: replyTo } : {}),
    ...(mentions ? { mentions: [...mentions] } : {}),
    ...(mentions_room ? { mentions_room } : {}),
    ...(pinned_at ? { pinned_at } : {}),
    ...(pinned_by ? { pinned_by } : {}),
    ...(attachments ? { attachments: attachments.flatMap(shown) } : {}),
    ...(call ? { call } : {}),
    ...(recording ? { recording } : {}),
  };
}

function shown(attachment: StoredAttachment | string): Attachment[] {
  return typeof attachment === "string" ? [] : [toAttachment(attachment)];
}
