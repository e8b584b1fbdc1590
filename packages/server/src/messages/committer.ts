import { type ErrorCode, type Message, ParlorError } from "@parlor/protocol";
import { isConnectionLost } from "../db/connection-lost.js";
import type { Database, TransactionSql } from "../db/database.js";
import { isDatabaseTrouble, toParlorError } from "../db/trouble.js";
import type { LoadMeter } from "../load-meter.js";
import type { Logger } from "../log.js";
import type { Metrics } from "../metrics/metrics.js";
import { createCommitPace } from "./commit-pace.js";
import type { Change as Published, Publisher } from "./publisher.js";
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

/** What a change takes of the bounds. */
const CHANGE = { size: 0, sender: null };

/** A write that was committed. */
export interface Committed {
  readonly row: MessageRow;
  /** `false`: it was stored before (a repeat), or the change changed nothing. */
  readonly fresh: boolean;
  /** The message as it was published; `null` when nothing was. */
  readonly message: Message | null;
}

/** What a change decides: the row, and whether that is new. */
export type Decided = Omit<Committed, "message">;

interface Waiting {
  readonly resolve: (done: Committed | null) => void;
  readonly reject: (error: ParlorError) => void;
}
type Append = Waiting & { readonly message: NewMessage };
/** What has a turn of its own in its room's order; it ends by `succeed` or `fail`. */
type Turn = Waiting & { readonly run: (turn: Waiting) => Promise<void> };
type Write = Append | Turn;

/**
 * The one way to write into rooms' histories: messages, edits, deletions and reactions. All messages that arrived while
 * a commit was under way go into the next one. Writes of one room are committed and published in the order in which
 * they came.
 */
