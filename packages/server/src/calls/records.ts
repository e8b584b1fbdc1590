import { type CallRecord, LIMITS } from "@parlor/protocol";
import type { Query } from "../db/database.js";
import { toParlorError } from "../db/trouble.js";
import type { Logger } from "../log.js";
import type { MessagesService } from "../messages/service.js";
import type { Call, CallOrigin } from "./call.js";
import { findKeptCall, forgetCall, type KeptCall, keepCall } from "./store.js";

/** Ids of a call that are kept: of who was removed, the first ones. */
const KEPT = 1_000;

/** What is on its way into the database for a call. */
interface Notes {
  /** One after the other: what is stored last is the newest. */
  work: Promise<void>;
  /** Whether its message is stored. */
  isBegun: boolean;
  /** What is kept of it, or about to be. */
  kept: string;
}

/**
 * Calls in the database. In the history each is one message of whoever began it; its text is for clients that do not know
 * the field `call`. Beside it stands what a restart must not forget. A call waits for none of it: what the database does
 * not take at the begin is tried again at the end.
 */
export function createCallRecords(parts: {
  sql: Query;
  messages: MessagesService;
  names: (userId: string, fallback: string) => string;
  log: Logger;
}) {
  const { sql, messages, names, log } = parts;
  const notes = new WeakMap<Call, Notes>();

  function notesOf(call: Call): Notes {
    const known = notes.get(call);
    if (known) return known;
    const made = { work: Promise.resolve(), isBegun: true, kept: "" };
    notes.set(call, made);
    return made;
  }

  function enqueue(call: Call, what: string, step: () => Promise<void>): Promise<void> {
    const own = notesOf(call);
    own.work = own.work.then(step).catch((err: unknown) => log.warn({ err }, what));
    return own.work;
  }

  async function post(call: Call, content: string, record: CallRecord): Promise<void> {
    const author = { id: call.startedBy, shown_name: names(call.startedBy, call.startedBy) };
    await messages.post(call.roomId, author, { id: call.id, content, call: record });
  }

  return {
    /** Notes that a call began. */
    begin(call: Call): void {
      const own = notesOf(call);
      own.isBegun = false;
      void enqueue(call, "a call was not noted in the history", async () => {
        await post(call, "Started a call.", { ...recordOf(call), ended_at: null });
        own.isBegun = true;
      });
    },

    /** Keeps what a restart must not forget, where it changed. */
    keep(call: Call): void {
      const own = notesOf(call);
      const text = JSON.stringify(keptOf(call));
      if (own.kept === text) return;
      own.kept = text;
      void enqueue(call, "the state of a call was not kept", async () => {
        // What was kept later holds this too.
        if (!own.isBegun || own.kept !== text) return;
        await keepCall(sql, JSON.parse(text) as KeptCall).catch((error: unknown) => {
          own.kept = "";
          throw error;
        });
      });
    },

    /** Notes how a call ended. */
    end(call: Call): Promise<void> {
      const now = new Date();
      const record = { ...recordOf(call), ended_at: now.toISOString() };
      const content = wordsFor(call, now);
      return enqueue(call, "the end of a call was not noted in the history", async () => {
        const noted = notesOf(call).isBegun
          ? messages.changeCall(call.roomId, call.id, { content, call: record })
          : post(call, content, record);
        // Of a room that is gone there is no history.
        await noted.catch((error: unknown) => {
          if (toParlorError(error).code !== "room_not_found") throw error;
        });
        await forgetCall(sql, call.roomId, call.id);
      });
    },

    /** A call of this id, or the one that a room had last, that has not ended; `null`: there is none. */
    async find(roomId: string, callId: string | null): Promise<CallOrigin | null> {
      const kept = await findKeptCall(sql, roomId);
      const id = callId ?? kept?.call_id;
      const row = id === undefined ? null : await messages.find(roomId, id);
      const record = row?.extra?.call;
      if (!row || !record || record.ended_at !== null || row.deleted_at) return null;
      const own = kept?.call_id === row.id ? kept : null;
      const people = [...new Set([...record.people, ...(own?.inside ?? [])])].slice(0, LIMITS.callRecorded);
      return { id: row.id, startedAt: row.created_at, startedBy: row.user_id, people, kept: own };
    },
  };
}

function keptOf(call: Call): KeptCall {
  const here = [...call.legs.values()].map(({ userId }) => userId);
  return {
    room_id: call.roomId,
    call_id: call.id,
    mode: call.provider.mode,
    locked: call.isLocked,
    lobby: call.hasLobby,
    removed: [...call.removed].slice(0, KEPT),
    inside: [...new Set([...here, ...call.missing])].slice(0, KEPT),
  };
}

function recordOf({ people, missed, declined }: Call): Omit<CallRecord, "ended_at"> {
  const first = (ids: ReadonlySet<string>) => [...ids].slice(0, LIMITS.callRecorded);
  return { people: [...people], missed: first(missed), declined: first(declined) };
}

function wordsFor(call: Call, now: Date): string {
  if (call.people.size < 2 && call.missed.size > 0) return "Missed call.";
  const minutes = Math.round((now.getTime() - call.startedAt.getTime()) / 60_000);
  if (minutes < 1) return "Had a short call.";
  return minutes === 1 ? "Had a call of a minute." : `Had a call of ${minutes} minutes.`;
}
