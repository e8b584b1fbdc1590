import type { RoomsService } from "../rooms/service.js";
import type { SessionsService } from "../sessions/service.js";
import type { UsersService } from "../users/service.js";
import type { Connection } from "./connection.js";
import type { Hub } from "./hub.js";
import { isInboxRoom } from "./inbox-socket.js";
import type { KeptPlaces } from "./kept-places.js";
import type { RoomMarks } from "./room-marks.js";

type EndCode = "left_room" | "not_your_identity" | "password_required" | "session_ended";

/** What had happened when a handshake began. */
interface Mark {
  /** Changes of sessions and grants, anybody's. */
  readonly changes: number;
  /** See {@link RoomMarks.leavesOf}. */
  readonly leaves: number;
}

/** Ends sockets whose right to act for their user has ended, and takes away the places of those that broke. */
export function createSessionGuard(parts: {
  hub: Hub;
  places: KeptPlaces;
  marks: Pick<RoomMarks, "leavesOf">;
  users: UsersService;
  rooms: RoomsService;
  sessions: SessionsService;
}) {
  const { hub, places, marks, users, rooms, sessions } = parts;
  let changes = 0;

  /** From now on these people, and who came by these devices, come in as the door decides then. */
  function askAnew(userIds: ReadonlySet<string>, deviceIds: readonly string[]): void {
    const isMeant = ({ userId, cameBy }: Pick<Connection, "userId" | "cameBy">) =>
      userIds.has(userId) || cameBy.some((id) => deviceIds.includes(id));
    places.forget(isMeant);
    for (const [, connection] of hub.all()) if (isMeant(connection)) connection.place = null;
  }

  function end(roomId: string, connection: Connection, code: EndCode): void {
    hub.flush(roomId);
    connection.close(code);
  }

  /** Ends a socket that came into a password room by a grant which is gone. */
  async function recheckGrant(roomId: string, connection: Connection): Promise<void> {
    const presented = connection.deviceIds.size > 0 ? connection.userId : null;
    if (await rooms.isOpenTo(roomId, connection.cameBy, presented)) return;
    end(roomId, connection, "password_required");
  }

  sessions.listen({
    held(userIds) {
      changes += 1;
      const held = new Set(userIds);
      askAnew(held, []);
      for (const [roomId, connection] of hub.all()) {
        if (held.has(connection.userId) && connection.deviceIds.size === 0) {
          end(roomId, connection, "not_your_identity");
        }
      }
    },
    ended(ended) {
      changes += 1;
      // A guest of the device may have been let in by a grant of its account.
      const deviceIds = ended.map((session) => session.device_id);
      askAnew(new Set(ended.map((session) => session.user_id)), deviceIds);
      for (const [roomId, connection] of hub.all()) {
        const mine = ended.filter((session) => session.user_id === connection.userId);
        if (connection.lose(mine.map((session) => session.device_id)))
          end(roomId, connection, "session_ended");
      }
    },
  });

  sessions.onGrantsDropped((deviceIds) => {
    changes += 1;
    askAnew(new Set(), deviceIds);
    for (const [roomId, connection] of hub.all()) {
      if (!connection.closed && connection.cameBy.some((id) => deviceIds.includes(id)))
        recheckGrant(roomId, connection).catch(() => connection.close("going_away"));
    }
  });

  sessions.onRenewed((userId, deviceIds) => {
    changes += 1;
    askAnew(new Set([userId]), deviceIds);
  });

  /** Ends a socket whose user is no member of its room. */
  async function recheckMember(roomId: string, connection: Connection): Promise<void> {
    if (isInboxRoom(roomId)) return;
    const { userId } = connection;
    if (!(await rooms.members(roomId, [userId])).includes(userId)) end(roomId, connection, "left_room");
  }

  /** Ends a socket whose session or grant is gone. */
  async function recheckSession(roomId: string, connection: Connection): Promise<void> {
    if (connection.cameBy.length > 0) await recheckGrant(roomId, connection);
    const user = await users.find(connection.userId);
    if (!user) return;
    if (connection.deviceIds.size === 0) {
      if (user.held) end(roomId, connection, "not_your_identity");
      return;
    }
    const alive = await sessions.isOnOneOf(connection.userId, [...connection.deviceIds]);
    if (!alive) end(roomId, connection, "session_ended");
  }

  const markOf = (roomId: string, userId: string): Mark => ({
    changes,
    leaves: marks.leavesOf(roomId, userId),
  });

  return {
    /** Marks the begin of a handshake; see {@link recheck}. */
    mark: markOf,

    /** Looks again when a session was held or ended, or the user left, while the handshake was under way. */
    async recheck(roomId: string, connection: Connection, mark: Mark): Promise<void> {
      const now = markOf(roomId, connection.userId);
      const hasLeft = now.leaves !== mark.leaves;
      const isChanged = now.changes !== mark.changes;
      if (hasLeft || isChanged) connection.place = null;
      if (hasLeft) await recheckMember(roomId, connection);
      if (isChanged) await recheckSession(roomId, connection);
    },
  };
}
