import { LIMITS, type Message, type Profile, type ServerFrame } from "@parlor/protocol";
import type { MessagesService } from "../messages/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import { toProfile } from "../users/user.js";
import type { Connection } from "./connection.js";
import type { Hub } from "./hub.js";

/** Messages read at one time: with the longest content about 20 MB. */
const PAGE = 100;

/** From where a client resumes. */
export interface ReplayCursor {
  readonly after: number;
  readonly epoch: string | undefined;
  readonly profilesAfter: number | undefined;
}

interface ReplayParts {
  readonly hub: Hub;
  readonly users: UsersService;
  readonly rooms: RoomsService;
  readonly messages: MessagesService;
}

/**
 * Sends `welcome` and everything that changed after the cursor. Answers the number up to which the client then knows
 * all, or `null` when the socket ended meanwhile.
 */
export async function replay(
  parts: ReplayParts,
  roomId: string,
  connection: Connection,
  cursor: ReplayCursor,
): Promise<number | null> {
  const { rooms, messages } = parts;
  const version = await rooms.historyVersion(roomId);
  if (!version) {
    connection.close("room_not_found");
    return null;
  }
  const foreign = cursor.epoch !== undefined && cursor.epoch !== version.epoch;
  const reset = foreign || cursor.after > version.head_seq;
  connection.send(await welcome(parts, roomId, connection, cursor, version, reset));
  let after = reset ? version.head_seq : cursor.after;
  for (;;) {
    const page = await messages.changedAfter(roomId, { after }, PAGE);
    if (!page) return null;
    for (const message of page.messages) connection.send(replayFrame(message, cursor.after));
    after = page.nextAfter;
    if (!(await connection.ready())) return null;
    // Frames that found no room while they were held are in the log by now: read on.
    if (page.messages.length === 0 && !connection.takeMissedLog()) return after;
  }
}

async function welcome(
  parts: ReplayParts,
  roomId: string,
  connection: Connection,
  cursor: ReplayCursor,
  version: { epoch: string; head_seq: number; profile_rev: number },
  reset: boolean,
): Promise<ServerFrame> {
  const online = parts.hub.usersIn(roomId);
  const limit = LIMITS.profilesPage;
  const profiles =
    cursor.profilesAfter === undefined
      ? await onlineProfiles(parts.users, online.slice(0, limit))
      : await parts.rooms.profiles(roomId, cursor.profilesAfter, limit + 1);
  return {
    type: "welcome",
    room_id: roomId,
    user_id: connection.userId,
    session_id: connection.id,
    epoch: version.epoch,
    head_seq: version.head_seq,
    reset,
    online,
    profiles_rev: version.profile_rev,
    profiles: profiles.slice(0, limit),
    more_profiles: profiles.length > limit || (cursor.profilesAfter === undefined && online.length > limit),
    server_time: new Date().toISOString(),
  };
}

async function onlineProfiles(users: UsersService, ids: readonly string[]): Promise<Profile[]> {
  return [...(await users.rows(ids)).values()].map(toProfile);
}

/** What was created after the cursor comes as `message`, what is older as `message_updated`; tombstones as such. */
function replayFrame(message: Message, after: number): ServerFrame {
  const { room_id, id, seq, updated_seq } = message;
  if (message.deleted_at !== null) return { type: "message_deleted", room_id, id, seq, updated_seq };
  return seq > after ? message : { type: "message_updated", room_id, message };
}
