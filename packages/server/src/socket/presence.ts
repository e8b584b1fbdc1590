import {
  LIMITS,
  type PresenceDigest,
  type PresentUser,
  presenceHash,
  type ServerFrameOf,
} from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import { createTokenBucket, createTokenBuckets, type Rate, type TokenBucket } from "../token-bucket.js";
import type { UsersService } from "../users/service.js";
import type { Connection } from "./connection.js";
import type { Hub } from "./hub.js";

/** Who comes back within so many milliseconds has not left: a reconnect is no news. */
const RETURN_WITHIN = 2_000;
/** After a restart: clients come back in their own time, and the first answer may be a moment away. */
const RESTART_WITHIN = 10_000;
/**
 * With more people connected, who comes and goes is told together, every so many milliseconds; in a smaller room beyond
 * this rate. After a restart everybody comes back to every room, and each frame goes to all who are back already.
 */
const GATHER_ABOVE = 200;
const GATHER_FOR = 250;
const AT_ONCE: Rate = { burst: 5, perSecond: 0.5 };
/** In a large room, clients without a cursor get the single frames that they know at this rate; the rest is made good later. */
const SINGLE: Rate = { burst: 40, perSecond: 40 };
/** Their list is told anew when frames were left out and nothing came for so long, at the latest after the second. */
const QUIET_FOR = 1_000;
const RENEW_WITHIN = 5_000;
/** Everybody, whenever they came. */
const ANYTIME = { after: 0, upTo: Number.POSITIVE_INFINITY };

interface Leaving {
  readonly timer: NodeJS.Timeout;
  /** Sockets that came later were never told that this user is here. */
  readonly leftAt: number;
}

interface RoomPresence {
  readonly leaving: Map<string, Leaving>;
  /** The `presenceHash` of those. */
  leavingHash: number;
  /** What the next gathered frame tells. */
  readonly joined: Set<string>;
  readonly left: Set<string>;
  gather: NodeJS.Timeout | null;
  readonly single: TokenBucket;
  renew: NodeJS.Timeout | null;
  renewBy: number;
}

export type Presence = ReturnType<typeof createPresence>;

