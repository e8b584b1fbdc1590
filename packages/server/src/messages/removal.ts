import { setTimeout as sleep } from "node:timers/promises";
import { ParlorError } from "@parlor/protocol";
import type { Database } from "../db/database.js";
import { isDatabaseTrouble } from "../db/trouble.js";
import type { Logger } from "../log.js";
import type { Hosting } from "../rooms/hosting.js";
import type { RoomsService } from "../rooms/service.js";
import type { Caller } from "../users/caller.js";
import * as store from "./removal-store.js";
import type { MessagesService } from "./service.js";

/** Rows removed in one statement. */
const BATCH = 500;
/** Rooms that are looked up at one time; what is beyond them comes with the next look. */
const ROOMS = 100;
/** The work rests so many times as long as it took: nobody waits for it. */
const REST = 2;

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
    await store.releaseFiles(sql, roomId);
    await exhaust(() => store.removeMessages(sql, roomId, BATCH));
    await exhaust(() => store.removeMentions(sql, roomId, BATCH));
    await store.removeGone(sql, roomId);
    log.info({ room: roomId }, "a deleted room is removed");
  }

  async function work(): Promise<void> {
    while (isWanted) {
      isWanted = false;
      const gone = await store.goneRooms(sql, ROOMS);
      for (const roomId of gone) await removeRest(roomId);
      if (gone.length === ROOMS) isWanted = true;
    }
  }

  /** Removes what is left of deleted rooms; what fails is for the next time. */
  function sweep(): Promise<void> {
    isWanted = true;
    running ??= work()
      .catch((err: unknown) => {
        // Of a database in trouble the log knows already.
        if (!closing.signal.aborted && !isDatabaseTrouble(err))
          log.warn({ err }, "what is left of a deleted room is removed later");
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
      // What is on its way into the history comes first; what comes after it finds no room.
      await messages.inTurn(roomId, async (tx) => {
        if (!(await store.shutRoom(tx, roomId))) throw new ParlorError("room_not_found");
      });
      rooms.noteGone(roomId);
      log.info({ room: roomId }, "a room is deleted");
      void sweep();
    },

    sweep,

    /** Stops after what is under way; the next start goes on. */
    async close(): Promise<void> {
      closing.abort();
      await running;
    },
  };
}
