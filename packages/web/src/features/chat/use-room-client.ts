import type { RoomClient, RoomState } from "@parlor/client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { heldRoom, holdRoom } from "../../lib/held-rooms.js";

const nothing = () => () => {};

/** Opens a room for as long as it is shown. */
export function useRoomClient(
  roomId: string,
  userId: string,
): { client: RoomClient | null; state: RoomState | null } {
  const [client, setClient] = useState(() => heldRoom(roomId, userId));
  useEffect(() => {
    const held = holdRoom(roomId, userId);
    setClient(held.client);
    return () => {
      held.release();
      setClient(null);
    };
  }, [roomId, userId]);
  const state = useSyncExternalStore(client?.subscribe ?? nothing, () => client?.state ?? null);
  return { client, state };
}
