import { presenceHash } from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import type { RoomsService } from "../rooms/service.js";

/** Counters; rooms share them, so that a change of another room may count for one. */
const COUNTERS = 4_096;

/** Tells whether something of a room's history or its people's profiles changed between two moments. */
export interface RoomMarks {
  /** A number that stays the same while nothing changes. */
  of(roomId: string): number;
}

/**
 * Counts what the bus tells of each room, and who becomes a member with a profile that no frame told; in memory that does
 * not grow with the rooms.
 */
export function createRoomMarks(bus: Bus, rooms: Pick<RoomsService, "onMembership">): RoomMarks {
  const counters = new Uint32Array(COUNTERS);
  const placeOf = (roomId: string) => presenceHash([roomId]) % COUNTERS;
  const count = (roomId: string) => {
    const place = placeOf(roomId);
    counters[place] = (counters[place] ?? 0) + 1;
  };
  bus.subscribe((roomId, frame) => {
    if (frame.seq !== null || frame.profile !== null) count(roomId);
  });
  rooms.onMembership(({ room }) => count(room.id));
  return { of: (roomId) => counters[placeOf(roomId)] ?? 0 };
}
