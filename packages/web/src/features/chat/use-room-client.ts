import {
  createIndexedDbOutbox,
  type OutboxStore,
  openRoom,
  type RoomClient,
  type RoomState,
} from "@parlor/client";
import { useEffect, useState, useSyncExternalStore } from "react";
import { api } from "../../lib/api.js";

let outbox: OutboxStore | undefined;
const nothing = () => () => {};

/** Opens a room for as long as it is shown. */
export function useRoomClient(
  roomId: string,
  userId: string,
): { client: RoomClient | null; state: RoomState | null } {
  const [client, setClient] = useState<RoomClient | null>(null);
  useEffect(() => {
    outbox ??= createIndexedDbOutbox();
    const opened = openRoom({ url: "", roomId, userId, api, outbox });
    setClient(opened);
    return () => {
      opened.close();
      setClient(null);
    };
  }, [roomId, userId]);
  const state = useSyncExternalStore(client?.subscribe ?? nothing, () => client?.state ?? null);
  return { client, state };
}
