import type { Duplex } from "node:stream";
import { cleanText, errorEntry, LIMITS, ParlorError } from "@parlor/protocol";
import type { WebSocket } from "ws";
import { withoutBase } from "../base-address.js";
import type { Identify } from "../http/identify.js";
import type { Logger } from "../log.js";
import type { MessagesService } from "../messages/service.js";
import { type RoomsService, standingOf } from "../rooms/service.js";
import { devicesOf } from "../users/caller.js";
import { Connection, presentingDevices } from "./connection.js";
import type { createDispatch } from "./dispatch.js";
import type { Admission, Admit, Handshake } from "./gateway.js";
import type { PeerWatch } from "./heartbeat.js";
import { readFrames } from "./incoming.js";
import type { Kept, KeptPlaces } from "./kept-places.js";
import type { Backlog } from "./outbound.js";
import { parseClientFrame } from "./parse.js";
import type { ReplayCursor } from "./replay.js";
import type { RoomMarks } from "./room-marks.js";
import type { RoomSessions } from "./room-session.js";
import type { createSessionGuard } from "./session-guard.js";

/** Admits sockets of `/ws/{room_id}/{user_id}`. */
export function createRoomAdmission(parts: {
  identify: Identify;
  rooms: RoomsService;
  messages: MessagesService;
  sessions: RoomSessions;
  dispatch: ReturnType<typeof createDispatch>;
  guard: ReturnType<typeof createSessionGuard>;
  places: KeptPlaces;
  marks: RoomMarks;
  peers: PeerWatch;
  backlog: Backlog;
  limited: boolean;
  log: Logger;
}): Admit {
  const { identify, rooms, messages, sessions, dispatch, guard, places, marks } = parts;
  const { peers, backlog, limited, log } = parts;
  /** Begins with a socket. Its listeners are made here, so that they keep nothing of the handshake in memory. */
  function begin(roomId: string, connection: Connection, ws: WebSocket, socket: Duplex): void {
    ws.on("close", () => {
      places.keep(roomId, connection);
      connection.closed = true;
      sessions.leave(roomId, connection);
    });
    peers.watch(ws, socket);
    readFrames(ws, connection, { limited, log }, (text) => {
      dispatch(roomId, connection, parseClientFrame(text));
    });
  }

  /** Lets somebody in whose socket broke a moment ago, on the decision of then; see {@link KeptPlaces}. */
  function admitAgain({ roomId, userId }: Handshake, find: () => Kept | null, cursor: Cursor): Admission {
    const mark = guard.mark(roomId, userId);
    return {
      cookie: null,
      start(ws, socket) {
        const kept = find();
        // Taken away between the answer and now.
        if (!kept) return ws.close(errorEntry("going_away").close);
        const { peer, place, profilesRev } = kept;
        const connection = new Connection(ws, socket, peer, { resume: true, backlog });
        const profileMark = marks.profilesOf(roomId);
        connection.place = { ...place, profileMark, backSince: place.backSince ?? performance.now() };
        begin(roomId, connection, ws, socket);
        // All that was published has been delivered, and all else will be: nothing can be between this and the join.
        const head = messages.publishedHead(roomId) ?? -1;
        const isNow = head >= cursor.after && profileMark === place.profileMark;
        const version = {
          epoch: place.epoch,
          head_seq: Math.max(head, cursor.after),
          profile_rev: profilesRev,
        };
        sessions.join(roomId, connection, { ...cursor, version, isNow });
        guard.recheck(roomId, connection, mark).catch(() => connection.close("going_away"));
      },
    };
  }

  return async (handshake) => {
    const { roomId, userId, query, request, token } = handshake;
    const cursor = cursorOf(handshake);
    const visit = cursor && identify.digest(request, token, [query.get("username"), query.get("avatar_url")]);
    if (cursor && visit && messages.publishedHead(roomId) !== undefined) {
      const find = () => places.find(roomId, userId, { ...cursor, visit });
      if (find()) return admitAgain(handshake, find, cursor);
    }
    const mark = guard.mark(roomId, userId);
    const roomMark = marks.of(roomId);
    const caller = await identify.caller(request, token);
    const offered = offeredBy(query, caller.base);
    const { user, room, version } = await rooms.enter(caller, roomId, { userId, ...offered });
    return {
      cookie: identify.setCookie(caller),
      start(ws, socket) {
        const deviceIds = presentingDevices(caller, userId);
        const peer = {
          userId,
          username: user.shown_name,
          deviceIds,
          cameBy: devicesOf(caller),
          standing: standingOf(room, userId),
          base: caller.base,
        };
        const connection = new Connection(ws, socket, peer, { resume: cursor !== null, backlog });
        // A handshake that brings a cookie is followed by another one, with it.
        if (visit && caller.newCookie === null) {
          const profileMark = marks.profilesOf(roomId);
          connection.place = { visit, epoch: room.epoch, profileMark, backSince: null };
        }
        begin(roomId, connection, ws, socket);
        messages.begin(roomId, room.head_seq);
        sessions.join(
          roomId,
          connection,
          cursor && { ...cursor, version, isNow: marks.of(roomId) === roomMark },
        );
        guard.recheck(roomId, connection, mark).catch(() => connection.close("going_away"));
      },
    };
  };
}

/** The name and picture of the query: a name that is too long or a picture that is none is left out. */
export function offeredBy(query: URLSearchParams, base: string) {
  const username = query.get("username");
  const avatarUrl = query.get("avatar_url");
  return {
    username: username === null || username.length > LIMITS.usernameLength ? null : cleanText(username),
    avatarUrl: avatarUrl === null ? null : withoutBase(avatarUrl, base),
  };
}

/** What a client says of what it knows. */
type Cursor = Omit<ReplayCursor, "version" | "isNow">;

function cursorOf({ query }: Handshake): Cursor | null {
  const after = numberOf(query, "after");
  if (after === undefined) return null;
  const count = numberOf(query, "online");
  const hash = numberOf(query, "online_hash");
  return {
    after,
    epoch: query.get("epoch") ?? undefined,
    profilesAfter: numberOf(query, "profiles_after"),
    changedOnly: query.get("profiles") === "changed",
    online: count === undefined || hash === undefined ? undefined : { count, hash },
  };
}

function numberOf(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  const value = Number(text);
  if (!/^\d{1,16}$/.test(text) || !Number.isSafeInteger(value)) {
    throw new ParlorError("invalid_request", `${name}: must be a whole number`);
  }
  return value;
}
