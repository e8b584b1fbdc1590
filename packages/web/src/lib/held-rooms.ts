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

/** Nobody who has not come by then will. */
const AHEAD_FOR = 10_000;

/** The hold on a room that was opened before anybody showed it. */
let ahead: { readonly key: string; readonly release: () => void } | null = null;

const keyOf = (roomId: string, userId: string) => JSON.stringify([roomId, userId]);

/** Opens a room for the page that is about to be drawn: its first holder takes it over. */
export function openAhead(roomId: string, userId: string): RoomClient {
  const { client, release } = holdRoom(roomId, userId);
  const own = { key: keyOf(roomId, userId), release };
  ahead = own;
  setTimeout(() => {
    if (ahead === own) letGoAhead();
  }, AHEAD_FOR);
  return client;
}

function letGoAhead(): void {
  ahead?.release();
  ahead = null;
}

/** A room that is open already. */
export function heldRoom(roomId: string, userId: string): RoomClient | null {
  return rooms.get(keyOf(roomId, userId))?.client ?? null;
}

/** Opens a room, or shares the one that is open already; it is closed when the last holder lets go. */
export function holdRoom(roomId: string, userId: string): { client: RoomClient; release: () => void } {
  const key = keyOf(roomId, userId);
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
  if (ahead?.key === key) letGoAhead();
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
