import type { Bus } from "../../bus/bus.js";
import type { Query } from "../../db/database.js";
import { isDatabaseTrouble } from "../../db/trouble.js";
import type { Logger } from "../../log.js";
import { errorCode } from "../../startup-error.js";

/** Messages of one room that are indexed in one go, at most. */
const BATCH = 100;
/** Rooms of one go, at most: a statement and a commit for all of them. */
const ROOMS = 20;
/** A go that took the database too long is made so many times smaller; after one that did not, the next one is a little larger. */
const SMALLER = 4;
const MORE = { rooms: 1, batch: 10 };
/** What PostgreSQL says of a statement that took too long. */
const TOO_LONG = "57014";
/** After a change so long is waited for more of them, in milliseconds. */
const GATHER = 200;
/** The indexer rests so many times as long as it worked: while messages pour in, the index may lag behind. */
const REST = 3;
/** After a failure so long is waited, in milliseconds. */
const RETRY = 5_000;
/** Rooms that the database is asked for at one time. */
const ASKED = 1_000;
/** Rooms that are noted as changed; beyond them the database is asked which ones are behind. */
const NOTED = 10_000;

/** Fills the index of words behind the commits, along the change logs of the rooms. */
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
  let size = { rooms: ROOMS, batch: BATCH };

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

  function grow(): void {
    const { rooms, batch } = size;
    size =
      batch < BATCH
        ? { rooms, batch: Math.min(BATCH, batch + MORE.batch) }
        : { rooms: Math.min(ROOMS, rooms + MORE.rooms), batch };
  }

  /**
   * Makes the next go smaller than one of so many rooms, whose texts were more than one statement may do: asked in the
   * same way again they would never end. `false` when nothing is smaller.
   */
  function shrink(rooms: number): boolean {
    const { batch } = size;
    if (rooms <= 1 && batch <= 1) return false;
    size =
      rooms > 1
        ? { rooms: Math.ceil(rooms / SMALLER), batch }
        : { rooms: 1, batch: Math.ceil(batch / SMALLER) };
    log.debug(size, "messages are indexed in smaller goes");
    return true;
  }

  /** One go over these rooms, and a rest; what is left of a room is for a later one. */
  async function indexRooms(roomIds: readonly string[]): Promise<void> {
    const began = performance.now();
    const { batch } = size;
    // In one order everywhere: several processes may index.
    const rows = await sql<{ id: string; seen: number }[]>`
      select id, index_messages(id, ${batch}) as seen from unnest(${[...roomIds].sort()}::text[]) as t (id)`;
    grow();
    const worked = rows.filter(({ seen }) => seen > 0);
    for (const { id, seen } of worked) if (seen === batch) changed.add(id);
    if (worked.length > 0) await pause((performance.now() - began) * REST);
  }

  /** The same where a room that cannot be indexed does not keep the others of its go. */
  async function indexApart(roomIds: readonly string[]): Promise<void> {
    try {
      await indexRooms(roomIds);
    } catch (err) {
      // The smaller one begins at once: a few of them and there is none smaller.
      if (errorCode(err) === TOO_LONG && shrink(roomIds.length)) {
        for (const id of roomIds) changed.add(id);
        return;
      }
      if (roomIds.length === 1 || isDatabaseTrouble(err)) throw err;
      const failures: unknown[] = [];
      for (const id of roomIds) await indexRooms([id]).catch((failure: unknown) => failures.push(failure));
      if (failures.length > 0) throw failures[0];
    }
  }

  /** Notes rooms that the database knows to be behind, and whether there may be more of them. */
  async function noteRoomsBehind(): Promise<void> {
    const rows = await sql<{ id: string }[]>`
      select r.id from rooms r left join search_cursors c on c.room_id = r.id
      where r.head_seq > coalesce(c.indexed_seq, 0) limit ${ASKED}`;
    for (const { id } of rows) changed.add(id);
    asksDatabase = rows.length === ASKED;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      if (changed.size === 0 && asksDatabase) await noteRoomsBehind();
      if (changed.size === 0) {
        await pause(null);
        await pause(GATHER);
      }
      const rooms = [...changed].slice(0, size.rooms);
      for (const id of rooms) changed.delete(id);
      if (rooms.length > 0) await indexApart(rooms);
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
