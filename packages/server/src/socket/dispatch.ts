import { type ClientFrame, ParlorError, type ServerFrameOf } from "@parlor/protocol";
import { withoutBase } from "../base-address.js";
import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import type { CallsService } from "../calls/service.js";
import { toParlorError } from "../db/trouble.js";
import type { MessagesService } from "../messages/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import type { Connection } from "./connection.js";
import type { Hub } from "./hub.js";
import type { RoomActivity } from "./room-activity.js";

/** What frames act on. */
export interface DispatchParts {
  readonly bus: Bus;
  readonly hub: Hub;
  readonly users: UsersService;
  readonly rooms: RoomsService;
  readonly messages: MessagesService;
  readonly activity: RoomActivity;
  readonly calls: CallsService;
}

/** The frames that say who did something, with the sender's true identity. */
type SignedType = "typing_start" | "typing_stop" | "broadcast-started" | "broadcast-stopped";

/** A frame of a user in a room, signed by the server. */
export function signedFrame(type: SignedType, roomId: string, userId: string, username: string) {
  const frame = { type, room_id: roomId, user_id: userId, username, timestamp: new Date().toISOString() };
  return roomFrame(frame as ServerFrameOf<SignedType>, { exceptUserId: userId });
}

/**
 * Acts on a room's frames. A message takes its place in the room's order before this function returns, so that frames
 * of one socket keep theirs.
 */
export function createDispatch(parts: DispatchParts) {
  const { bus, hub, users, rooms, messages, activity, calls } = parts;

  function postMessage(
    roomId: string,
    connection: Connection,
    frame: Extract<ClientFrame, { type: "message" }>,
  ) {
    const { userId } = connection;
    const author = { id: userId, shown_name: nameOf(connection) };
    const clientId = frame.client_id ?? null;
    if (activity.stopTyping(roomId, userId)) {
      bus.publish(roomId, signedFrame("typing_stop", roomId, userId, author.shown_name));
    }
    const avatarUrl = typeof frame.avatar === "string" ? withoutBase(frame.avatar, connection.base) : null;
    messages.post(roomId, author, { content: frame.content, clientId, avatarUrl, extras: frame }).then(
      ({ message, repeat }) => {
        // The first time the room's own frame is the acknowledgement.
        if (!repeat) return;
        hub.flush(roomId);
        connection.send({ ...message, repeat: true });
      },
      (error: unknown) => {
        const { code, message } = toParlorError(error);
        hub.flush(roomId);
        connection.sendError(code, message, clientId);
      },
    );
  }

  function nameOf(connection: Connection): string {
    return users.cachedProfile(connection.userId)?.username ?? connection.username;
  }

  function signal(
    roomId: string,
    connection: Connection,
    frame: Extract<ClientFrame, { type: "webrtc-signal" }>,
  ) {
    const targets = hub.connectionsOf(roomId, frame.target_user_id);
    if (targets.length === 0)
      throw new ParlorError("user_not_found", "This person is not in the room right now.");
    hub.flush(roomId);
    for (const target of targets) {
      target.send({
        type: "webrtc-signal",
        room_id: roomId,
        target_user_id: frame.target_user_id,
        from_user_id: connection.userId,
        from_username: nameOf(connection),
        signal: frame.signal,
      });
    }
  }

  async function announce(roomId: string, userId: string, type: "profile_updated" | "avatar_updated") {
    const user = (await users.rows([userId])).get(userId);
    if (user) rooms.announceIn(roomId, { user, previousName: user.shown_name, type });
  }

  return function dispatch(roomId: string, connection: Connection, frame: ClientFrame): void {
    const { userId } = connection;
    switch (frame.type) {
      case "message":
        postMessage(roomId, connection, frame);
        return;
      case "keep_alive":
      case "pong":
        return;
      case "ping":
        connection.send({ type: "pong" });
        return;
      case "typing_start":
        activity.startTyping(roomId, userId, nameOf(connection));
        bus.publish(roomId, signedFrame("typing_start", roomId, userId, nameOf(connection)));
        return;
      case "typing_stop":
        activity.stopTyping(roomId, userId);
        bus.publish(roomId, signedFrame("typing_stop", roomId, userId, nameOf(connection)));
        return;
      case "profile_updated":
      case "avatar_updated":
        connection.greetedRev = 0;
        announce(roomId, userId, frame.type).catch(() =>
          connection.sendError("unavailable", "Try again in a moment."),
        );
        return;
      case "webrtc-signal":
        signal(roomId, connection, frame);
        return;
      case "broadcast-started": {
        const startedAt = new Date().toISOString();
        const username = nameOf(connection);
        activity.startBroadcast(roomId, { userId, username, startedAt, connectionId: connection.id });
        bus.publish(roomId, signedFrame("broadcast-started", roomId, userId, username));
        return;
      }
      case "broadcast-stopped":
        if (!activity.stopBroadcast(roomId, userId)) return;
        bus.publish(roomId, signedFrame("broadcast-stopped", roomId, userId, nameOf(connection)));
        return;
      case "call-join":
      case "call-leave":
      case "call-media":
      case "call-hand":
      case "call-reaction":
      case "call-signal":
      case "call-ready":
      case "call-wants":
      case "call-told":
      case "call-moderate":
      case "call-ring":
        calls.act(roomId, connection, frame);
        return;
      default:
        frame satisfies never;
    }
  };
}
