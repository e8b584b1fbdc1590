import { openRoom, type RoomClient } from "@parlor/client";
import { api } from "./api.js";
import { history } from "./history.js";
import { outbox } from "./unsent.js";

interface Held {
  readonly client: RoomClient;
  holders: number;
}

/** Open rooms: one for the page that shows it, one more at most for a call that goes on elsewhere. */
const rooms = new Map<string, Held>();

/** Opens a room, or shares the one that is open already; it is closed when the last holder lets go. */
export function holdRoom(roomId: string, userId: string): { client: RoomClient; release: () => void } {
  const key = JSON.stringify([roomId, userId]);
  let held = rooms.get(key);
  if (!held) {
    const client = openRoom({
      url: "",
      roomId,
      userId,
      api,
      outbox: outbox(),
      history: history(),
      receipts: true,
    });
    held = { client, holders: 0 };
    rooms.set(key, held);
  }
  const own = held;
  own.holders += 1;
  let isHeld = true;
  return {
    client: own.client,
    release() {
      if (!isHeld) return;
      isHeld = false;
      own.holders -= 1;
      if (own.holders > 0) return;
      rooms.delete(key);
      own.client.close();
    },
  };
}
