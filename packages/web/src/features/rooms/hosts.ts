import type { Room } from "@parlor/protocol";

type Hosted = Pick<Room, "created_by" | "host">;

/** Whether somebody decides in a room: who made it, or is named as its host. */
export function isHost(room: Hosted | null, userId: string): boolean {
  return room !== null && (room.created_by === userId || room.host?.id === userId);
}

/** Whether somebody may do as host what can not be taken back: delete the room, put people out. */
export function isProvenHost(room: (Hosted & Pick<Room, "host_proven">) | null, userId: string): boolean {
  return room?.host_proven === true && isHost(room, userId);
}

/** Whether a room has a host; in one without, as in a conversation, each member pins. */
export function hasHost({ created_by, host }: Hosted): boolean {
  return (created_by ?? host?.id ?? null) !== null;
}
