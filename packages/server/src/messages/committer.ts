import { ParlorError } from "@parlor/protocol";
import type { Database, TransactionSql } from "../db/database.js";
import { isDatabaseTrouble, toParlorError } from "../db/trouble.js";
import type { Logger } from "../log.js";
import type { MessageRow, NewMessage } from "./store.js";
import * as store from "./store.js";

/** Messages of one commit at most: what 64 senders have under way, several times over. */
const BATCH = 500;
/** Commits at one time; a room is in one of them at most. */
const PARALLEL = 2;
/** Waiting writes at most, in number and in UTF-16 units of content; beyond them a send is told to come back. */
const WAITING = 20_000;
const WAITING_UNITS = 32 * 1024 * 1024;
/** Time between looks at a database that went away in the middle of a commit, in milliseconds. */
const RECHECK = 250;

/** A write that was committed. */
export interface Committed {
  readonly row: MessageRow;
  /** `false`: it was stored before (a repeat), or the change changed nothing. */
  readonly fresh: boolean;
}

/** Called with what was committed, room by room in the order of its numbers, before the room's next commit. */
export type Publish = (rows: readonly { row: MessageRow; created: boolean }[]) => Promise<void>;

interface Waiting {
  readonly resolve: (done: Committed) => void;
  readonly reject: (error: ParlorError) => void;
}
type Append = Waiting & { readonly message: NewMessage };
type Change = Waiting & { readonly decide: (tx: TransactionSql) => Promise<Committed> };
type Write = Append | Change;

/**
 * The one way to write into rooms' histories: messages, edits, deletions and reactions. All messages that arrived while
 * a commit was under way go into the next one. Writes of one room are committed and published in the order in which
 * they came.
 */
