import type { Room, RoomSummary } from "@parlor/protocol";
import { fold } from "../../lib/fold.js";
import { summaryName } from "./inbox-store.js";
import { visitedRooms } from "./rooms-store.js";

/** Rooms whose name, category or description holds the query. */
export function matching(rooms: readonly Room[], query: string): readonly Room[] {
  const wanted = fold(query.trim());
  if (!wanted) return rooms;
  return rooms.filter((room) =>
    [room.name, room.category, room.description].some((text) => text && fold(text).includes(wanted)),
  );
}

/** Rooms and conversations whose name holds the query, in their order. */
export function summariesLike(summaries: readonly RoomSummary[], query: string): readonly RoomSummary[] {
  const wanted = fold(query.trim());
  return wanted ? summaries.filter((summary) => fold(summaryName(summary)).includes(wanted)) : summaries;
}

/** Those with most people in them first. */
export function liveliest(rooms: readonly Room[]): Room[] {
  return [...rooms].sort((a, b) => b.onlineCount - a.onlineCount);
}

/**
 * The rooms in which a person is at home, by name, so that nothing moves under the pointer; and the rest, the
 * liveliest first.
 */
export function split(rooms: readonly Room[], userId: string): { mine: Room[]; others: Room[] } {
  const visited = new Set(visitedRooms());
  const isMine = (room: Room) =>
    visited.has(room.id) || room.users.includes(userId) || room.created_by === userId;
  return {
    mine: rooms.filter(isMine).sort((a, b) => a.name.localeCompare(b.name)),
    others: liveliest(rooms.filter((room) => !isMine(room))),
  };
}
