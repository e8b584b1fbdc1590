import type { HistoryStore, RoomSnapshot } from "../../src/index.js";

/** A history in memory, without owners; what goes in and out is copied, as a browser's database does. */
export function createMemoryHistory(): HistoryStore & {
  readonly kept: Map<string, RoomSnapshot>;
} {
  const kept = new Map<string, RoomSnapshot>();
  let list: Awaited<ReturnType<HistoryStore["rooms"]>> = null;
  return {
    kept,
    room: async (_owner, roomId) => structuredClone(kept.get(roomId) ?? null),
    async keepRoom(_owner, roomId, snapshot) {
      kept.set(roomId, structuredClone(snapshot));
    },
    async dropRoom(_owner, roomId) {
      kept.delete(roomId);
    },
    rooms: async () => structuredClone(list),
    async keepRooms(_owner, rooms) {
      list = structuredClone(rooms);
    },
  };
}
