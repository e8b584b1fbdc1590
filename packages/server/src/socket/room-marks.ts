import { presenceHash } from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";

/** Counters; rooms share them, so that a change of another room may count for one. */
const COUNTERS = 4_096;

/** Tells whether something of a room's history or profiles was told between two moments. */
export interface RoomMarks {
  /** A number that stays the same while nothing is told. */
  of(roomId: string): number;
}

/** Counts what the bus tells of each room, in memory that does not grow with the rooms. */
export function createRoomMarks(bus: Bus): RoomMarks {
  const counters = new Uint32Array(COUNTERS);
  const placeOf = (roomId: string) => presenceHash([roomId]) % COUNTERS;
  bus.subscribe((roomId, frame) => {
    if (frame.seq === null && frame.profile === null) return;
    const place = placeOf(roomId);
    counters[place] = (counters[place] ?? 0) + 1;
  });
  return { of: (roomId) => counters[placeOf(roomId)] ?? 0 };
}
