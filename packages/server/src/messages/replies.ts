import { LIMITS, type ReplyTo } from "@parlor/protocol";
import type { Query } from "../db/database.js";
import type { UsersService } from "../users/service.js";
import type { MessageRow } from "./store.js";
import * as store from "./store.js";

/** The messages that `rows` answer, by id, in their newest state. Asks the database only where there are answers. */
export async function resolveReplies(
  parts: { sql: Query; users: UsersService },
  rows: readonly MessageRow[],
): Promise<ReadonlyMap<string, ReplyTo>> {
  const ids = new Set(rows.flatMap((row) => row.extra?.reply_to ?? []));
  if (ids.size === 0) return new Map();
  const originals = await store.findMessages(parts.sql, [...ids]);
  const authors = await parts.users.rows(originals.map((row) => row.user_id));
  return new Map(
    originals.map((row) => {
      const username = authors.get(row.user_id)?.shown_name ?? row.username;
      const { id, seq, updated_seq, user_id } = row;
      const content = beginOf(row.content, LIMITS.replyContent);
      return [id, { id, seq, updated_seq, user_id, username, content, deleted: row.deleted_at !== null }];
    }),
  );
}

/** The first `units` UTF-16 units, without half of a pair at the end. */
export function beginOf(text: string, units: number): string {
  const begin = text.slice(0, units);
  return /[\ud800-\udbff]$/.test(begin) ? begin.slice(0, -1) : begin;
}
