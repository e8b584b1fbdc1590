import { isDatabaseTrouble } from "../db/trouble.js";
import type { RoomsService } from "../rooms/service.js";
import type { SessionsService } from "../sessions/service.js";
import type { UsersService } from "../users/service.js";
import type { Connection } from "./connection.js";
import type { Hub } from "./hub.js";
import { isInboxRoom } from "./inbox-socket.js";
import type { KeptPlaces } from "./kept-places.js";
import type { RoomMarks } from "./room-marks.js";

type EndCode =
  | "banned"
  | "left_room"
  | "not_your_identity"
  | "password_required"
  | "room_not_found"
  | "session_ended";

/** What had happened when a handshake began. */
interface Mark {
  /** Changes of sessions and grants, anybody's. */
  readonly changes: number;
  /** See `rooms.closings`. */
  readonly closings: number;
  /** See {@link RoomMarks.leavesOf}. */
  readonly leaves: number;
}

type IsMeant = (peer: Pick<Connection, "userId" | "cameBy">) => boolean;

/** Milliseconds until it is asked what became of sessions that may have ended, and between two such questions. */
const ASK_AFTER = 1_000;

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
  /** Sockets that may have lost their session or grant, with their rooms; asked of until the database answers. */
  const doubtful = new Map<Connection, string>();
  let isAsking = false;

  /** From now on whoever is meant comes in as the door decides then; `look` gets their open sockets. */
  function askAnew(isMeant: IsMeant, look?: (roomId: string, connection: Connection) => void): void {
    changes += 1;
    places.forget(isMeant);
    for (const [roomId, connection] of hub.all()) {
      if (connection.closed || !isMeant(connection)) continue;
      connection.place = null;
      look?.(roomId, connection);
    }
  }

  /** Ends sockets of a room, behind what waits for it. */
  function end(roomId: string, connections: readonly Connection[], code: EndCode): void {
    hub.flush(roomId);
    for (const connection of connections) connection.close(code);
  }

  /** Ends a socket whose room ended, or was shut to its user, while it came in. */
  async function recheckRoom(roomId: string, connection: Connection): Promise<void> {
    const refusal = isInboxRoom(roomId) ? null : await rooms.refusalOf(roomId, connection.userId);
    if (refusal) end(roomId, [connection], refusal);
  }

  /** Ends a socket that came into a password room by a grant which is gone. */
  async function recheckGrant(roomId: string, connection: Connection): Promise<void> {
    const presented = connection.deviceIds.size > 0 ? connection.userId : null;
    if (await rooms.isOpenTo(roomId, connection.cameBy, presented)) return;
    end(roomId, [connection], "password_required");
  }

  /** Ends a socket whose user is no member of its room. */
  async function recheckMember(roomId: string, connection: Connection): Promise<void> {
    if (isInboxRoom(roomId)) return;
    const { userId } = connection;
    if (!(await rooms.members(roomId, [userId])).includes(userId)) end(roomId, [connection], "left_room");
  }

  /** Ends a socket whose session or grant is gone. */
  async function recheckSession(roomId: string, connection: Connection): Promise<void> {
    const { userId, deviceIds, cameBy } = connection;
    if (deviceIds.size === 0) {
      if ((await users.find(userId))?.held) return end(roomId, [connection], "not_your_identity");
    } else if (!(await sessions.isOnOneOf(userId, [...deviceIds]))) {
      return end(roomId, [connection], "session_ended");
    }
    if (cameBy.length > 0) await recheckGrant(roomId, connection);
  }

  function askSoon(): void {
    if (isAsking || doubtful.size === 0) return;
    isAsking = true;
    setTimeout(() => void askOfDoubtful(), ASK_AFTER).unref();
  }

  async function askOfDoubtful(): Promise<void> {
    const asked = [...doubtful];
    // What becomes doubtful from here on is asked of again.
    doubtful.clear();
    for (const [connection, roomId] of asked) {
      if (connection.closed) continue;
      await recheckSession(roomId, connection).catch((error: unknown) => {
        if (isDatabaseTrouble(error)) doubtful.set(connection, roomId);
        else connection.close("going_away");
      });
    }
    isAsking = false;
    askSoon();
  }

  sessions.listen({
    held(userIds) {
      askAnew(isOneOf(userIds, []), (roomId, connection) => {
        if (connection.deviceIds.size === 0) end(roomId, [connection], "not_your_identity");
      });
    },
    ended(ended) {
      const userIds = ended.map((session) => session.user_id);
      // A guest of the device may have been let in by a grant of its account.
      const deviceIds = ended.map((session) => session.device_id);
      askAnew(isOneOf(userIds, deviceIds), (roomId, connection) => {
        const mine = ended.filter((session) => session.user_id === connection.userId);
        if (connection.lose(mine.map((session) => session.device_id)))
          end(roomId, [connection], "session_ended");
      });
    },
  });

  sessions.onGrantsDropped((deviceIds) => {
    askAnew(isOneOf([], deviceIds), (roomId, connection) => {
      recheckGrant(roomId, connection).catch(() => connection.close("going_away"));
    });
  });

  rooms.onGone((roomId) => end(roomId, hub.connectionsIn(roomId), "room_not_found"));

  sessions.onRenewed((userId, deviceIds) => askAnew(isOneOf([userId], deviceIds)));

  sessions.onDoubtful((userIds, deviceIds) => {
    askAnew(isOneOf(userIds, deviceIds), (roomId, connection) => doubtful.set(connection, roomId));
    askSoon();
  });

  rooms.onMembership(({ room, userId, isPutOut }) => {
    if (isPutOut) end(room.id, hub.connectionsOf(room.id, userId), "banned");
  });

  const markOf = (roomId: string, userId: string): Mark => ({
    changes,
    closings: rooms.closings,
    leaves: marks.leavesOf(roomId, userId),
  });

  return {
    /** Marks the begin of a handshake; see {@link recheck}. */
    mark: markOf,

    /**
     * Looks again when a session was held or ended, the user left, or a room was shut, while the handshake was under
     * way.
     */
    async recheck(roomId: string, connection: Connection, mark: Mark): Promise<void> {
      const now = markOf(roomId, connection.userId);
      const hasLeft = now.leaves !== mark.leaves;
      const isChanged = now.changes !== mark.changes;
      if (hasLeft || isChanged) connection.place = null;
      // First, so that the reason told is that the room ended, and not that nobody is a member of it.
      if (now.closings !== mark.closings) await recheckRoom(roomId, connection);
      if (hasLeft) await recheckMember(roomId, connection);
      if (isChanged) await recheckSession(roomId, connection);
    },
  };
}

/** Whether somebody is one of these users, or came by one of these devices. */
function isOneOf(userIds: readonly string[], deviceIds: readonly string[]): IsMeant {
  const users = new Set(userIds);
  const devices = new Set(deviceIds);
  return ({ userId, cameBy }) => users.has(userId) || cameBy.some((id) => devices.has(id));
}
