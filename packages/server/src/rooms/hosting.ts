import {
  type BannedPerson,
  LIMITS,
  ParlorError,
  type Room,
  type RoomUpdate,
  type RoomWords,
} from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import type { Database } from "../db/database.js";
import { createKeyedLock } from "../keyed-lock.js";
import { type Access, actorsOf, type Caller, hasPresented } from "../users/caller.js";
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

  /**
   * The room whose host acts with a session, for what others can not take back. Where no session of its hosts was there
   * when the room was made, nobody does it: whoever is the first to come as an open id has its session.
   */
  async function requireProvenHost(
    roomId: string,
    caller: Caller,
    userId: string | null | undefined,
  ): Promise<RoomRow> {
    const room = await requireHost(roomId, caller, userId);
    if (!room.host_proven)
      throw new ParlorError("forbidden", "Nobody may: this room was made without a session of its host.");
    if (!hostsOf(room).some((id) => hasPresented(caller, id))) throw new ParlorError("not_your_identity");
    return room;
  }

  return {
    requireProvenHost,

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

    /** Puts somebody out of a room, who may not come back before they are let in again. */
    async putOut(caller: Caller, roomId: string, userId: string, by: string | undefined): Promise<void> {
      const room = await requireProvenHost(roomId, caller, by);
      if (hostsOf(room).includes(userId))
        throw new ParlorError("rule_broken", "Whoever looks after the room can not be put out of it.");
      if (!(await store.putOut(sql, roomId, userId)))
        throw new ParlorError("user_not_found", "Nobody of this id was in the room.");
      rooms.notePutOut(room, userId);
    },

    /** Lets somebody come back. */
    async letIn(caller: Caller, roomId: string, userId: string, by: string | undefined): Promise<void> {
      await requireProvenHost(roomId, caller, by);
      await store.letIn(sql, roomId, userId);
    },

    /** Who was put out of a room, the newest first. */
    async thoseOut(caller: Caller, roomId: string, by: string | undefined): Promise<BannedPerson[]> {
      await requireProvenHost(roomId, caller, by);
      const rows = await store.thoseOut(sql, roomId, LIMITS.listMax);
      const profiles = await rooms.profilesOf(rows.map(({ user_id }) => user_id));
      const known = new Map(profiles.map((profile) => [profile.user_id, profile]));
      return rows.flatMap(({ user_id, banned_at }) => {
        const profile = known.get(user_id);
        return profile ? [{ ...profile, banned_at: banned_at.toISOString() }] : [];
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
