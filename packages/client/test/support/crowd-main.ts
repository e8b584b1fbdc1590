import { setTimeout as pause } from "node:timers/promises";
import { errorEntry } from "@parlor/protocol";
import { WebSocket } from "ws";
import type { CrowdOrder, CrowdState } from "../../../server/test/support/crowd.js";
import { asParlorError } from "../../src/errors.js";
import { createApi, createMemoryOutbox, openRoom, type RoomClient } from "../../src/index.js";
import { retryDelay } from "../../src/retry.js";

/** People who come in at one time. */
const AT_ONCE = 10;
/** Tries of one who is told to come back, at most. */
const TRIES = 20;
/** Milliseconds between two messages of one who writes. */
const WRITE_EVERY = 100;

interface One {
  readonly room: RoomClient;
  liveAt: number;
}

/** Frames and bytes that came over all WebSockets. */
const came = { frames: 0, bytes: 0 };

class CountingWebSocket extends WebSocket {
  constructor(url: string, protocols?: string[]) {
    super(url, protocols);
    this.on("message", (data) => {
      came.frames += 1;
      came.bytes += (data as Buffer).length;
    });
  }
}

const crowd: One[] = [];
const written: string[] = [];
let writing: NodeJS.Timeout | null = null;

/** Asks again as a person's client does, as long as the server says that it makes sense. */
async function insist<T>(ask: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await ask();
    } catch (cause) {
      const error = asParlorError(cause);
      if (!errorEntry(error.code).retry || tries >= TRIES) throw error;
      await pause(retryDelay({ tries, retryAfter: error.retryAfter, random: Math.random() }) ?? 0);
    }
  }
}

async function comeIn(url: string, roomId: string, index: number): Promise<void> {
  const username = `Member ${index}`;
  const made = await insist(() =>
    createApi({ url }).call("createUser", { body: { username, want_token: true } }),
  );
  const token = () => made.token ?? "";
  const api = createApi({ url, token });
  await insist(() => api.call("joinRoom", { params: { room_id: roomId }, body: { user_id: made.id } }));
  const outbox = createMemoryOutbox();
  const room = openRoom({ url, api, token, roomId, userId: made.id, WebSocket: CountingWebSocket, outbox });
  const one: One = { room, liveAt: 0 };
  let wasLive = false;
  room.subscribe(() => {
    const isLive = room.state.status === "live";
    if (isLive && !wasLive) one.liveAt = Date.now();
    wasLive = isLive;
  });
  crowd.push(one);
}

async function start({ url, roomIds, size }: Extract<CrowdOrder, { do: "start" }>): Promise<void> {
  for (let index = 0; index < size; index += AT_ONCE) {
    const some = Math.min(AT_ONCE, size - index);
    const roomOf = (person: number) => roomIds[person % roomIds.length] ?? "";
    await Promise.all(
      Array.from({ length: some }, (_, offset) => comeIn(url, roomOf(index + offset), index + offset)),
    );
  }
}

function write(writers: number): void {
  writing = setInterval(() => {
    for (const [index, { room }] of crowd.slice(0, writers).entries()) {
      const content = `${index}: ${written.length}`;
      written.push(content);
      room.send(content);
    }
  }, WRITE_EVERY);
}

function state(): CrowdState {
  const { user, system } = process.cpuUsage();
  const rooms = crowd.map(({ room }) => room.state);
  return {
    live: rooms.filter(({ status }) => status === "live").length,
    pending: rooms.reduce((sum, { pending }) => sum + pending.length, 0),
    liveAt: crowd.map(({ liveAt }) => liveAt),
    written,
    views: rooms.map(({ messages }) => messages.map(({ seq }) => seq)),
    ...came,
    cpuSeconds: (user + system) / 1e6,
    online: rooms.map(({ online }) => online.length),
  };
}

process.on("message", async (order: CrowdOrder) => {
  if (order.do === "start") await start(order);
  else if (order.do === "write") write(order.writers);
  else if (order.do === "rest" && writing) clearInterval(writing);
  process.send?.(state());
});
process.once("disconnect", () => process.exit(0));
