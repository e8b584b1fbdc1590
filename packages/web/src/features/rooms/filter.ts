import type { Room } from "@parlor/protocol";
import { visitedRooms } from "./rooms-store.js";

/** Text without case and accents, to search in. */
export function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLocaleLowerCase();
}

/** Rooms whose name, category or description holds the query. */
export function matching(rooms: readonly Room[], query: string): readonly Room[] {
  const wanted = fold(query.trim());
  if (!wanted) return rooms;
  return rooms.filter((room) =>
    [room.name, room.category, room.description].some((text) => text && fold(text).includes(wanted)),
  );
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
    others: rooms.filter((room) => !isMine(room)).sort((a, b) => b.onlineCount - a.onlineCount),
  };
}
