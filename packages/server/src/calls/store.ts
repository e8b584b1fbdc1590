import type { CallMode } from "@parlor/protocol";
import type { Query } from "../db/database.js";

/** What is kept of a call while it goes on. */
export interface KeptCall {
  readonly room_id: string;
  readonly call_id: string;
  readonly mode: CallMode;
  readonly locked: boolean;
  readonly lobby: boolean;
  /** Ids of users who were removed. */
  readonly removed: readonly string[];
  /** Ids of users who are in it. */
  readonly inside: readonly string[];
}

/** Keeps a call as its room's, in place of another one; nothing of a room that is gone. */
export async function keepCall(sql: Query, call: KeptCall): Promise<void> {
  await sql`
    insert into calls (room_id, call_id, mode, locked, lobby, removed, inside)
    select r.id, ${call.call_id}, ${call.mode}, ${call.locked}::boolean, ${call.lobby}::boolean,
      ${[...call.removed]}::text[], ${[...call.inside]}::text[]
    from rooms r where r.id = ${call.room_id} and r.kind <> 'gone' for key share
    on conflict (room_id) do update set call_id = excluded.call_id, mode = excluded.mode, locked = excluded.locked,
      lobby = excluded.lobby, removed = excluded.removed, inside = excluded.inside`;
}

/** Forgets a call, unless the room has another one meanwhile. */
export async function forgetCall(sql: Query, roomId: string, callId: string): Promise<void> {
  await sql`delete from calls where room_id = ${roomId} and call_id = ${callId}`;
}

/** The call that a room had last, if it did not end; `null` when there is none. */
export async function findKeptCall(sql: Query, roomId: string): Promise<KeptCall | null> {
  const [row] = await sql<KeptCall[]>`
    select room_id, call_id, mode, locked, lobby, removed, inside from calls where room_id = ${roomId}`;
  return row ?? null;
}
