import { ParlorError, type Room, type RoomUpdate, type RoomWords } from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import type { Database } from "../db/database.js";
import { createKeyedLock } from "../keyed-lock.js";
import { type Access, actorsOf, type Caller } from "../users/caller.js";
import { hostsOf, type RoomRow, type RoomsService } from "./service.js";
import * as store from "./store.js";

export type Hosting = ReturnType<typeof createHosting>;

/** What a room's host does with it. */
export function createHosting(parts: { database: Database; bus: Bus; rooms: RoomsService; access: Access }) {
  const { bus, rooms, access } = parts;
  const { sql } = parts.database;
  // What is told of a room follows the order of what was stored.
  const locks = createKeyedLock();

  /** The room whose host acts, decided as for the deletion of a message. */
  async function requireHost(
    roomId: string,
    caller: Caller,
    userId: string | null | undefined,
  ): Promise<RoomRow> {
    const room = await rooms.requireRoom(roomId);
    await rooms.requireAccess(room, caller);
    const actors = await actorsOf(access, caller, userId);
    await rooms.refusePutOut(roomId, actors);
    if (room.kind === "direct") throw new ParlorError("room_not_found");
    if (!hostsOf(room).some((id) => actors.has(id)))
      throw new ParlorError("forbidden", "Only the room's host may do this.");
    return room;
  }

  return {
    requireHost,

    /** Changes a room's words, and tells those who are in it or have it in their list. */
    async change(caller: Caller, roomId: string, { user_id, ...given }: RoomUpdate): Promise<Room> {
      await requireHost(roomId, caller, user_id);
      const change = wordsOf(given);
      if (Object.keys(change).length === 0) return await rooms.get(roomId);
      return await locks.run(roomId, async () => {
        if (!(await store.updateRoom(sql, roomId, change))) throw new ParlorError("room_not_found");
        const room = await rooms.get(roomId);
        const { name, description, category } = room;
        const frame = { type: "room_updated", room_id: roomId, name, description, category } as const;
        bus.publish(roomId, roomFrame(frame, { resumeOnly: true, toInboxes: true }));
        return room;
      });
    },
  };
}

/** What of a room a body names; an empty text clears as it does where a room is made. */
function wordsOf({ name, description, category }: Omit<RoomUpdate, "user_id">): Partial<RoomWords> {
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description: description || null }),
    ...(category === undefined ? {} : { category: category || null }),
  };
}
