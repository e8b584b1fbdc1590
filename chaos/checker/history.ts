import type { Api, MessagePage } from "@parlor/client";
import type { Message, Reaction } from "@parlor/protocol";
import type postgres from "postgres";
import type { HistoryRow, StoredRoom } from "./record.js";

const PAGE = 500;

/** A message of the wire as the checker compares it. */
export function toRow(message: Message): HistoryRow {
  return {
    id: message.id,
    seq: message.seq,
    updatedSeq: message.updated_seq,
    author: message.user_id,
    clientId: message.client_id ?? null,
    content: message.content,
    isDeleted: message.deleted_at !== null,
    reactions: reactionsOf(message.reactions),
  };
}

/** The whole history of a room, by `seq`, read backwards page by page. */
export async function readPages(api: Api, room: string): Promise<Message[]> {
  let messages: Message[] = [];
  for (let before = Number.MAX_SAFE_INTEGER; ; before = messages[0]?.seq ?? 0) {
    const page: MessagePage = await api.fetchMessages(room, { before, limit: PAGE });
    if (page.messages.length === 0) return messages;
    messages = [...page.messages, ...messages];
  }
}

interface StoredMessage {
  readonly id: string;
  readonly seq: string;
  readonly updated_seq: string;
  readonly user_id: string;
  readonly client_id: string | null;
  readonly content: string;
  readonly is_deleted: boolean;
  readonly reactions: Reaction[] | null;
}

/** A room as its tables hold it, past everything that the server could do to it. */
export async function readStored(sql: postgres.Sql, room: string): Promise<StoredRoom> {
  return await sql.begin("isolation level repeatable read read only", async (tx) => {
    const [head] = await tx<{ head_seq: string }[]>`select head_seq from parlor.rooms where id = ${room}`;
    const rows = await tx<StoredMessage[]>`
      select m.id, m.seq, m.updated_seq, m.user_id, m.client_id, m.content, m.deleted_at is not null as is_deleted,
        (select jsonb_agg(jsonb_build_object('emoji', emoji, 'user_ids', jsonb_build_array(user_id)))
          from parlor.reactions where message_id = m.id) as reactions
      from parlor.messages m where m.room_id = ${room} order by m.seq`;
    const users = await tx<{ id: string; shown_name: string }[]>`select id, shown_name from parlor.users`;
    return {
      room,
      head: Number(head?.head_seq ?? 0),
      rows: rows.map(fromStored),
      names: new Map(users.map(({ id, shown_name }) => [id, shown_name])),
    };
  });
}

function fromStored(row: StoredMessage): HistoryRow {
  return {
    id: row.id,
    seq: Number(row.seq),
    updatedSeq: Number(row.updated_seq),
    author: row.user_id,
    clientId: row.client_id,
    content: row.content,
    isDeleted: row.is_deleted,
    reactions: reactionsOf(row.reactions ?? []),
  };
}

function reactionsOf(reactions: readonly Pick<Reaction, "emoji" | "user_ids">[]): string {
  return reactions
    .flatMap(({ emoji, user_ids }) => user_ids.map((id) => `${emoji} ${id}`))
    .sort()
    .join("\n");
}
