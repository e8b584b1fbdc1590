import { presenceHash } from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import type { RoomsService } from "../rooms/service.js";

/** Counters; rooms and people share them, so that a change of another one may count for one. */
const COUNTERS = 4_096;

/** Tells whether something of a room's history or its people's profiles changed between two moments. */
export interface RoomMarks {
  /** A number that stays the same while nothing changes. */
  of(roomId: string): number;
  /** The same for its people's profiles alone. */
  profilesOf(roomId: string): number;
  /** The same for one person's leaving of the room. */
  leavesOf(roomId: string, userId: string): number;
}

/**
 * Counts what the bus tells of each room, and who becomes a member with a profile that no frame told; in memory that does
 * not grow with the rooms.
 */
export function createRoomMarks(bus: Bus, rooms: Pick<RoomsService, "onMembership">): RoomMarks {
  const changes = new Uint32Array(COUNTERS);
  const profiles = new Uint32Array(COUNTERS);
  const leaves = new Uint32Array(COUNTERS);
  const counterOf = (...ids: readonly string[]) => presenceHash(ids) % COUNTERS;
  const add = (counts: Uint32Array, at: number) => {
    counts[at] = (counts[at] ?? 0) + 1;
  };
  const count = (roomId: string, isProfile: boolean) => {
    add(changes, counterOf(roomId));
    if (isProfile) add(profiles, counterOf(roomId));
  };
  bus.subscribe((roomId, frame) => {
    if (frame.seq !== null || frame.profile !== null) count(roomId, frame.profile !== null);
  });
  rooms.onMembership(({ room, userId, isMember }) => {
    count(room.id, true);
    if (!isMember) add(leaves, counterOf(room.id, userId));
  });
  return {
    of: (roomId) => changes[counterOf(roomId)] ?? 0,
    profilesOf: (roomId) => profiles[counterOf(roomId)] ?? 0,
    leavesOf: (roomId, userId) => leaves[counterOf(roomId, userId)] ?? 0,
  };
}
