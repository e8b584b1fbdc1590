import { setTimeout as sleep } from "node:timers/promises";
import { ParlorError } from "@parlor/protocol";
import type { Database } from "../db/database.js";
import { isDatabaseTrouble, toParlorError } from "../db/trouble.js";
import type { Logger } from "../log.js";
import type { Hosting } from "../rooms/hosting.js";
import type { RoomsService } from "../rooms/service.js";
import type { Caller } from "../users/caller.js";
import * as store from "./removal-store.js";
import type { MessagesService } from "./service.js";

/** Rows removed in one statement. */
const BATCH = 500;
/** Rooms that are looked up at one time. */
const ROOMS = 100;
/** The work rests so many times as long as it took: nobody waits for it. */
const REST = 2;
/** Milliseconds until the next look where the database was in trouble, and each time after twice as long. */
const AGAIN_AFTER = 2_000;
const AGAIN_AT_MOST = 5 * 60_000;

export type RoomRemoval = ReturnType<typeof createRoomRemoval>;

/** Deletes rooms: shuts them at once, and removes what they held behind it. */
export function createRoomRemoval(parts: {
  database: Database;
  rooms: RoomsService;
  hosting: Hosting;
  messages: MessagesService;
  log: Logger;
}) {
  const { rooms, hosting, messages, log } = parts;
  const { sql } = parts.database;
  const closing = new AbortController();
  let running: Promise<void> | null = null;
  /** Whether a room was shut since the last look. */
  let isWanted = false;
  /** Rooms of which nobody knows whether they were shut: the database was lost on the way. Asked of until it answers. */
  const doubtful = new Set<string>();
  let again: NodeJS.Timeout | null = null;
  /** Looks since the last one that went without the database's trouble. */
  let troubles = 0;

  /** Repeats a step of the work until it finds nothing more. */
  async function exhaust(step: () => Promise<number>): Promise<void> {
    const { signal } = closing;
    for (let removed = BATCH; removed === BATCH && !signal.aborted; ) {
      const began = performance.now();
      removed = await step();
      if (removed === BATCH) await sleep((performance.now() - began) * REST, undefined, { signal });
    }
    signal.throwIfAborted();
  }

  async function removeRest(roomId: string): Promise<void> {
    await exhaust(() => store.releaseFiles(sql, roomId, BATCH));
    await exhaust(() => store.removeMessages(sql, roomId, BATCH));
    await exhaust(() => store.removeMentions(sql, roomId, BATCH));
    await store.noteEmptied(sql, roomId);
    log.info({ room: roomId }, "a deleted room is removed");
  }

  /** One room that can not be removed does not keep the others. */
  async function tryRemoveRest(roomId: string): Promise<void> {
    try {
      await removeRest(roomId);
    } catch (err) {
      if (closing.signal.aborted) throw err;
      log.warn({ err, room: roomId }, "what is left of a deleted room is removed later");
      if (isDatabaseTrouble(err)) lookLater();
    }
  }

  function lookLater(): void {
    if (again) return;
    const delay = Math.min(AGAIN_AT_MOST, AGAIN_AFTER * 2 ** troubles);
    troubles += 1;
    again = setTimeout(() => {
      again = null;
      void sweep();
    }, delay).unref();
  }

  async function work(): Promise<void> {
    while (isWanted) {
      isWanted = false;
      for (const roomId of doubtful) {
        await store.awaitShutting(sql, roomId);
        doubtful.delete(roomId);
      }
      let page: string[] = [];
      do {
        page = await store.goneRooms(sql, page.at(-1) ?? "", ROOMS);
        for (const roomId of page) {
          // Whoever shut it may not have learned that.
          rooms.noteGone(roomId);
          await tryRemoveRest(roomId);
        }
      } while (page.length === ROOMS);
      if (!again) troubles = 0;
    }
  }

  /** Removes what is left of deleted rooms; what fails is for the next time. */
  function sweep(): Promise<void> {
    isWanted = true;
    running ??= work()
      .catch((err: unknown) => {
        if (closing.signal.aborted) return;
        // Of a database in trouble the log knows already.
        if (isDatabaseTrouble(err)) lookLater();
        else log.warn({ err }, "deleted rooms are removed later");
      })
      .finally(() => {
        running = null;
      });
    return running;
  }

  return {
    /** Deletes a room for its host, with all that is in it. That can not be taken back, so it needs the host's session. */
    async remove(caller: Caller, roomId: string, userId: string | undefined): Promise<void> {
      await hosting.requireProvenHost(roomId, caller, userId);
      try {
        // What is on its way into the history comes first; what comes after it finds no room.
        await messages.inTurn(roomId, async (tx) => {
          if (!(await store.shutRoom(tx, roomId))) throw new ParlorError("room_not_found");
        });
        rooms.noteGone(roomId);
        log.info({ room: roomId }, "a room is deleted");
      } catch (error) {
        if (toParlorError(error).code !== "room_not_found") doubtful.add(roomId);
        throw error;
      } finally {
        void sweep();
      }
    },

    sweep,

    /** Stops after what is under way; the next start goes on. */
    async close(): Promise<void> {
      closing.abort();
      if (again) clearTimeout(again);
      await running;
    },
  };
}
