import { type PresenceDigest, presenceHash } from "@parlor/protocol";
import { BASE_MARK, withBase } from "../base-address.js";
import type { RoomFrame } from "../bus/frame.js";
import type { LoadMeter } from "../load-meter.js";
import type { Metrics } from "../metrics/metrics.js";
import type { Connection } from "./connection.js";
import { createPace, type Pace } from "./pace.js";
import { textFrame } from "./wire.js";

/** Waiting frames of a room are written at the end of the turn once they hold so many UTF-16 units. */
const FLUSH_UNITS = 8_192;
/** Frames are written together up to so many units. */
const PIECE_UNITS = 131_072;
/** Above this use of the event loop the process has much to do. */
const LOADED = 0.5;
/** Milliseconds of one turn of the loop that go to writing rooms, or half of what all else took since the last one. */
const WRITING = 2;
/** Addresses of readers for which encoded frames are kept; for a further one they are encoded each time. */
const BASES = 4;

interface Room {
  readonly connections: Set<Connection>;
  readonly byUser: Map<string, Connection[]>;
  /** The `presenceHash` of its users. */
  usersHash: number;
  /** How many of the connections came without a cursor. */
  plain: number;
  pending: RoomFrame[];
  pendingUnits: number;
  /** When what waits is written: later, with the rooms whose turn it is, or nothing waits. */
  flushAt: NodeJS.Timeout | "now" | null;
  readonly pace: Pace;
  lastBeatAt: number;
  /** Frames with a profile that were delivered since the room has a socket. */
  profilesTold: number;
}

export type Hub = ReturnType<typeof createHub>;

/**
 * The sockets of this node by room, and the only writer of rooms' frames. A frame is encoded once; the frames of a room
 * are gathered for a short moment while the machine is busy, and each socket gets one write for all of them.
 */
export function createHub(metrics: Metrics, load: Pick<LoadMeter, "utilization">) {
  const rooms = new Map<string, Room>();
  /** Rooms whose turn it is, and whether they are about to be written. */
  const due = new Set<Room>();
  let isWriting = false;
  /** When rooms were last written, while others still wait for it. */
  let writtenAt = Number.POSITIVE_INFINITY;
  let total = 0;
  let arrivals = 0;

  function schedule(room: Room, now: number): void {
    const urgent = room.pendingUnits >= FLUSH_UNITS;
    if (room.flushAt === "now" || (room.flushAt !== null && !urgent)) return;
    const wait = urgent ? 0 : room.pace.wait(now, load.utilization() > LOADED);
    if (wait > 0) room.flushAt = setTimeout(() => flushSoon(room), wait);
    else flushSoon(room);
  }

  function flushSoon(room: Room): void {
    if (room.flushAt !== null && room.flushAt !== "now") clearTimeout(room.flushAt);
    room.flushAt = "now";
    due.add(room);
    if (isWriting) return;
    isWriting = true;
    setImmediate(writeDue);
  }

  /** Writes the rooms whose turn it is, some in each turn of the loop: many at once would keep all others waiting. */
  function writeDue(): void {
    const start = performance.now();
    const until = start + Math.max(WRITING, (start - writtenAt) / 2);
    for (const room of due) {
      flush(room);
      if (performance.now() > until) break;
    }
    isWriting = due.size > 0;
    // What passes until rooms are due again is no work of others.
    writtenAt = isWriting ? performance.now() : Number.POSITIVE_INFINITY;
    if (isWriting) setImmediate(writeDue);
  }

  function flush(room: Room): void {
    if (room.flushAt === "now") due.delete(room);
    else if (room.flushAt !== null) clearTimeout(room.flushAt);
    room.flushAt = null;
    const frames = room.pending;
    const units = room.pendingUnits;
    if (frames.length === 0) return;
    room.pending = [];
    room.pendingUnits = 0;
    const start = performance.now();
    if (units <= PIECE_UNITS) writeToAll(room, frames);
    else for (const piece of inPieces(frames)) writeToAll(room, piece);
    const end = performance.now();
    room.pace.flushed(start, end);
    const oldest = oldestCommit(frames);
    if (oldest !== null) metrics.written(end - oldest);
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
      if (own) own.push(connection);
      else {
        room.byUser.set(connection.userId, [connection]);
        room.usersHash = (room.usersHash + presenceHash([connection.userId])) >>> 0;
      }
      total += 1;
      arrivals += 1;
      connection.arrival = arrivals;
      connection.profilesTold = room.profilesTold;
      if (!connection.resume) room.plain += 1;
    },

    /** Takes a socket out of a room; `true` when it was its user's last one there. */
    leave(roomId: string, connection: Connection): boolean {
      const room = rooms.get(roomId);
      if (!room?.connections.delete(connection)) return false;
      total -= 1;
      if (!connection.resume) room.plain -= 1;
      const own = room.byUser.get(connection.userId)?.filter((other) => other !== connection) ?? [];
      if (own.length > 0) {
        room.byUser.set(connection.userId, own);
        return false;
      }
      room.byUser.delete(connection.userId);
      room.usersHash = (room.usersHash - presenceHash([connection.userId])) >>> 0;
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
      const now = performance.now();
      if (frame.isHeartbeat) room.lastBeatAt = now;
      if (frame.profile) room.profilesTold += 1;
      room.pace.came(now);
      schedule(room, now);
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

    /** All sockets in a room. */
    connectionsIn(roomId: string): readonly Connection[] {
      return [...(rooms.get(roomId)?.connections ?? [])];
    },

    /** Ids of the users who are connected to a room. */
    usersIn(roomId: string): string[] {
      return [...(rooms.get(roomId)?.byUser.keys() ?? [])];
    },

    /** How many users are connected to a room, and which, in two numbers. */
    digestOf(roomId: string): PresenceDigest {
      const room = rooms.get(roomId);
      return { count: room?.byUser.size ?? 0, hash: room?.usersHash ?? 0 };
    },

    /** The name under which a user came, from any of its sockets in a room. */
    nameIn(roomId: string, userId: string): string | undefined {
      const [connection] = rooms.get(roomId)?.byUser.get(userId) ?? [];
      return connection?.username;
    },

    onlineCount: (roomId: string): number => rooms.get(roomId)?.byUser.size ?? 0,
    hasUser: (roomId: string, userId: string): boolean => rooms.get(roomId)?.byUser.has(userId) ?? false,

    /** Sockets of a room that came without a cursor. */
    plainCount: (roomId: string): number => rooms.get(roomId)?.plain ?? 0,

    /** The arrival of the newest socket of all rooms. */
    get arrivals(): number {
      return arrivals;
    },

    /** All sockets in rooms. */
    get size(): number {
      return total;
    },

    /** Frames with a profile that were delivered to a room since it has a socket. */
    profilesTold: (roomId: string): number => rooms.get(roomId)?.profilesTold ?? 0,

    /** Rooms with a socket and no heartbeat since so many milliseconds; inboxes have none. */
    roomsToBeat(since: number): string[] {
      const before = performance.now() - since;
      return [...rooms]
        .filter(([id, room]) => room.lastBeatAt < before && !id.includes("/"))
        .map(([id]) => id);
    },

    /** Rooms with a socket. */
    get roomCount(): number {
      return rooms.size;
    },

    /** Every socket with its room. */
    *all(): Iterable<[string, Connection]> {
      for (const [roomId, room] of rooms)
        for (const connection of [...room.connections]) yield [roomId, connection];
    },
  };
}