export function createCommitter(parts: {
  database: Database;
  publisher: Publisher;
  metrics: Metrics;
  load: Pick<LoadMeter, "utilization">;
  log: Logger;
}) {
  const { database, publisher, metrics, load, log } = parts;
  const { sql } = database;
  const queues = new Map<string, Write[]>();
  const busy = new Set<string>();
  let waiting = 0;
  let units = 0;
  /** Of the waiting writes, those that are in a commit or turn. */
  let begun = 0;
  let running = 0;
  let scheduled: NodeJS.Timeout | NodeJS.Immediate | null = null;
  const pace = createCommitPace(load);
  /** Set while a commit's outcome is unknown: new writes fail at once instead of piling up. */
  let away = false;
  /** Set when the server stops: what the database does not answer then is left to the log. */
  let ending = false;
  const idle: (() => void)[] = [];

  function schedule(): void {
    if (running >= PARALLEL) return;
    const wait = pace.wait(performance.now(), waiting - begun);
    if (scheduled !== null) {
      if (wait > 0 || !("refresh" in scheduled)) return;
      clearTimeout(scheduled);
    }
    const start = () => {
      scheduled = null;
      startBatch();
    };
    scheduled = wait > 0 ? setTimeout(start, wait) : setImmediate(start);
  }

  function startBatch(): void {
    if (running >= PARALLEL) return;
    const appends: Append[] = [];
    const turns: Turn[] = [];
    const rooms: string[] = [];
    for (const [roomId, queue] of queues) {
      if (busy.has(roomId)) continue;
      const first = queue[0];
      if (!first || appends.length >= BATCH) continue;
      if ("run" in first) {
        queue.shift();
        turns.push(first);
      } else {
        takeAppends(queue, appends);
      }
      rooms.push(roomId);
      if (queue.length === 0) queues.delete(roomId);
    }
    if (rooms.length === 0) return;
    for (const roomId of rooms) busy.add(roomId);
    const writes = appends.length + turns.length;
    begun += writes;
    running += 1;
    pace.started(
      performance.now(),
      appends.map(({ message }) => message.user_id),
    );
    const done = () => {
      begun -= writes;
      for (const roomId of rooms) busy.delete(roomId);
      running -= 1;
      if (queues.size > 0) schedule();
      else if (running === 0) for (const tell of idle.splice(0)) tell();
    };
    Promise.all([commitAppends(appends), ...turns.map((turn) => turn.run(turn))])
      .catch((err: unknown) => log.error({ err }, "a write was not brought to its end"))
      .finally(done);
    if (queues.size > 0) schedule();
  }

  function takeAppends(queue: Write[], appends: Append[]): void {
    while (appends.length < BATCH) {
      const next = queue[0];
      if (!next || "run" in next) return;
      queue.shift();
      appends.push(next);
    }
  }

  function release(write: Waiting | Append): void {
    waiting -= 1;
    if ("message" in write) units -= write.message.content.length;
  }

  async function commitAppends(batch: readonly Append[]): Promise<void> {
    if (batch.length === 0) return;
    let appended: store.Appended[];
    const start = performance.now();
    try {
      appended = await store.appendMessages(
        sql,
        batch.map((write) => write.message),
      );
    } catch (error) {
      if (isConnectionLost(error)) {
        for (const write of batch) fail(write, error);
        const roomIds = new Set(batch.map(({ message }) => message.room_id));
        for (const roomId of roomIds) {
          const ids = batch.flatMap(({ message }) => (message.room_id === roomId ? message.id : []));
          await settle(roomId, ids, error);
        }
        return;
      }
      if (batch.length > 1 && !isDatabaseTrouble(error)) {
        // One bad message must not take the others with it.
        for (const write of batch) await commitAppends([write]);
        return;
      }
      for (const write of batch) fail(write, error);
      return;
    }
    await finishAppends(batch, appended, performance.now() - start);
  }

  async function finishAppends(
    batch: readonly Append[],
    appended: readonly store.Appended[],
    milliseconds: number,
  ): Promise<void> {
    const results = batch.map((write, index) => ({ write, result: appended[index] }));
    const repeatedIds = results.flatMap(({ result }) => (result?.repeated && result.message_id) || []);
    const fresh = results.flatMap(({ write, result }) =>
      result?.message_id && !result.repeated ? [{ write, row: rowOf(write.message, result) }] : [],
    );
    metrics.committed(fresh.length, milliseconds);
    const messages = await publish(
      fresh.map(({ row }) => ({ row, created: true })),
      fresh.map(({ row }) => row.room_id),
    );
    for (const [index, { write, row }] of fresh.entries())
      succeed(write, { row, fresh: true, message: messages[index] ?? null });
    if (fresh.length === results.length) return;
    const stored = await storedRows(repeatedIds);
    for (const { write, result } of results) {
      if (result?.message_id && !result.repeated) continue;
      const row = result?.message_id ? stored.get(result.message_id) : undefined;
      if (row) succeed(write, { row, fresh: false, message: null });
      else fail(write, new ParlorError(refusalOf(result)));
    }
  }

  async function storedRows(ids: readonly string[]): Promise<Map<string, MessageRow>> {
    if (ids.length === 0) return new Map();
    const rows = await store.findMessages(sql, ids).catch((err: unknown) => {
      // Their senders are told to try again. Of a database in trouble the log knows already.
      if (!isDatabaseTrouble(err)) log.error({ err }, "repeated messages were not read");
      return [];
    });
    return new Map(rows.map((row) => [row.id, row]));
  }

  /** Publishes what is committed; while the database is away it waits, since what is missing must come first. */
  async function publish(
    changes: readonly Published[],
    roomIds: readonly string[],
  ): Promise<readonly Message[]> {
    try {
      return await untilAnswered(roomIds, () => publisher.publish(changes));
    } catch (err) {
      log.error({ err }, "a commit was not published");
      return [];
    }
  }

  /**
   * The connection broke, so nobody knows whether the commit happened, and it may still happen: the old session works on
   * what it got. Its transaction holds the room's lock; whoever gets the lock after it sees what became of it. The
   * senders were told to try again (`client_id` makes that safe); what was stored is published before the room's next
   * write. Should the old session come even later, its numbers are missing before the next ones, and are published then.
   */
  async function settle(roomId: string, messageIds: readonly string[], error: unknown): Promise<void> {
    log.warn({ err: error, room: roomId }, "the connection broke during a commit");
    try {
      await untilAnswered([roomId], async () => {
        const head = await database.transaction((tx) => store.lockRoom(tx, roomId));
        if (head === null) return;
        const stored = messageIds.length > 0 ? await store.findMessages(sql, messageIds) : [];
        publisher.begin(roomId, Math.min(head, ...stored.map(({ seq }) => seq - 1)));
        await publisher.fill(roomId, head);
      });
    } catch (err) {
      log.error({ err, room: roomId }, "what a broken connection left behind was not published");
    }
  }

  /** Asks again while the database is in trouble. What waits meanwhile is refused: all when it is away, else the rooms'. */
  async function untilAnswered<T>(roomIds: readonly string[], ask: () => Promise<T>): Promise<T> {
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
        if (isConnectionLost(error)) away = true;
        refuseWaiting(away ? [...queues.keys()] : roomIds);
        if (ending) throw error;
        await new Promise((resolve) => setTimeout(resolve, RECHECK));
      }
    }
  }

  function refuseWaiting(roomIds: readonly string[]): void {
    for (const roomId of roomIds) {
      for (const write of queues.get(roomId) ?? []) fail(write, new ParlorError("unavailable"));
      queues.delete(roomId);
    }
  }

  async function commitChange(
    roomId: string,
    turn: Waiting,
    decide: (tx: TransactionSql) => Promise<Decided>,
  ): Promise<void> {
    let done: Decided;
    try {
      done = await database.transaction(decide);
    } catch (error) {
      fail(turn, error);
      if (isConnectionLost(error)) await settle(roomId, [], error);
      return;
    }
    const [message] = done.fresh ? await publish([{ row: done.row, created: false }], [roomId]) : [];
    succeed(turn, { ...done, message: message ?? null });
  }

  function succeed(write: Waiting, done: Committed | null): void {
    release(write);
    write.resolve(done);
  }

  function fail(write: Waiting, error: unknown): void {
    release(write);
    const known = toParlorError(error);
    if (known.code === "internal") log.error({ err: error }, "a write failed");
    write.reject(known);
  }

  function enqueue<T extends Committed | null>(
    roomId: string,
    { size, sender }: { readonly size: number; readonly sender: string | null },
    make: (waiting: Waiting) => Write,
  ): Promise<T> {
    if (away) return Promise.reject(new ParlorError("unavailable"));
    if (waiting >= WAITING || units + size > WAITING_UNITS)
      return Promise.reject(new ParlorError("overloaded"));
    waiting += 1;
    units += size;
    pace.came(performance.now(), sender);
    return new Promise<Committed | null>((resolve, reject) => {
      const write = make({ resolve, reject });
      const queue = queues.get(roomId);
      if (queue) queue.push(write);
      else queues.set(roomId, [write]);
      schedule();
    }) as Promise<T>;
  }

  return {
    /** Stores a message. Its place in the room's order is that of this call. */
    append(message: NewMessage): Promise<Committed> {
      const { room_id, user_id, content } = message;
      const size = content.length;
      return enqueue(room_id, { size, sender: user_id }, (waiting) => ({ ...waiting, message }));
    },

    /** Changes a message in a transaction of its own, at its place in the room's order. */
    change(roomId: string, decide: (tx: TransactionSql) => Promise<Decided>): Promise<Committed> {
      const run = (turn: Waiting) => commitChange(roomId, turn, decide);
      return enqueue(roomId, CHANGE, (waiting) => ({ ...waiting, run }));
    },

    /** Does something else with a room in a transaction of its own, at its place in the room's order. */
    async turn(roomId: string, work: (tx: TransactionSql) => Promise<void>): Promise<void> {
      const run = async (turn: Waiting) => {
        await database.transaction(work).then(
          () => succeed(turn, null),
          (error: unknown) => fail(turn, error),
        );
      };
      await enqueue<null>(roomId, CHANGE, (waiting) => ({ ...waiting, run }));
    },

    /** Publishes what is stored up to `head`, at its place in the room's order: what is on its way comes first. */
    async catchUp(roomId: string, head: number): Promise<void> {
      const run = async (turn: Waiting) => {
        await publisher.fill(roomId, head).then(
          () => succeed(turn, null),
          (error: unknown) => fail(turn, error),
        );
      };
      await enqueue<null>(roomId, CHANGE, (waiting) => ({ ...waiting, run }));
    },

    /** Waits until nothing is left to write; it no longer waits for a database that is away to come back. */
    async drain(): Promise<void> {
      ending = true;
      if (running === 0 && queues.size === 0) return;
      await new Promise<void>((resolve) => idle.push(resolve));
    },
  };
}

/** Why a message was not stored, or not found again. */
function refusalOf(result: store.Appended | undefined): ErrorCode {
  if (result?.message_id) return "unavailable";
  return result?.extra?.attachments_invalid ? "attachment_invalid" : "room_not_found";
}

function rowOf(message: NewMessage, { seq, extra }: store.Appended): MessageRow {
  const { id, room_id, client_id, user_id, username, avatar_url, content, kind, created_at } = message;
  return {
    id,
    room_id,
    seq,
    updated_seq: seq,
    client_id,
    user_id,
    username,
    avatar_url,
    content,
    kind,
    reactions: null,
    edited_at: null,
    deleted_at: null,
    created_at,
    extra,
  };
}
