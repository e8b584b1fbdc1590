import type { Server } from "node:http";
import type { Bus } from "../bus/bus.js";
import type { CallsService } from "../calls/service.js";
import type { Query } from "../db/database.js";
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
import type { Connection } from "./connection.js";
import { createDirectAdmission } from "./direct-socket.js";
import { createDispatch, signedFrame } from "./dispatch.js";
import { keepPresence, type PeopleByRoom, takePresence } from "./former-presence.js";
import { createGateway } from "./gateway.js";
import { createPeerWatch, startHeartbeats } from "./heartbeat.js";
import { createHub } from "./hub.js";
import { createInbox, isInboxRoom } from "./inbox-socket.js";
import { createKeptPlaces } from "./kept-places.js";
import { createLastSeen } from "./last-seen.js";
import { createBacklog } from "./outbound.js";
import { createPresence } from "./presence.js";
import { startReceipts } from "./receipts.js";
import { createReplay } from "./replay.js";
import { createRoomActivity } from "./room-activity.js";
import { createRoomMarks } from "./room-marks.js";
import { createRoomSessions } from "./room-session.js";
import { createRoomAdmission } from "./room-socket.js";
import { createSessionGuard } from "./session-guard.js";

/** Sockets are closed over this time when the server stops, so that they do not all come back at once. */
const CLOSE_SPREAD = 1_000;
/** Longest wait for the peers' answers to the close. */
const CLOSE_WAIT = 2_000;
/** Longest wait beyond that for the database to keep who was connected. */
const KEEP_WAIT = 500;

/** Puts the parts of the live side together. */
export function createSockets(parts: {
  sql: Query;
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
  const { sql, bus, users, sessions, rooms, messages, direct, reading, calls } = parts;
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
  const places = createKeptPlaces({ rooms, hub });
  const marks = createRoomMarks(bus, rooms);
  const guard = createSessionGuard({ hub, places, marks, users, rooms, sessions });
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
      places,
      marks,
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
  rooms.onMembership(({ room, userId, isMember, isPutOut }) => {
    // Who was put out is the guard's.
    if (isMember || isPutOut || room.kind === "direct") return;
    for (const connection of hub.connectionsOf(room.id, userId)) connection.close("left_room");
  });
  const heartbeats = startHeartbeats({ hub, presence, rooms, messages, log });

  return {
    hub,
    isConnected: (userId: string): boolean => lastSeen.isConnected(userId),

    /** Bytes that wait for slow readers. */
    unsentBytes: (): number => backlog.bytes,

    attach: (http: Server): void => gateway.attach(http),

    /** Waits for those who were connected when a server stopped a moment ago: for the others they have not left. */
    async expectReturn(): Promise<void> {
      try {
        const people = await takePresence(sql);
        await users.rows([...people.values()].flat());
        for (const [roomId, userIds] of people) presence.expect(roomId, userIds);
      } catch (err) {
        // They come as if they were new.
        log.debug({ err }, "who was connected before is not known");
      }
    },

    /** Takes no new sockets. */
    stop: (): void => gateway.stop(),

    /** Tells every socket to come back later, spread over a moment, and waits for them to go. */
    async close(): Promise<void> {
      const open = [...hub.all()];
      heartbeats.stop();
      activity.close();
      const kept = keepPresence(sql, peopleOf(open)).catch((err: unknown) =>
        log.debug({ err }, "who was connected was not kept"),
      );
      presence.close();
      inbox.close();
      receipts.stop();
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
      // A database that does not answer is not waited for: it is a comfort.
      await Promise.race([kept, later(KEEP_WAIT)]);
    },
  };
}

function peopleOf(open: readonly (readonly [string, Connection])[]): PeopleByRoom {
  const people = new Map<string, Set<string>>();
  for (const [roomId, { userId }] of open) {
    if (isInboxRoom(roomId)) continue;
    const room = people.get(roomId);
    if (room) room.add(userId);
    else people.set(roomId, new Set([userId]));
  }
  return people;
}

function later(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
