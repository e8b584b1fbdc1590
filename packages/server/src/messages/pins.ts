import { LIMITS, ParlorError } from "@parlor/protocol";
import type { Query, TransactionSql } from "../db/database.js";
import { orNull } from "./extra.js";
import { type MessageChange, type MessageRow, messagesWithin } from "./store.js";

/** Who pins a message, or takes its pin away. */
export interface PinInput {
  readonly userId: string;
  readonly present: boolean;
}

/** What a pin changes of a message; `null` when it is so already. The room is locked. */
export async function applyPin(
  tx: TransactionSql,
  row: MessageRow,
  pin: PinInput,
): Promise<MessageChange | null> {
  const { pinned_at, pinned_by, ...others } = row.extra ?? {};
  if ((pinned_at !== undefined) === pin.present) return null;
  if (!pin.present) return { extra: orNull(others) };
  const [count] = await tx<{ pins: number }[]>`
    select count(*) as pins from messages where room_id = ${row.room_id} and extra ? 'pinned_at'`;
  if ((count?.pins ?? 0) >= LIMITS.pins) throw new ParlorError("pin_limit");
  return { extra: { ...others, pinned_at: new Date().toISOString(), pinned_by: pin.userId } };
}

/** A room's pinned messages from a place in their list on, the newest pin first; about `bytes` of text. */
export async function pinnedMessages(
  sql: Query,
  roomId: string,
  offset: number,
  bytes: number,
): Promise<MessageRow[]> {
  const found = sql`
    select id, row_number() over (order by extra ->> 'pinned_at' desc, seq desc) as place from messages
    where room_id = ${roomId} and extra ? 'pinned_at' order by place offset ${offset} limit ${LIMITS.pins}`;
  return await messagesWithin(sql, found, { bytes });
}
