import type { Server } from "node:http";
import type { Bus } from "../bus/bus.js";
import type { DirectService } from "../direct/service.js";
import type { Identify } from "../http/identify.js";
import type { RateLimits } from "../http/limits.js";
import type { Logger } from "../log.js";
import type { MessagesService } from "../messages/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { SessionsService } from "../sessions/service.js";
import type { UsersService } from "../users/service.js";
import { createDirectAdmission } from "./direct-socket.js";
import { createDispatch, signedFrame } from "./dispatch.js";
import { createGateway } from "./gateway.js";
import { startHeartbeats } from "./heartbeat.js";
import { createHub } from "./hub.js";
import { createRoomActivity } from "./room-activity.js";
import { createRoomSessions } from "./room-session.js";
import { createRoomAdmission } from "./room-socket.js";
import { createSessionGuard } from "./session-guard.js";

/** Sockets are closed over this time when the server stops, so that they do not all come back at once. */
const CLOSE_SPREAD = 1_000;
/** Longest wait for the peers' answers to the close. */
const CLOSE_WAIT = 2_000;

/** Puts the parts of the live side together. */
export function createSockets(parts: {
  bus: Bus;
  users: UsersService;
  sessions: SessionsService;
  rooms: RoomsService;
  messages: MessagesService;
  direct: DirectService;
  identify: Identify;
  limits: RateLimits;
  strictOrigin: boolean;
  log: Logger;
}) {
  const { bus, users, sessions, rooms, messages, direct, identify, limits, strictOrigin, log } = parts;
  const hub = createHub();
  bus.subscribe((roomId, frame) => hub.deliver(roomId, frame));
  const activity = createRoomActivity((roomId, userId, username) => {
    bus.publish(roomId, signedFrame("typing_stop", roomId, userId, username));
  });
  const guard = createSessionGuard({ hub, users, sessions });
  const limited = limits.enabled;
  const shared = { bus, hub, users, rooms, messages, activity, log };
  const gateway = createGateway({
    identify,
    limits,
    strictOrigin,
    log,
    admitRoom: createRoomAdmission({
      identify,
      rooms,
      sessions: createRoomSessions(shared),
      dispatch: createDispatch(shared),
      guard,
      limited,
      log,
    }),
    admitDirect: createDirectAdmission({ bus, hub, identify, users, sessions, direct, guard, limited, log }),
  });
  const heartbeats = startHeartbeats({ hub, rooms, log });

  return {
    hub,

    attach: (http: Server): void => gateway.attach(http),

    /** Takes no new sockets. */
    stop: (): void => gateway.stop(),

    /** Tells every socket to come back later, spread over a moment, and waits for them to go. */
    async close(): Promise<void> {
      heartbeats.stop();
      activity.close();
      const open = [...hub.all()];
      const closing = open.map(async ([roomId, connection], index) => {
        await later((index / open.length) * Math.min(CLOSE_SPREAD, open.length * 5));
        hub.flush(roomId);
        connection.closeWith(1012, "The server restarts; the connection resumes.");
      });
      await Promise.all(closing);
      const deadline = performance.now() + CLOSE_WAIT;
      while (hub.size > 0 && performance.now() < deadline) await later(10);
      hub.close();
    },
  };
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
