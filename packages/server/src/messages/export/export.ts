import type { Message } from "@parlor/protocol";
import type { Query } from "../../db/database.js";
import type { RoomRow } from "../../rooms/service.js";
import type { UsersService } from "../../users/service.js";
import { toMessages } from "../message.js";
import * as store from "../store.js";
import type { ExportedRoom } from "./exported-room.js";
import { toHtml } from "./html.js";

/** What is in memory at one time. */
const PAGE = { rows: 50, bytes: 1024 * 1024 };

/** Writes a room's whole history, piece by piece; as fast as it is read, with a page of it in memory. */
export async function* exportRoom(
  parts: { sql: Query; users: UsersService },
  room: RoomRow,
  format: "json" | "html",
): AsyncGenerator<string> {
  const about: ExportedRoom = {
    id: room.id,
    name: room.name,
    description: room.description,
    created_at: room.created_at.toISOString(),
    exported_at: new Date().toISOString(),
  };
  const messages = allMessages(parts, room);
  yield* format === "html" ? toHtml(about, messages) : toJson(about, messages);
}

/** All messages that were stored when the room was read, by `seq`, in their newest state, tombstones too. */
async function* allMessages(
  parts: { sql: Query; users: UsersService },
  room: RoomRow,
): AsyncGenerator<Message> {
  for (let from = 1; ; ) {
    const rows = await store.messagesFrom(parts.sql, room.id, from, PAGE);
    for (const message of await toMessages(parts, rows)) {
      if (message.seq > room.head_seq) return;
      // What its author's client called a message is the author's alone.
      const { client_id: _, ...shown } = message;
      yield shown;
      from = message.seq + 1;
    }
    if (rows.length === 0) return;
  }
}

async function* toJson(room: ExportedRoom, messages: AsyncIterable<Message>): AsyncGenerator<string> {
  const { exported_at, ...rest } = room;
  yield `{"room":${JSON.stringify(rest)},\n"exported_at":${JSON.stringify(exported_at)},\n"messages":[`;
  let separator = "\n";
  for await (const message of messages) {
    yield separator + JSON.stringify(message);
    separator = ",\n";
  }
  yield "\n]}\n";
}