export function createCommitter(parts: { database: Database; publish: Publish; log: Logger }) {
  const { database, publish, log } = parts;
  const { sql } = database;
  const queues = new Map<string, Write[]>();
  const busy = new Set<string>();
  let waiting = 0;
  let units = 0;
  let running = 0;
  let scheduled = false;
  /** Set while a commit's outcome is unknown: new writes fail at once instead of piling up. */
  let away = false;
  const idle: (() => void)[] = [];

  function schedule(): void {
    if (scheduled || running >= PARALLEL) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      startBatch();
    });
  }

  function startBatch(): void {
    if (running >= PARALLEL) return;
    const appends: Append[] = [];
    const changes: [string, Change][] = [];
    const rooms: string[] = [];
    for (const [roomId, queue] of queues) {
      if (busy.has(roomId)) continue;
      const first = queue[0];
      if (!first || appends.length >= BATCH) continue;
      if ("decide" in first) {
        queue.shift();
        changes.push([roomId, first]);
      } else {
        takeAppends(queue, appends);
      }
      rooms.push(roomId);
      if (queue.length === 0) queues.delete(roomId);
    }
    if (rooms.length === 0) return;
    for (const roomId of rooms) busy.add(roomId);
    running += 1;
    const done = () => {
      for (const roomId of rooms) busy.delete(roomId);
      running -= 1;
      if (queues.size > 0) schedule();
      else if (running === 0) for (const tell of idle.splice(0)) tell();
    };
    Promise.all([commitAppends(appends), ...changes.map(([, change]) => commitChange(change))])
      .catch((err: unknown) => log.error({ err }, "a commit was not published"))
      .finally(done);
    if (queues.size > 0) schedule();
  }

  function takeAppends(queue: Write[], appends: Append[]): void {
    while (appends.length < BATCH) {
      const next = queue[0];
      if (!next || "decide" in next) return;
      queue.shift();
      appends.push(next);
    }
  }

  function release(write: Write): void {
    waiting -= 1;
    if ("message" in write) units -= write.message.content.length;
  }

  async function commitAppends(batch: readonly Append[]): Promise<void> {
    if (batch.length === 0) return;
    let appended: store.Appended[];
    try {
      appended = await store.appendMessages(
        sql,
        batch.map((write) => write.message),
      );
    } catch (error) {
      if (isDatabaseTrouble(error)) return await settleUnknown(batch, error);
      if (batch.length > 1) {
        // One bad message must not take the others with it.
        for (const write of batch) await commitAppends([write]);
        return;
      }
      for (const write of batch) fail(write, error);
      return;
    }
    await finishAppends(batch, appended);
  }

  async function finishAppends(batch: readonly Append[], appended: readonly store.Appended[]): Promise<void> {
    const results = batch.map((write, index) => ({ write, result: appended[index] }));
    const repeatedIds = results.flatMap(({ result }) => (result?.repeated && result.message_id) || []);
    const fresh = results.flatMap(({ write, result }) =>
      result?.message_id && !result.repeated ? [{ write, row: rowOf(write.message, result.seq) }] : [],
    );
    await publish(fresh.map(({ row }) => ({ row, created: true })));
    for (const { write, row } of fresh) succeed(write, { row, fresh: true });
    if (fresh.length === results.length) return;
    const stored = await storedRows(repeatedIds);
    for (const { write, result } of results) {
      if (result?.message_id && !result.repeated) continue;
      const row = result?.message_id ? stored.get(result.message_id) : undefined;
      if (row) succeed(write, { row, fresh: false });
      else fail(write, new ParlorError(result?.message_id ? "unavailable" : "room_not_found"));
    }
  }

  async function storedRows(ids: readonly string[]): Promise<Map<string, MessageRow>> {
    if (ids.length === 0) return new Map();
    const rows = await store.findMessages(sql, ids).catch(() => []);
    return new Map(rows.map((row) => [row.id, row]));
  }

  /**
   * The connection broke: the commit may have happened or not. The senders are told to try again (their `client_id`
   * makes that safe), and before the rooms' next commit whatever was stored is published, so that no number is skipped.
   */
  async function settleUnknown(batch: readonly Append[], error: unknown): Promise<void> {
    log.warn({ err: error }, "the database went away during a commit");
    for (const write of batch) fail(write, error);
    const stored = await askUntilAnswered(() =>
      store.findMessages(
        sql,
        batch.map((write) => write.message.id),
      ),
    );
    const rows = [...stored].sort((a, b) => a.seq - b.seq);
    await publish(rows.map((row) => ({ row: { ...row, updated_seq: row.seq }, created: true })));
  }

  async function askUntilAnswered<T>(ask: () => Promise<T>): Promise<T> {
    away = true;
    failAllWaiting();
    for (;;) {
      try {
        const answer = await ask();
        away = false;
        return answer;
      } catch (error) {
        if (!isDatabaseTrouble(error)) {
          away = false;
          throw error;
        }
        await new Promise((resolve) => setTimeout(resolve, RECHECK));
      }
    }
  }

  function failAllWaiting(): void {
    for (const queue of queues.values())
      for (const write of queue) fail(write, new ParlorError("unavailable"));
    queues.clear();
  }

  async function commitChange(change: Change): Promise<void> {
    let done: Committed;
    try {
      done = await database.transaction(change.decide);
    } catch (error) {
      // A change that broke off may have been committed; whoever has a cursor sees the jump and asks for the rest.
      fail(change, error);
      return;
    }
    if (done.fresh) await publish([{ row: done.row, created: false }]);
    succeed(change, done);
  }

  function succeed(write: Write, done: Committed): void {
    release(write);
    write.resolve(done);
  }

  function fail(write: Write, error: unknown): void {
    release(write);
    const known = toParlorError(error);
    if (known.code === "internal") log.error({ err: error }, "a write failed");
    write.reject(known);
  }

  function enqueue(roomId: string, size: number, make: (waiting: Waiting) => Write): Promise<Committed> {
    if (away) return Promise.reject(new ParlorError("unavailable"));
    if (waiting >= WAITING || units + size > WAITING_UNITS)
      return Promise.reject(new ParlorError("overloaded"));
    waiting += 1;
    units += size;
    return new Promise((resolve, reject) => {
      const write = make({ resolve, reject });
      const queue = queues.get(roomId);
      if (queue) queue.push(write);
      else queues.set(roomId, [write]);
      schedule();
    });
  }

  return {
    /** Stores a message. Its place in the room's order is that of this call. */
    append(message: NewMessage): Promise<Committed> {
      return enqueue(message.room_id, message.content.length, (write) => ({ ...write, message }));
    },

    /** Changes a message in a transaction of its own, at its place in the room's order. */
    change(roomId: string, decide: (tx: TransactionSql) => Promise<Committed>): Promise<Committed> {
      return enqueue(roomId, 0, (write) => ({ ...write, decide }));
    },

    /** Waits until nothing is left to write. */
    async drain(): Promise<void> {
      if (running === 0 && queues.size === 0) return;
      await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
}

function rowOf(message: NewMessage, seq: number): MessageRow {
  return { ...message, seq, updated_seq: seq, reactions: null, edited_at: null, deleted_at: null };
}