/** Who is in a room, and what the others are told of it. */
export function createPresence(parts: { bus: Bus; hub: Hub; users: UsersService }) {
  const { bus, hub, users } = parts;
  const rooms = new Map<string, RoomPresence>();
  const atOnce = createTokenBuckets(AT_ONCE);
  let closed = false;
  const stamp = () => new Date().toISOString();

  function shown(roomId: string, userId: string, fallback: string) {
    const profile = users.cachedProfile(userId);
    const username = profile?.username ?? hub.nameIn(roomId, userId) ?? fallback;
    return { username, avatar_url: profile?.avatar_url ?? null };
  }

  /** The revision of the profile that {@link shown} tells; 0 when it is not known. */
  function revOf(userId: string): number {
    return users.cachedProfile(userId)?.profile_rev ?? 0;
  }

  function joinedFrame(roomId: string, userId: string, fallback: string): ServerFrameOf<"user_joined"> {
    const { username, avatar_url } = shown(roomId, userId, fallback);
    const profile_rev = revOf(userId);
    const message = `${username} joined the chat`;
    return {
      type: "user_joined",
      room_id: roomId,
      user_id: userId,
      username,
      message,
      avatar_url,
      profile_rev,
      timestamp: stamp(),
    };
  }

  function leftFrame(roomId: string, userId: string, username: string): ServerFrameOf<"user_left"> {
    const message = `${username} left the chat`;
    return { type: "user_left", room_id: roomId, user_id: userId, username, message, timestamp: stamp() };
  }

  /** Those who are connected, for a client without a cursor. */
  function stateFrame(roomId: string): ServerFrameOf<"room_state"> {
    const here = hub.usersIn(roomId).map((userId) => ({ user_id: userId, ...shown(roomId, userId, userId) }));
    return { type: "room_state", room_id: roomId, users: here, timestamp: stamp() };
  }

  function presenceOf(roomId: string): RoomPresence {
    const known = rooms.get(roomId);
    if (known) return known;
    const made: RoomPresence = {
      leaving: new Map(),
      leavingHash: 0,
      joined: new Set(),
      left: new Set(),
      gather: null,
      single: createTokenBucket(SINGLE, performance.now()),
      renew: null,
      renewBy: 0,
    };
    rooms.set(roomId, made);
    return made;
  }

  function forgetIfEmpty(roomId: string, room: RoomPresence): void {
    if (room.leaving.size === 0 && room.gather === null && room.renew === null) rooms.delete(roomId);
  }

  /**
   * One frame for everybody in a small room, as long as few come and go; else a gathered frame for clients with a cursor.
   * Those without one get single frames, in a large room at a bounded rate.
   */
  function tell(
    roomId: string,
    frame: ServerFrameOf<"user_joined"> | ServerFrameOf<"user_left">,
    plain: { after: number; upTo: number },
  ): void {
    const exceptUserId = frame.type === "user_joined" ? frame.user_id : undefined;
    const options = exceptUserId === undefined ? {} : { exceptUserId };
    const room = presenceOf(roomId);
    // Whatever waits to be told of this user is overtaken.
    room.joined.delete(frame.user_id);
    room.left.delete(frame.user_id);
    const isSmall = hub.onlineCount(roomId) <= GATHER_ABOVE;
    const now = performance.now();
    if (isSmall && atOnce(roomId).take(now)) {
      const forAll = plain === ANYTIME || hub.plainCount(roomId) === 0;
      bus.publish(roomId, roomFrame(frame, forAll ? options : { ...options, resumeOnly: true }));
      if (!forAll) bus.publish(roomId, roomFrame(frame, { ...options, plain }));
      forgetIfEmpty(roomId, room);
      return;
    }
    (frame.type === "user_joined" ? room.joined : room.left).add(frame.user_id);
    room.gather ??= setTimeout(() => flush(roomId, room), GATHER_FOR);
    if (hub.plainCount(roomId) === 0) return;
    if (isSmall || room.single.take(now)) bus.publish(roomId, roomFrame(frame, { ...options, plain }));
    else renewLater(roomId, room);
  }

  function flush(roomId: string, room: RoomPresence): void {
    room.gather = null;
    const left = [...room.left];
    const joined = [...room.joined].map((userId): PresentUser => {
      return { user_id: userId, ...shown(roomId, userId, userId), profile_rev: revOf(userId) };
    });
    room.left.clear();
    room.joined.clear();
    while (joined.length > 0 || left.length > 0) {
      const came = joined.splice(0, LIMITS.presenceUsers);
      const gone = left.splice(0, LIMITS.presenceUsers - came.length);
      const frame = { type: "presence", room_id: roomId, joined: came, left: gone } as const;
      bus.publish(roomId, roomFrame(frame, { resumeOnly: true }));
    }
    forgetIfEmpty(roomId, room);
  }

  /** Single frames were left out: the whole list follows when it calms down. */
  function renewLater(roomId: string, room: RoomPresence): void {
    const now = performance.now();
    if (room.renew === null) room.renewBy = now + RENEW_WITHIN;
    else clearTimeout(room.renew);
    const wait = Math.min(QUIET_FOR, room.renewBy - now);
    room.renew = setTimeout(() => {
      room.renew = null;
      if (hub.plainCount(roomId) > 0) bus.publish(roomId, roomFrame(stateFrame(roomId), { plain: ANYTIME }));
      forgetIfEmpty(roomId, room);
    }, wait);
  }

  function usersIn(roomId: string): string[] {
    const leaving = rooms.get(roomId)?.leaving;
    const here = hub.usersIn(roomId);
    return leaving ? here.concat([...leaving.keys()]) : here;
  }

  function digestOf(roomId: string): PresenceDigest {
    const room = rooms.get(roomId);
    const here = hub.digestOf(roomId);
    if (!room) return here;
    return { count: here.count + room.leaving.size, hash: (here.hash + room.leavingHash) >>> 0 };
  }

  function stopLeaving(room: RoomPresence, userId: string): void {
    if (room.leaving.delete(userId)) room.leavingHash = (room.leavingHash - presenceHash([userId])) >>> 0;
  }

  /** Tells that a user has left, unless they are back by then; `leftAt` is the last socket that was told of them. */
  function waitFor(
    roomId: string,
    userId: string,
    { fallback, within, leftAt }: { fallback: string; within: number; leftAt: number },
  ): void {
    const room = presenceOf(roomId);
    const timer = setTimeout(() => {
      stopLeaving(room, userId);
      const { username } = shown(roomId, userId, fallback);
      tell(roomId, leftFrame(roomId, userId, username), { after: 0, upTo: leftAt });
    }, within);
    timer.unref();
    stopLeaving(room, userId);
    room.leaving.set(userId, { timer, leftAt });
    room.leavingHash = (room.leavingHash + presenceHash([userId])) >>> 0;
  }

  return {
    joinedFrame,
    stateFrame,

    /** Ids of those who are in a room, with those who may come back in a moment: no client with a cursor misses them. */
    usersIn,

    /** The same in two numbers, without looking at each. */
    digestOf,

    /** Tells at once what waits to be told together; answers whom clients with a cursor then know to be here. */
    settle(roomId: string): PresenceDigest {
      const room = rooms.get(roomId);
      if (room?.gather) {
        clearTimeout(room.gather);
        flush(roomId, room);
      }
      return digestOf(roomId);
    },

    /** Tells the others of a user's first socket, unless its last one ended a moment ago. */
    joined(roomId: string, { userId, username }: Connection): void {
      const leaving = rooms.get(roomId)?.leaving.get(userId);
      const frame = joinedFrame(roomId, userId, username);
      if (!leaving) {
        tell(roomId, frame, ANYTIME);
        return;
      }
      const room = presenceOf(roomId);
      clearTimeout(leaving.timer);
      stopLeaving(room, userId);
      // Clients without a cursor that came meanwhile were not told that this user is here.
      if (hub.plainCount(roomId) > 0 && room.single.take(performance.now())) {
        const plain = { ...ANYTIME, after: leaving.leftAt };
        bus.publish(roomId, roomFrame(frame, { exceptUserId: userId, plain }));
      } else if (hub.plainCount(roomId) > 0) {
        renewLater(roomId, room);
      }
      forgetIfEmpty(roomId, room);
    },

    /** Tells the others that a user's last socket has ended, unless it comes back in a moment. */
    left(roomId: string, userId: string, fallback: string): void {
      if (!closed) waitFor(roomId, userId, { fallback, within: RETURN_WITHIN, leftAt: hub.arrivals });
    },

    /** Notes who was here before this server started: for clients with a cursor they have not left until they stay away. */
    expect(roomId: string, userIds: Iterable<string>): void {
      for (const userId of userIds)
        waitFor(roomId, userId, { fallback: userId, within: RESTART_WITHIN, leftAt: 0 });
    },

    shown,

    /** Says nothing any more: the server stops. */
    close(): void {
      closed = true;
      for (const { leaving, gather, renew } of rooms.values()) {
        for (const { timer } of leaving.values()) clearTimeout(timer);
        for (const timer of [gather, renew]) if (timer) clearTimeout(timer);
      }
      rooms.clear();
    },
  };
}
