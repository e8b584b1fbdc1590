import type { CallClient, CallState, RoomClient, RoomState } from "@parlor/client";
import { useSyncExternalStore } from "react";

/** The state of a call, live. */
export function useCall(client: CallClient): CallState {
  return useSyncExternalStore(client.subscribe, () => client.state);
}

/** The state of a room, live. */
export function useRoomState(room: RoomClient): RoomState {
  return useSyncExternalStore(room.subscribe, () => room.state);
}