function emptyRoom(): Room {
  return {
    connections: new Set(),
    byUser: new Map(),
    usersHash: 0,
    plain: 0,
    pending: [],
    pendingUnits: 0,
    flushAt: null,
    pace: createPace(),
    lastBeatAt: performance.now(),
    profilesTold: 0,
  };
}

/** Nearly always one piece; but what a socket has not taken is dropped or kept in pieces, so none may be huge. */
function inPieces(frames: readonly RoomFrame[]): readonly (readonly RoomFrame[])[] {
  const pieces: RoomFrame[][] = [];
  let piece: RoomFrame[] = [];
  let units = 0;
  for (const frame of frames) {
    if (units > 0 && units + frame.json.length > PIECE_UNITS) {
      pieces.push(piece);
      piece = [];
      units = 0;
    }
    piece.push(frame);
    units += frame.json.length;
  }
  pieces.push(piece);
  return pieces;
}

function writeToAll(room: Room, frames: readonly RoomFrame[]): void {
  const encode = createEncoder(frames);
  const excepted = new Set(frames.flatMap((frame) => [frame.exceptUserId, frame.profile?.userId]));
  const oldest = Math.min(...frames.map((frame) => frame.seq ?? Number.POSITIVE_INFINITY));
  const plainAfter = Math.max(...frames.map((frame) => frame.plain?.after ?? Number.NEGATIVE_INFINITY));
  const plainUpTo = Math.min(...frames.map((frame) => frame.plain?.upTo ?? Number.POSITIVE_INFINITY));
  for (const connection of room.connections) {
    const { resume, arrival } = connection;
    if (connection.holding) {
      for (const frame of frames) if (connection.wants(frame)) connection.keep(frame);
    } else if (
      excepted.has(connection.userId) ||
      connection.covered >= oldest ||
      (!resume && (arrival <= plainAfter || arrival > plainUpTo))
    ) {
      const wanted = frames.filter((frame) => connection.wants(frame));
      if (wanted.length > 0) connection.write(createEncoder(wanted)(connection));
    } else {
      const bytes = encode(connection);
      if (bytes.length > 0) connection.write(bytes);
    }
  }
}

/** Frames of a room come in the order of their commits: the first that tells one is the oldest. */
function oldestCommit(frames: readonly RoomFrame[]): number | null {
  for (const { committedAt } of frames) if (committedAt !== null) return committedAt;
  return null;
}

/** Encodes frames at most once for each kind of reader: with or without cursor, and by address where that matters. */
function createEncoder(frames: readonly RoomFrame[]): (reader: { resume: boolean; base: string }) => Buffer {
  const marked = frames.some((frame) => frame.json.includes(BASE_MARK));
  const mixed = frames.some((frame) => frame.resumeOnly || frame.plain !== null);
  const made = new Map<string, Buffer>();
  return ({ resume, base }) => {
    const kind = mixed && !resume ? "plain" : "resume";
    const key = marked ? `${kind} ${base}` : kind;
    const known = made.get(key);
    if (known) return known;
    const wanted = frames.filter((frame) => (kind === "plain" ? !frame.resumeOnly : frame.plain === null));
    const parts = wanted.map((frame) => textFrame(marked ? withBase(frame.json, base) : frame.json));
    const bytes = parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
    if (made.size < BASES * 2) made.set(key, bytes);
    return bytes;
  };
}
