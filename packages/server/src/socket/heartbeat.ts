import { TIMING } from "@parlor/protocol";
import type { WebSocket } from "ws";
import { roomFrame } from "../bus/frame.js";
import type { Logger } from "../log.js";
import type { RoomsService } from "../rooms/service.js";
import type { Hub } from "./hub.js";

/** A peer that answers no ping within this time is gone. */
const PING_EVERY = 30_000;
/** How often quiet rooms are looked for; with the time below a heartbeat comes at least every 15 seconds. */
const LOOK_EVERY = 4_000;
const QUIET_FOR = TIMING.heartbeat - LOOK_EVERY - 1_000;

/** Ends sockets whose peer vanished without a word. */
export function watchPeer(ws: WebSocket): void {
  let alive = true;
  const heard = () => {
    alive = true;
  };
  ws.on("pong", heard);
  ws.on("message", heard);
  const timer = setInterval(() => {
    if (!alive) {
      ws.terminate();
      return;
    }
    alive = false;
    ws.ping();
  }, PING_EVERY);
  timer.unref();
  ws.once("close", () => clearInterval(timer));
}

/** Tells quiet rooms their head, so that a client notices frames that were lost on the way. */
export function startHeartbeats(parts: { hub: Hub; rooms: RoomsService; log: Logger }): { stop(): void } {
  const { hub, rooms, log } = parts;
  const beat = async () => {
    const quiet = hub.quietRooms(QUIET_FOR);
    if (quiet.length === 0) return;
    for (const [roomId, head] of await rooms.heads(quiet)) {
      const frame = { type: "heartbeat", room_id: roomId, head_seq: head } as const;
      hub.deliver(roomId, roomFrame(frame, { resumeOnly: true }));
    }
  };
  const timer = setInterval(() => {
    beat().catch((err: unknown) => log.debug({ err }, "no heartbeat: the database does not answer"));
  }, LOOK_EVERY);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
