import type { Bus } from "../bus/bus.js";
import type { CallsService } from "../calls/service.js";
import { toParlorError } from "../db/trouble.js";
import type { Logger } from "../log.js";
import type { UsersService } from "../users/service.js";
import type { Connection } from "./connection.js";
import { signedFrame } from "./dispatch.js";
import type { Hub } from "./hub.js";
import type { Presence } from "./presence.js";
import type { Replay, ReplayCursor } from "./replay.js";
import type { RoomActivity } from "./room-activity.js";

export type RoomSessions = ReturnType<typeof createRoomSessions>;

/** Joining and leaving of a room's sockets, and what each side is told. */
export function createRoomSessions(parts: {
  bus: Bus;
  hub: Hub;
  users: UsersService;
  activity: RoomActivity;
  calls: CallsService;
  presence: Presence;
  replay: Replay;
  log: Logger;
}) {
  const { bus, hub, users, activity, calls, presence, log } = parts;

  function sendBroadcasts(roomId: string, connection: Connection): void {
    const broadcasters = activity
      .broadcastsIn(roomId)
      .map(({ userId, username, startedAt }) => ({ user_id: userId, username, started_at: startedAt }));
    if (broadcasters.length === 0) return;
    const timestamp = new Date().toISOString();
    connection.send({ type: "active-broadcasts", room_id: roomId, broadcasters, timestamp });
  }

  /** The seeds' way in: the own `user_joined` first, then who else is here. Nothing waits between, so order holds. */
  function greet(roomId: string, connection: Connection): void {
    const first = !hub.hasUser(roomId, connection.userId);
    connection.greetedRev = users.cachedProfile(connection.userId)?.profile_rev ?? 0;
    connection.send(presence.joinedFrame(roomId, connection.userId, connection.username));
    hub.join(roomId, connection);
    if (hub.onlineCount(roomId) > 1) connection.send(presence.stateFrame(roomId));
    sendBroadcasts(roomId, connection);
    if (first) presence.joined(roomId, connection);
  }

  /** The way in with a cursor: live frames are held while the replay runs. */
  async function resume(roomId: string, connection: Connection, cursor: ReplayCursor): Promise<void> {
    const first = !hub.hasUser(roomId, connection.userId);
    connection.hold();
    hub.join(roomId, connection);
    if (first) presence.joined(roomId, connection);
    try {
      await parts.replay(roomId, connection, cursor, ({ head, count }) => {
        connection.send({ type: "synced", room_id: roomId, head_seq: head, count });
        sendBroadcasts(roomId, connection);
        connection.release(head);
      });
    } catch (error) {
      const known = toParlorError(error);
      if (known.code === "internal") log.error({ err: error }, "a replay failed");
      connection.closeWith(1012, known.message);
    }
  }

  const leaveCall = (connection: Connection) => calls.dropped(connection, true);

  return {
    /** Brings a socket into its room. */
    join(roomId: string, connection: Connection, cursor: ReplayCursor | null): void {
      connection.onPutOut = leaveCall;
      if (cursor === null) greet(roomId, connection);
      else void resume(roomId, connection, cursor);
    },

    /** Takes an ended socket out, and ends what its user did there. */
    leave(roomId: string, connection: Connection): void {
      const { userId } = connection;
      const { username } = presence.shown(roomId, userId, connection.username);
      const last = hub.leave(roomId, connection);
      calls.dropped(connection, connection.isPutOut);
      if (activity.stopBroadcast(roomId, userId, connection.id)) {
        bus.publish(roomId, signedFrame("broadcast-stopped", roomId, userId, username));
      }
      if (!last) return;
      if (activity.stopTyping(roomId, userId)) {
        bus.publish(roomId, signedFrame("typing_stop", roomId, userId, username));
      }
      presence.left(roomId, userId, username);
    },
  };
}
