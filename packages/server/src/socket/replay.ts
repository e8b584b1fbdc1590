import { LIMITS, type Message, type PresenceDigest, type Profile, type ServerFrame } from "@parlor/protocol";
import { withBase } from "../base-address.js";
import type { CallsService } from "../calls/service.js";
import type { ChangesPage, MessagesService } from "../messages/service.js";
import type { Metrics } from "../metrics/metrics.js";
import { createQueue } from "../queue.js";
import type { HistoryVersion, RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import { toProfile } from "../users/user.js";
import type { Connection } from "./connection.js";
import type { Hub } from "./hub.js";
import type { Presence } from "./presence.js";
import { textFrame } from "./wire.js";

/** Messages read at one time, and bytes of them: few at first, more while the socket takes them at once. */
const PAGE = { rows: LIMITS.replayPage, bytes: 64 * 1024 };
const LARGEST_PAGE = 512 * 1024;
/** Pages that are read, encoded and written at one time for all replays; a socket that does not take its page holds none. */
const PAGES_AT_ONCE = 4;
/** Encoded frames go out in pieces of so many bytes. */
const PIECE = 64 * 1024;

/** From where a client resumes. */
export interface ReplayCursor {
  readonly after: number;
  readonly epoch: string | undefined;
  readonly profilesAfter: number | undefined;
  /** Leaves out profiles that are as they were made: the client asks for those that it does not know. */
  readonly changedOnly: boolean;
  /** Whom the client believes to be here. */
  readonly online: PresenceDigest | undefined;
  /** The room's version as the handshake found it, before the socket was in. */
  readonly version: HistoryVersion;
  /** Whether nothing was told from then until the socket was in, so that it is its version still. */
  readonly isNow: boolean;
}

/** What a replay brought: the client knows all up to `head`, and got `count` frames of the log. */
export interface Replayed {
  readonly head: number;
  readonly count: number;
}

interface ReplayParts {
  readonly hub: Hub;
  readonly users: UsersService;
  readonly rooms: RoomsService;
  readonly messages: MessagesService;
  readonly metrics: Metrics;
  readonly presence: Presence;
  readonly calls: CallsService;
}

export type Replay = ReturnType<typeof createReplay>;

/**
 * Sends `welcome` and everything that changed after the cursor. `finish` is called with the number up to which the
 * client then knows all, in the same turn in which that is known; not at all when the socket ended meanwhile.
 */
export function createReplay(parts: ReplayParts) {
  const { hub, messages, metrics } = parts;
  // Each socket waits at most once, so their bound is the queue's.
  const turns = createQueue({ slots: PAGES_AT_ONCE, waiting: Number.POSITIVE_INFINITY });

  return async function replay(
    roomId: string,
    connection: Connection,
    cursor: ReplayCursor,
    finish: (replayed: Replayed) => void,
  ): Promise<void> {
    metrics.replayed();
    const opening = open(parts, roomId, connection, cursor);
    // It may fail while the page is still being read.
    opening.catch(() => {});
    const known = cursor.version;
    let start = cursor.after;
    let after = cursor.after;
    let head = 0;
    let count = 0;
    let bytes = PAGE.bytes;
    let isOver = false;

    const isWhole = () => {
      // The head was read before the rows, and changes commit in the order of their numbers.
      after = Math.max(after, head);
      // What came since is held, so that traffic cannot keep the replay from ending. Only when frames found no room
      // there is more to read.
      hub.flush(roomId);
      if (connection.takeMissedLog()) return false;
      finish({ head: after, count });
      return true;
    };
    const read = (head: number) => messages.changesAfter(roomId, { after, head }, { rows: PAGE.rows, bytes });
    const write = (page: ChangesPage) => {
      writeAll(connection, page.messages, start);
      count += page.messages.length;
      after = page.messages.at(-1)?.updated_seq ?? after;
      if (!page.isLast) connection.send({ type: "progress", room_id: roomId, head_seq: after, count });
    };
    /** Sends `welcome`, with the first page when it was read; most often that is all. */
    const begin = (opened: Opened, page: ChangesPage | null) => {
      const { greeting, version, reset } = opened;
      connection.together(() => {
        connection.send(greeting);
        head = version.head_seq;
        if (reset) start = after = head;
        if (reset || !page) {
          isOver = after === head && isWhole();
          return;
        }
        write(page);
        // Its rows may have been read before this head, but not before that of the handshake.
        head = known.head_seq;
        isOver = page.isLast && isWhole();
        head = version.head_seq;
      });
    };

    if (cursor.epoch === known.epoch && after < known.head_seq && turns.hasSlot) {
      // Something is missing: it is read while the rest is. Where pages wait for their turn, `welcome` does not.
      await turns.run(async () => {
        const [opened, page] = await Promise.all([opening, connection.closed ? null : read(known.head_seq)]);
        if (opened) begin(opened, page);
      });
    } else {
      const opened = await opening;
      if (opened) begin(opened, null);
    }
    while (!isOver) {
      for (let isLast = false; !isLast; ) {
        if (!(await connection.ready())) return;
        await turns.run(async () => {
          if (connection.closed) return;
          const page = await read(head);
          write(page);
          isLast = page.isLast;
        });
        bytes = connection.isBehind ? PAGE.bytes : Math.min(bytes * 2, LARGEST_PAGE);
      }
      isOver = isWhole();
    }
  };
}

/** How a replay begins. */
interface Opened {
  readonly version: HistoryVersion;
  /** Whether the cursor does not fit: nothing is replayed. */
  readonly reset: boolean;
  readonly greeting: ServerFrame;
}

/** Reads the room's state and makes its `welcome`; without the room the socket is closed. */
async function open(
  parts: ReplayParts,
  roomId: string,
  connection: Connection,
  cursor: ReplayCursor,
): Promise<Opened | null> {
  const version = cursor.isNow ? cursor.version : await parts.rooms.historyVersion(roomId);
  if (!version) {
    connection.close("room_not_found");
    return null;
  }
  const foreign = cursor.epoch !== undefined && cursor.epoch !== version.epoch;
  const reset = foreign || cursor.after > version.head_seq;
  return { version, reset, greeting: await welcome(parts, roomId, connection, cursor, version, reset) };
}

/** Writes messages as frames, gathered. */
function writeAll(connection: Connection, messages: readonly Message[], start: number): void {
  let frames: Buffer[] = [];
  let size = 0;
  const write = () => {
    if (size > 0) connection.write(Buffer.concat(frames, size));
    frames = [];
    size = 0;
  };
  for (const message of messages) {
    const json = JSON.stringify(replayFrame(message, start));
    const frame = textFrame(withBase(json, connection.base));
    frames.push(frame);
    size += frame.length;
    if (size >= PIECE) write();
  }
  write();
}

async function welcome(
  parts: ReplayParts,
  roomId: string,
  connection: Connection,
  cursor: ReplayCursor,
  version: HistoryVersion,
  reset: boolean,
): Promise<ServerFrame> {
  const here = parts.presence.digestOf(roomId);
  const isKnown = cursor.online?.count === here.count && cursor.online.hash === here.hash;
  const online = parts.presence.usersIn(roomId);
  const limit = LIMITS.profilesPage;
  const profiles =
    cursor.profilesAfter === undefined
      ? await onlineProfiles(parts.users, online.slice(0, limit))
      : cursor.profilesAfter >= version.profile_rev
        ? []
        : await parts.rooms.profiles(roomId, cursor.profilesAfter, limit + 1, cursor.changedOnly);
  const isMore = profiles.length > limit || (cursor.profilesAfter === undefined && online.length > limit);
  connection.profilesRev = isMore ? null : version.profile_rev;
  return {
    type: "welcome",
    room_id: roomId,
    user_id: connection.userId,
    session_id: connection.id,
    epoch: version.epoch,
    head_seq: version.head_seq,
    reset,
    online: isKnown ? null : online,
    profiles_rev: version.profile_rev,
    profiles_told: connection.profilesTold,
    profiles: profiles.slice(0, limit),
    more_profiles: isMore,
    call: parts.calls.infoOf(roomId),
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
