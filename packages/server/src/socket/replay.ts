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
 * Sends `welcome` and everything that changed after the cursor. `finish` is called with the number up to which the
 * client then knows all, in the same turn in which that is known; not at all when the socket ended meanwhile.
 */
export async function replay(
  parts: ReplayParts,
  roomId: string,
  connection: Connection,
  cursor: ReplayCursor,
  finish: (head: number) => void,
): Promise<void> {
  const { hub, rooms, messages } = parts;
  const version = await rooms.historyVersion(roomId);
  if (!version) {
    connection.close("room_not_found");
    return;
  }
  const foreign = cursor.epoch !== undefined && cursor.epoch !== version.epoch;
  const reset = foreign || cursor.after > version.head_seq;
  connection.send(await welcome(parts, roomId, connection, cursor, version, reset));
  const start = reset ? version.head_seq : cursor.after;
  for (let after = start; ; ) {
    const page = await messages.changedAfter(roomId, { after }, PAGE);
    if (!page) return;
    for (const message of page.messages) {
      if (!(await connection.ready())) return;
      connection.send(replayFrame(message, start));
    }
    after = page.nextAfter;
    if (page.messages.length >= PAGE) continue;
    // What came since is held, so that traffic cannot keep the replay from ending. Only when frames found no room
    // there is more to read.
    hub.flush(roomId);
    if (!connection.takeMissedLog()) return finish(after);
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
