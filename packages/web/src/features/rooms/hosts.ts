import type { Room } from "@parlor/protocol";

/** Whether somebody decides in a room: who made it, or is named as its host. */
export function isHost(room: Pick<Room, "created_by" | "host"> | null, userId: string): boolean {
  return room !== null && (room.created_by === userId || room.host?.id === userId);
}
