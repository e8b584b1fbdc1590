import { performance } from "node:perf_hooks";
import { BASE_MARK, withBase } from "../base-address.js";
import type { RoomFrame } from "../bus/frame.js";
import type { Connection } from "./connection.js";
import { textFrame } from "./wire.js";

/** Waiting frames of a room are written at the end of the turn once they hold so many UTF-16 units. */
const FLUSH_UNITS = 8_192;
/** Share of one core that the writes of a busy room may take; the rest of the gap gathers frames. */
const SHARE = 0.05;
/** Longest time that a frame waits for company, in milliseconds. */
const LONGEST_GAP = 20;
/** Below this use of the event loop nothing waits. */
const IDLE = 0.5;
/** Addresses of readers for which encoded frames are kept; for a further one they are encoded each time. */
const BASES = 4;

interface Room {
  readonly connections: Set<Connection>;
  readonly byUser: Map<string, Set<Connection>>;
  pending: RoomFrame[];
  pendingUnits: number;
  flushAt: NodeJS.Timeout | NodeJS.Immediate | null;
  lastFlushEnd: number;
  lastFlushCost: number;
  lastFrameAt: number;
}

export type Hub = ReturnType<typeof createHub>;

/**
 * The sockets of this node by room, and the only writer of rooms' frames. A frame is encoded once; the frames of a room
 * are gathered for a short moment while the machine is busy, and each socket gets one write for all of them.
 */
export function createHub() {
  const rooms = new Map<string, Room>();
  let total = 0;
  const load = createLoadMeter();

  function schedule(room: Room): void {
    const urgent = room.pendingUnits >= FLUSH_UNITS;
    if (room.flushAt !== null && !urgent) return;
    const gap = load.isIdle() ? 0 : Math.min(LONGEST_GAP, room.lastFlushCost * (1 / SHARE - 1));
    const wait = urgent ? 0 : room.lastFlushEnd + gap - performance.now();
    if (wait <= 0) {
      if (room.flushAt !== null && "refresh" in room.flushAt) clearTimeout(room.flushAt);
      else if (room.flushAt !== null) return;
      room.flushAt = setImmediate(() => flush(room));
    } else {
      room.flushAt = setTimeout(() => flush(room), wait);
    }
  }

  function flush(room: Room): void {
    if (room.flushAt !== null) {
      if ("refresh" in room.flushAt) clearTimeout(room.flushAt);
      else clearImmediate(room.flushAt);
      room.flushAt = null;
    }
    const frames = room.pending;
    if (frames.length === 0) return;
    room.pending = [];
    room.pendingUnits = 0;
    const start = performance.now();
    writeToAll(room, frames);
    room.lastFlushEnd = performance.now();
    room.lastFlushCost = room.lastFlushEnd - start;
  }

  return {
    /** Puts a socket into a room; frames published from now on reach it. */
    join(roomId: string, connection: Connection): void {
      let room = rooms.get(roomId);
      if (!room) {
        room = emptyRoom();
        rooms.set(roomId, room);
      }
      flush(room);
      room.connections.add(connection);
      const own = room.byUser.get(connection.userId);
      if (own) own.add(connection);
      else room.byUser.set(connection.userId, new Set([connection]));
      total += 1;
    },

    /** Takes a socket out of a room; `true` when it was its user's last one there. */
    leave(roomId: string, connection: Connection): boolean {
      const room = rooms.get(roomId);
      if (!room?.connections.delete(connection)) return false;
      total -= 1;
      const own = room.byUser.get(connection.userId);
      own?.delete(connection);
      if (own && own.size > 0) return false;
      room.byUser.delete(connection.userId);
      if (room.connections.size === 0) {
        room.pending = [];
        flush(room);
        rooms.delete(roomId);
      }
      return true;
    },

    /** Takes a frame of the bus for a room's sockets. */
    deliver(roomId: string, frame: RoomFrame): void {
      const room = rooms.get(roomId);
      if (!room) return;
      room.pending.push(frame);
      room.pendingUnits += frame.json.length;
      // Others (typing, presence) tell no number, so a loss would stay unseen behind them.
      if (frame.seq !== null || frame.resumeOnly) room.lastFrameAt = performance.now();
      schedule(room);
    },

    /** Writes what waits for a room now; before a frame to one of its sockets alone. */
    flush(roomId: string): void {
      const room = rooms.get(roomId);
      if (room) flush(room);
    },

    /** A user's sockets in a room. */
    connectionsOf(roomId: string, userId: string): readonly Connection[] {
      return [...(rooms.get(roomId)?.byUser.get(userId) ?? [])];
    },

    /** Ids of the users who are connected to a room. */
    usersIn(roomId: string): string[] {
      return [...(rooms.get(roomId)?.byUser.keys() ?? [])];
    },

    /** The name under which a user came, from any of its sockets in a room. */
    nameIn(roomId: string, userId: string): string | undefined {
      const [connection] = rooms.get(roomId)?.byUser.get(userId) ?? [];
      return connection?.username;
    },

    onlineCount: (roomId: string): number => rooms.get(roomId)?.byUser.size ?? 0,
    hasUser: (roomId: string, userId: string): boolean => rooms.get(roomId)?.byUser.has(userId) ?? false,

    /** All sockets in rooms. */
    get size(): number {
      return total;
    },

    /** Rooms with a socket that knows heartbeats, and no number told since `quietFor` milliseconds. */
    quietRooms(quietFor: number): string[] {
      const before = performance.now() - quietFor;
      return [...rooms].filter(([, room]) => room.lastFrameAt < before && hasResume(room)).map(([id]) => id);
    },

    /** Every socket with its room. */
    *all(): Iterable<[string, Connection]> {
      for (const [roomId, room] of rooms)
        for (const connection of [...room.connections]) yield [roomId, connection];
    },

    close(): void {
      load.stop();
    },
  };
}

