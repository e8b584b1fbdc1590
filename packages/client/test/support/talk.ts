import { WebSocket } from "ws";
import {
  type Api,
  createApi,
  createMemoryOutbox,
  openRoom,
  type RoomClient,
  type RoomOptions,
} from "../../src/index.js";

const PATIENCE = 15_000;

/** A guest with the session that its token names. */
export interface Guest {
  readonly id: string;
  readonly name: string;
  readonly token: string;
  readonly api: Api;
}

/** Makes a guest. */
export async function makeGuest(url: string, name: string): Promise<Guest> {
  const made = await createApi({ url }).call("createUser", { body: { username: name, want_token: true } });
  const token = made.token ?? "";
  return { id: made.id, name, token, api: createApi({ url, token: () => token }) };
}

/** Opens a room as a guest, over the address `url` (a proxy's, maybe). */
export function enter(
  guest: Guest,
  url: string,
  roomId: string,
  options: Partial<RoomOptions> = {},
): RoomClient {
  const token = () => guest.token;
  return openRoom({
    url,
    token,
    roomId,
    userId: guest.id,
    WebSocket,
    outbox: createMemoryOutbox(),
    ...options,
  });
}

/** Waits until a room's state is as a test wants it. */
export async function until(
  room: RoomClient,
  what: string,
  holds: () => boolean,
  patience = PATIENCE,
): Promise<void> {
  if (holds()) return;
  await new Promise<void>((resolve, reject) => {
    const stop = room.subscribe(() => {
      if (!holds()) return;
      done();
      resolve();
    });
    const timer = setTimeout(() => {
      done();
      reject(new Error(`${what}: not so; ${describe(room)}`));
    }, patience);
    function done(): void {
      stop();
      clearTimeout(timer);
    }
  });
}

/** Waits until a room has a status. */
export async function untilStatus(room: RoomClient, status: RoomClient["state"]["status"]): Promise<void> {
  await until(room, status, () => room.state.status === status);
}

/** What a person reads in a room. */
export function lines(room: RoomClient): string[] {
  return room.state.messages
    .filter(({ deleted_at }) => deleted_at === null)
    .map(({ user_id, content }) => `${room.state.profiles.get(user_id)?.username}: ${content}`);
}

function describe(room: RoomClient): string {
  const { status, failure, pending, messages } = room.state;
  const own = pending.map((message) => message.failure?.detail ?? message.status);
  return JSON.stringify({ status, failure, pending: own, messages: messages.length });
}
