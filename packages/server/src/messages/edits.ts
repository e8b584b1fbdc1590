import { LIMITS, type MessageVersion } from "@parlor/protocol";
import type { Query, TransactionSql } from "../db/database.js";
import { type ExtraInput, mentionsOf, orNull } from "./extra.js";
import { replaceMentions, settleExtra } from "./mentions.js";
import type { MessageChange, MessageRow } from "./store.js";

/** What an edit brings; mentions that are not given stay. */
export interface EditInput extends Pick<ExtraInput, "mentions" | "mentions_room"> {
  readonly content: string;
}

/** What an edit changes of a message, whose former text is kept; `null` when it is the same again. */
export async function applyEdit(
  tx: TransactionSql,
  row: MessageRow,
  edit: EditInput,
): Promise<MessageChange | null> {
  const extra = await editedExtra(tx, row, edit);
  const sameMentions =
    JSON.stringify(mentionsOf(extra ?? {})) === JSON.stringify(mentionsOf(row.extra ?? {}));
  if (edit.content === row.content && sameMentions) return null;
  if (!sameMentions) await replaceMentions(tx, row, extra);
  const mentions = sameMentions ? {} : { extra };
  if (edit.content === row.content) return mentions;
  const now = new Date();
  await keepVersion(tx, row, now);
  return { content: edit.content, edited_at: now, ...mentions };
}

async function editedExtra(tx: TransactionSql, row: MessageRow, edit: EditInput) {
  if (edit.mentions == null && edit.mentions_room == null) return row.extra;
  const { mentions, mentions_room, ...others } = row.extra ?? {};
  const wanted = mentionsOf({
    mentions: edit.mentions ?? mentions,
    mentions_room: edit.mentions_room ?? mentions_room,
  });
  const settled = Object.keys(wanted).length > 0 ? await settleExtra(tx, row, wanted) : null;
  return orNull({ ...others, ...settled });
}

async function keepVersion(tx: TransactionSql, row: MessageRow, replacedAt: Date): Promise<void> {
  await tx`
    insert into message_edits (message_id, updated_seq, content, written_at, replaced_at)
    values (${row.id}, ${row.updated_seq}, ${row.content}, ${row.edited_at ?? row.created_at}, ${replacedAt})`;
  await tx`
    delete from message_edits e using (
      select updated_seq, row_number() over newest as place, sum(length(content)) over newest as units
      from message_edits where message_id = ${row.id} window newest as (order by updated_seq desc)) kept
    where e.message_id = ${row.id} and e.updated_seq = kept.updated_seq
      and (kept.place > ${LIMITS.edits} or kept.units > ${LIMITS.editUnits})`;
}

/** Forgets the former texts of a message. */
export async function clearVersions(tx: TransactionSql, messageId: string): Promise<void> {
  await tx`delete from message_edits where message_id = ${messageId}`;
}

/** The former texts of a message that are kept, the newest first. */
export async function versionsOf(sql: Query, messageId: string): Promise<MessageVersion[]> {
  const rows = await sql<{ content: string; written_at: Date; replaced_at: Date }[]>`
    select content, written_at, replaced_at from message_edits
    where message_id = ${messageId} order by updated_seq desc limit ${LIMITS.edits}`;
  return rows.map(({ content, written_at, replaced_at }) => ({
    content,
    timestamp: written_at.toISOString(),
    replaced_at: replaced_at.toISOString(),
  }));
}
