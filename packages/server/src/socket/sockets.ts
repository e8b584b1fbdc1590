import type { Server } from "node:http";
import type { Bus } from "../bus/bus.js";
import type { CallsService } from "../calls/service.js";
import type { DirectService } from "../direct/service.js";
import type { Identify } from "../http/identify.js";
import type { RateLimits } from "../http/limits.js";
import type { LoadMeter } from "../load-meter.js";
import type { Logger } from "../log.js";
import type { MessagesService } from "../messages/service.js";
import type { Metrics } from "../metrics/metrics.js";
import type { ReadingService } from "../reading/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { SessionsService } from "../sessions/service.js";
import type { UsersService } from "../users/service.js";
import { createDirectAdmission } from "./direct-socket.js";
import { createDispatch, signedFrame } from "./dispatch.js";
import { createGateway } from "./gateway.js";
import { createPeerWatch, startHeartbeats } from "./heartbeat.js";
import { createHub } from "./hub.js";
import { createInbox } from "./inbox-socket.js";
import { createLastSeen } from "./last-seen.js";
import { createBacklog } from "./outbound.js";
import { createPresence } from "./presence.js";
import { startReceipts } from "./receipts.js";
import { createReplay } from "./replay.js";
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
  reading: ReadingService;
  calls: CallsService;
  identify: Identify;
  limits: RateLimits;
  strictOrigin: boolean;
  metrics: Metrics;
  load: Pick<LoadMeter, "utilization">;
  log: Logger;
}) {
  const { bus, users, sessions, rooms, messages, direct, reading, calls } = parts;
  const { identify, limits, strictOrigin, metrics, load, log } = parts;
  const hub = createHub(metrics, load);
  bus.subscribe((roomId, frame) => hub.deliver(roomId, frame));
  const activity = createRoomActivity((roomId, userId, username) => {
    bus.publish(roomId, signedFrame("typing_stop", roomId, userId, username));
  });
  const backlog = createBacklog();
  const presence = createPresence({ bus, hub, users });
  const replay = createReplay({ hub, users, rooms, messages, presence, calls, metrics });
  const lastSeen = createLastSeen({ users, log });
  const receipts = startReceipts({ hub, users, reading, log });
  // Before the guard: what it tells of an end goes out before the guard closes.
  const inbox = createInbox({ bus, hub, users, rooms, sessions, reading, calls, log });
  const guard = createSessionGuard({ hub, users, rooms, sessions });
  const peers = createPeerWatch();
  const limited = limits.enabled;
  const gateway = createGateway({
    identify,
    limits,
    strictOrigin,
    log,
    admitRoom: createRoomAdmission({
      identify,
      rooms,
      messages,
      sessions: createRoomSessions({ bus, hub, users, activity, calls, presence, replay, log }),
      dispatch: createDispatch({ bus, hub, users, rooms, messages, activity, calls }),
      guard,
      peers,
      backlog,
      limited,
      log,
    }),
    admitDirect: createDirectAdmission({
      bus,
      hub,
      inbox,
      identify,
      users,
      sessions,
      direct,
      guard,
      peers,
      backlog,
      limited,
      log,
    }),
    onAccepted: (userId, ws) => lastSeen.watch(userId, ws),
  });
  rooms.onMembership(({ room, userId, isMember }) => {
    if (isMember || room.kind === "direct") return;
    for (const connection of hub.connectionsOf(room.id, userId)) connection.close("left_room");
  });
  const heartbeats = startHeartbeats({ hub, presence, rooms, messages, log });

  return {
    hub,
    isConnected: (userId: string): boolean => lastSeen.isConnected(userId),

    /** Bytes that wait for slow readers. */
    unsentBytes: (): number => backlog.bytes,

    attach: (http: Server): void => gateway.attach(http),

    /** Takes no new sockets. */
    stop: (): void => gateway.stop(),

    /** Tells every socket to come back later, spread over a moment, and waits for them to go. */
    async close(): Promise<void> {
      heartbeats.stop();
      activity.close();
      presence.close();
      inbox.close();
      receipts.stop();
      const open = [...hub.all()];
      const closing = open.map(async ([roomId, connection], index) => {
        await later((index / open.length) * Math.min(CLOSE_SPREAD, open.length * 5));
        hub.flush(roomId);
        connection.closeWith(1012, "The server restarts; the connection resumes.");
      });
      await Promise.all(closing);
      const deadline = performance.now() + CLOSE_WAIT;
      while (hub.size > 0 && performance.now() < deadline) await later(10);
      peers.stop();
      backlog.close();
      await lastSeen.close();
    },
  };
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
