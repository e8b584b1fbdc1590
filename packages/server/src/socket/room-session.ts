import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import { toParlorError } from "../db/trouble.js";
import type { Logger } from "../log.js";
import type { MessagesService } from "../messages/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import type { Connection } from "./connection.js";
import { signedFrame } from "./dispatch.js";
import type { Hub } from "./hub.js";
import { type ReplayCursor, replay } from "./replay.js";
import type { RoomActivity } from "./room-activity.js";

export type RoomSessions = ReturnType<typeof createRoomSessions>;

/** Joining and leaving of a room's sockets, and what each side is told. */
export function createRoomSessions(parts: {
  bus: Bus;
  hub: Hub;
  users: UsersService;
  rooms: RoomsService;
  messages: MessagesService;
  activity: RoomActivity;
  log: Logger;
}) {
  const { bus, hub, users, activity, log } = parts;
  const stamp = () => new Date().toISOString();

  function shown(roomId: string, userId: string, fallback: string) {
    const profile = users.cachedProfile(userId);
    const username = profile?.username ?? hub.nameIn(roomId, userId) ?? fallback;
    return { username, avatar_url: profile?.avatar_url ?? null };
  }

  function joined(roomId: string, connection: Connection) {
    const { username, avatar_url } = shown(roomId, connection.userId, connection.username);
    const message = `${username} joined the chat`;
    return {
      type: "user_joined",
      room_id: roomId,
      user_id: connection.userId,
      username,
      message,
      avatar_url,
      timestamp: stamp(),
    } as const;
  }

  function sendBroadcasts(roomId: string, connection: Connection): void {
    const broadcasters = activity
      .broadcastsIn(roomId)
      .map(({ userId, username, startedAt }) => ({ user_id: userId, username, started_at: startedAt }));
    if (broadcasters.length === 0) return;
    connection.send({ type: "active-broadcasts", room_id: roomId, broadcasters, timestamp: stamp() });
  }

  /** The seeds' way in: the own `user_joined` first, then who else is here. Nothing waits between, so order holds. */
  function greet(roomId: string, connection: Connection): void {
    const first = !hub.hasUser(roomId, connection.userId);
    const own = joined(roomId, connection);
    connection.greetedRev = users.cachedProfile(connection.userId)?.profile_rev ?? 0;
    connection.send(own);
    const others = hub.usersIn(roomId).filter((userId) => userId !== connection.userId);
    hub.join(roomId, connection);
    if (others.length > 0) {
      const here = [...others, connection.userId].map((userId) => ({
        user_id: userId,
        ...shown(roomId, userId, userId),
      }));
      connection.send({ type: "room_state", room_id: roomId, users: here, timestamp: stamp() });
    }
    sendBroadcasts(roomId, connection);
    if (first) bus.publish(roomId, roomFrame(own, { exceptUserId: connection.userId }));
  }

  /** The way in with a cursor: live frames are held while the replay runs. */
  async function resume(roomId: string, connection: Connection, cursor: ReplayCursor): Promise<void> {
    const first = !hub.hasUser(roomId, connection.userId);
    connection.hold();
    hub.join(roomId, connection);
    if (first)
      bus.publish(roomId, roomFrame(joined(roomId, connection), { exceptUserId: connection.userId }));
    try {
      await replay(parts, roomId, connection, cursor, (head) => {
        connection.send({ type: "synced", room_id: roomId, head_seq: head });
        sendBroadcasts(roomId, connection);
        connection.release(head);
      });
    } catch (error) {
      const known = toParlorError(error);
      if (known.code === "internal") log.error({ err: error }, "a replay failed");
      connection.closeWith(1012, known.message);
    }
  }

  return {
    /** Brings a socket into its room. */
    join(roomId: string, connection: Connection, cursor: ReplayCursor | null): void {
      if (cursor === null) greet(roomId, connection);
      else void resume(roomId, connection, cursor);
    },

    /** Takes an ended socket out, and ends what its user did there. */
    leave(roomId: string, connection: Connection): void {
      const { username } = shown(roomId, connection.userId, connection.username);
      const { userId } = connection;
      const last = hub.leave(roomId, connection);
      if (activity.stopBroadcast(roomId, userId, connection.id)) {
        bus.publish(roomId, signedFrame("broadcast-stopped", roomId, userId, username));
      }
      if (!last) return;
      if (activity.stopTyping(roomId, userId)) {
        bus.publish(roomId, signedFrame("typing_stop", roomId, userId, username));
      }
      const message = `${username} left the chat`;
      const left = {
        type: "user_left",
        room_id: roomId,
        user_id: userId,
        username,
        message,
        timestamp: stamp(),
      } as const;
      bus.publish(roomId, roomFrame(left));
    },
  };
}
