import type { CallClient, CallState, RoomClient } from "@parlor/client";
import { useMe } from "../session/public.js";
import { type TileItem, tilesOf } from "./tiles.js";
import { useCall, useRoomState } from "./use-call.js";

/** A call's state and its tiles, live. */
export function useTiles(
  client: CallClient,
  room: RoomClient,
  userId: string,
): { state: CallState; tiles: TileItem[] } {
  const me = useMe();
  const state = useCall(client);
  const { profiles } = useRoomState(room);
  const name = profiles.get(userId)?.username ?? me.username;
  return { state, tiles: tilesOf(state, profiles, { id: userId, name }) };
}
