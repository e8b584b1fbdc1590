import { presenceHash } from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import type { RoomsService } from "../rooms/service.js";

/** Counters; rooms share them, so that a change of another room may count for one. */
const COUNTERS = 4_096;

/** Tells whether something of a room's history or its people's profiles changed between two moments. */
export interface RoomMarks {
  /** A number that stays the same while nothing changes. */
  of(roomId: string): number;
  /** The same for its people's profiles alone. */
  profilesOf(roomId: string): number;
}

/**
 * Counts what the bus tells of each room, and who becomes a member with a profile that no frame told; in memory that does
 * not grow with the rooms.
 */
export function createRoomMarks(bus: Bus, rooms: Pick<RoomsService, "onMembership">): RoomMarks {
  const changes = new Uint32Array(COUNTERS);
  const profiles = new Uint32Array(COUNTERS);
  const counterOf = (roomId: string) => presenceHash([roomId]) % COUNTERS;
  const count = (roomId: string, isProfile: boolean) => {
    const at = counterOf(roomId);
    changes[at] = (changes[at] ?? 0) + 1;
    if (isProfile) profiles[at] = (profiles[at] ?? 0) + 1;
  };
  bus.subscribe((roomId, frame) => {
    if (frame.seq !== null || frame.profile !== null) count(roomId, frame.profile !== null);
  });
  rooms.onMembership(({ room }) => count(room.id, true));
  return {
    of: (roomId) => changes[counterOf(roomId)] ?? 0,
    profilesOf: (roomId) => profiles[counterOf(roomId)] ?? 0,
  };
}