function emptyRoom(): Room {
  return {
    connections: new Set(),
    byUser: new Map(),
    pending: [],
    pendingUnits: 0,
    flushAt: null,
    lastFlushEnd: Number.NEGATIVE_INFINITY,
    lastFlushCost: 0,
    lastFrameAt: performance.now(),
  };
}

function hasResume(room: Room): boolean {
  for (const connection of room.connections) if (connection.resume) return true;
  return false;
}

function writeToAll(room: Room, frames: readonly RoomFrame[]): void {
  const encode = createEncoder(frames);
  const excepted = new Set(frames.flatMap((frame) => [frame.exceptUserId, frame.profile?.userId]));
  const oldest = Math.min(...frames.map((frame) => frame.seq ?? Number.POSITIVE_INFINITY));
  for (const connection of room.connections) {
    if (connection.holding) {
      for (const frame of frames) if (connection.wants(frame)) connection.keep(frame);
    } else if (excepted.has(connection.userId) || connection.covered >= oldest) {
      const wanted = frames.filter((frame) => connection.wants(frame));
      if (wanted.length > 0) connection.write(createEncoder(wanted)(connection));
    } else {
      const bytes = encode(connection);
      if (bytes.length > 0) connection.write(bytes);
    }
  }
}

/** Encodes frames at most once for each kind of reader: with or without cursor, and by address where that matters. */
function createEncoder(frames: readonly RoomFrame[]): (reader: { resume: boolean; base: string }) => Buffer {
  const marked = frames.some((frame) => frame.json.includes(BASE_MARK));
  const mixed = frames.some((frame) => frame.resumeOnly);
  const made = new Map<string, Buffer>();
  return ({ resume, base }) => {
    const kind = mixed && !resume ? "plain" : "resume";
    const key = marked ? `${kind} ${base}` : kind;
    const known = made.get(key);
    if (known) return known;
    const wanted = kind === "plain" ? frames.filter((frame) => !frame.resumeOnly) : frames;
    const parts = wanted.map((frame) => textFrame(marked ? withBase(frame.json, base) : frame.json));
    const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    if (made.size < BASES * 2) made.set(key, bytes);
    return bytes;
  };
}

/** How busy the event loop was in the last tenth of a second. */
function createLoadMeter() {
  let last = performance.eventLoopUtilization();
  let utilization = 0;
  const timer = setInterval(() => {
    const now = performance.eventLoopUtilization();
    utilization = performance.eventLoopUtilization(now, last).utilization;
    last = now;
  }, 100);
  timer.unref();
  return {
    isIdle: () => utilization < IDLE,
    stop: () => clearInterval(timer),
  };
}
