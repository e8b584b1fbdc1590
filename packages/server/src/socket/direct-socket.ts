import {
  type DirectClientFrame,
  type DirectMessage,
  isDirectRoomId,
  type Message,
  ParlorError,
  type ServerFrame,
} from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import { type RoomFrame, roomFrame } from "../bus/frame.js";
import { toParlorError } from "../db/trouble.js";
import type { DirectService } from "../direct/service.js";
import type { Identify } from "../http/identify.js";
import type { Logger } from "../log.js";
import type { SessionsService } from "../sessions/service.js";
import type { UsersService } from "../users/service.js";
import { Connection, presentingDevices } from "./connection.js";
import type { Admit } from "./gateway.js";
import type { PeerWatch } from "./heartbeat.js";
import type { Hub } from "./hub.js";
import { type Inbox, inboxRoom } from "./inbox-socket.js";
import { readFrames } from "./incoming.js";
import type { Backlog } from "./outbound.js";
import { parseDirectFrame } from "./parse.js";
import { offeredBy } from "./room-socket.js";
import type { createSessionGuard } from "./session-guard.js";

/** Frames of one socket that wait for the database; beyond them one is refused. */
const WAITING = 1_000;

/** Admits sockets of `/ws/dm/{user_id}`: a view on all private rooms of a user. */
export function createDirectAdmission(parts: {
  bus: Bus;
  hub: Hub;
  inbox: Inbox;
  identify: Identify;
  users: UsersService;
  sessions: SessionsService;
  direct: DirectService;
  guard: ReturnType<typeof createSessionGuard>;
  peers: PeerWatch;
  backlog: Backlog;
  limited: boolean;
  log: Logger;
}): Admit {
  const { bus, hub, inbox, identify, users, sessions, direct, guard, peers, backlog, limited, log } = parts;

  // One after the other, so that messages of a conversation keep their order while its people are looked up.
  let delivered = Promise.resolve();
  bus.subscribe((roomId, frame) => {
    if (frame.seq === null || !isDirectRoomId(roomId) || frame.resumeOnly) return;
    delivered = delivered
      .then(() => deliver(frame))
      .catch((err: unknown) => log.error({ err }, "a direct message was not delivered live"));
  });

  /** What a socket got as unread, at most 200 messages: the newest number of each conversation. */
  const unreadUpTo = new WeakMap<Connection, ReadonlyMap<string, number>>();

  /** A message that was unread when the socket came can be published after that: to such a socket it is no news. */
  function isNews(connection: Connection, { room_id, seq }: DirectMessage): boolean {
    return seq > (unreadUpTo.get(connection)?.get(room_id) ?? 0);
  }

  async function deliver(frame: RoomFrame): Promise<void> {
    const message = await direct.view(JSON.parse(frame.json) as Message);
    const room = inboxRoom(message.receiver_id);
    const live = { type: "dm_message", message } as const;
    hub.flush(room);
    for (const connection of hub.connectionsOf(room, message.receiver_id)) {
      if (connection.holding) connection.keep(roomFrame(live));
      else if (isNews(connection, message)) connection.send(live);
    }
  }

  function tell(userId: string, frame: ServerFrame): void {
    hub.deliver(inboxRoom(userId), roomFrame(frame));
  }

  async function act(connection: Connection, frame: DirectClientFrame): Promise<void> {
    const { userId } = connection;
    switch (frame.type) {
      case "dm_message":
        await sendMessage(connection, frame);
        return;
      case "dm_typing": {
        const sender_username = users.cachedProfile(userId)?.username ?? connection.username;
        const is_typing = frame.is_typing ?? true;
        tell(frame.receiver_id, { type: "dm_typing", sender_id: userId, sender_username, is_typing });
        return;
      }
      case "dm_read":
        await direct.markRead(userId, frame.sender_id);
        tell(frame.sender_id, {
          type: "dm_read",
          reader_id: userId,
          sender_id: frame.sender_id,
          timestamp: new Date().toISOString(),
        });
        return;
      case "ping":
        connection.send({ type: "pong" });
        return;
      // A plain message here is shown to nobody: it names no receiver.
      case "message":
      case "keep_alive":
      case "pong":
        return;
      default:
        frame satisfies never;
    }
  }

  async function sendMessage(
    connection: Connection,
    frame: Extract<DirectClientFrame, { type: "dm_message" }>,
  ) {
    const clientId = frame.client_id ?? null;
    try {
      const sent = await direct.send(connection.userId, frame.receiver_id, {
        content: frame.content,
        clientId,
      });
      // The seeds' clients show their own copy; one that names its message wants the acknowledgement.
      if (clientId === null) return;
      const message = { ...(await direct.view(sent.message)), client_id: clientId };
      connection.send({ type: "dm_message", message, ...(sent.repeat ? { repeat: true as const } : {}) });
    } catch (error) {
      const known = toParlorError(error);
      connection.sendError(known.code, known.message, clientId);
    }
  }

  /** Live frames wait until the unread ones are sent; then those follow that are newer. */
  async function sendUnread(connection: Connection): Promise<void> {
    const upTo = new Map<string, number>();
    if (connection.deviceIds.size > 0) {
      const unread = await direct.unread(connection.userId);
      for (const { room_id, seq } of unread) upTo.set(room_id, Math.max(seq, upTo.get(room_id) ?? 0));
      unreadUpTo.set(connection, upTo);
      for await (const message of direct.unreadViews(unread)) {
        if (!(await connection.ready())) return;
        connection.send({ type: "dm_message", message });
      }
    }
    hub.flush(inboxRoom(connection.userId));
    connection.release(0, (frame) => {
      const value = JSON.parse(frame.json) as ServerFrame;
      return value.type !== "dm_message" || isNews(connection, value.message);
    });
  }

  return async ({ userId, query, request, token }) => {
    const room = inboxRoom(userId);
    const mark = guard.mark(room, userId);
    const caller = await identify.caller(request, token);
    const offered = offeredBy(query, caller.base);
    const known = await users.find(userId);
    const { user } = await sessions.authorizeOrRegister(caller, userId, known, offered);
    return {
      cookie: identify.setCookie(caller),
      start(ws, socket) {
        const deviceIds = presentingDevices(caller, userId);
        const peer = { userId, username: user.shown_name, deviceIds, base: caller.base };
        // What is told of all rooms is for a session alone, and for clients that ask for it.
        const wantsInbox = query.get("inbox") === "1" && deviceIds.size > 0;
        const connection = new Connection(ws, socket, peer, { resume: wantsInbox, backlog });
        let queue = Promise.resolve();
        let queued = 0;
        ws.once("close", () => {
          connection.closed = true;
          hub.leave(room, connection);
          if (wantsInbox) inbox.leave(connection);
        });
        peers.watch(ws, socket);
        readFrames(ws, connection, { limited, log }, (text) => {
          const frame = parseDirectFrame(text);
          if (queued >= WAITING) throw new ParlorError("overloaded");
          queued += 1;
          queue = queue
            .then(() => act(connection, frame))
            .catch((error: unknown) => {
              const known = toParlorError(error);
              connection.sendError(known.code, known.message);
            })
            .finally(() => {
              queued -= 1;
            });
        });
        connection.hold();
        hub.join(room, connection);
        if (wantsInbox) inbox.join(connection);
        sendUnread(connection).catch(() => connection.close("going_away", "The database cannot be reached."));
        guard.recheck(room, connection, mark).catch(() => connection.close("going_away"));
      },
    };
  };
}
