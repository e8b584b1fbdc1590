import type { Bus } from "../../bus/bus.js";
import type { Query } from "../../db/database.js";
import type { Logger } from "../../log.js";

/** Messages that are indexed in one go. */
const BATCH = 100;
/** After a change so long is waited for more of them, in milliseconds. */
const GATHER = 200;
/** The indexer rests so many times as long as it worked: while messages pour in, the index may lag behind. */
const REST = 3;
/** After a failure so long is waited, in milliseconds. */
const RETRY = 5_000;
/** Rooms that are noted as changed; beyond them the database is asked which ones are behind. */
const NOTED = 10_000;

/** Fills the index of words behind the commits, room by room along the change log. */
export interface Indexer {
  /** Stops after what is under way. */
  stop(): Promise<void>;
}

/** Starts it; what an earlier life left is done first. */
export function startIndexer(parts: { sql: Query; bus: Bus; log: Logger }): Indexer {
  const { sql, bus, log } = parts;
  const changed = new Set<string>();
  const stopping = new AbortController();
  let wake = () => {};
  let asksDatabase = true;

  bus.subscribe((roomId, { seq }) => {
    if (seq === null) return;
    if (changed.size < NOTED) changed.add(roomId);
    else asksDatabase = true;
    wake();
  });

  /** Waits some time, or until a room changes; not at all once it is to stop. */
  async function pause(milliseconds: number | null): Promise<void> {
    const { signal } = stopping;
    if (signal.aborted || (milliseconds === null && changed.size > 0)) return;
    await new Promise<void>((resolve) => {
      const done = () => {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        wake = () => {};
        resolve();
      };
      const timer = milliseconds === null ? undefined : setTimeout(done, milliseconds);
      timer?.unref();
      signal.addEventListener("abort", done);
      if (milliseconds === null) wake = done;
    });
  }

  async function indexRoom(roomId: string): Promise<void> {
    for (;;) {
      const began = performance.now();
      const [row] = await sql<{ seen: number }[]>`select index_messages(${roomId}, ${BATCH}) as seen`;
      const seen = row?.seen ?? 0;
      if (seen > 0) await pause((performance.now() - began) * REST);
      if (seen < BATCH || stopping.signal.aborted) return;
    }
  }

  /** Whether some were behind. */
  async function noteRoomsBehind(): Promise<boolean> {
    const rows = await sql<{ id: string }[]>`
      select r.id from rooms r left join search_cursors c on c.room_id = r.id
      where r.head_seq > coalesce(c.indexed_seq, 0) limit ${NOTED / 10}`;
    for (const { id } of rows) changed.add(id);
    return rows.length > 0;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (changed.size === 0 && !(asksDatabase && (await noteRoomsBehind()))) {
        asksDatabase = false;
        await pause(null);
        await pause(GATHER);
      }
      for (const roomId of [...changed]) {
        if (stopping.signal.aborted) return;
        changed.delete(roomId);
        await indexRoom(roomId);
      }
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await work();
      } catch (err) {
        asksDatabase = true;
        if (!stopping.signal.aborted) log.debug({ err }, "messages were not indexed");
        await pause(RETRY);
      }
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
