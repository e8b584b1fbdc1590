import type { Message, MessagePreview, ServerFrame } from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";
import { type RoomFrame, roomFrame } from "../bus/frame.js";
import type { CallsService } from "../calls/service.js";
import type { Logger } from "../log.js";
import type { ReadingService } from "../reading/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { SessionsService } from "../sessions/service.js";
import type { UsersService } from "../users/service.js";
import { toProfile } from "../users/user.js";
import type { Connection } from "./connection.js";
import type { Hub } from "./hub.js";

/** Milliseconds for which a room's changes are gathered; in a large room longer, but never a second. */
const GATHER_FOR = 250;
const GATHER_LONGEST = 900;
const PER_PERSON = 0.2;
/** Frames of one gathering that are kept to be counted; beyond them the newest one alone is told. */
const KEPT = 500;
const PREVIEW = 200;

interface Person {
  readonly userId: string;
  sockets: number;
  readonly rooms: Set<string>;
  /** For each reading of the memberships on its way, the rooms that went meanwhile: it may be of before. */
  readonly readings: Set<Set<string>>;
}

interface Watched {
  readonly people: Map<string, Person>;
  readonly isSecret: boolean;
  /** Frames of the log since the last gathering. */
  frames: RoomFrame[];
  /** The head before these frames, and after them. */
  after: number;
  head: number;
  timer: NodeJS.Timeout | null;
}

/** The hub's room of a user's `/ws/dm` sockets. No id of a client holds a slash. */
export function inboxRoom(userId: string): string {
  return `dm/${userId}`;
}

/** Whether a room of the hub is one of {@link inboxRoom}. */
export function isInboxRoom(roomId: string): boolean {
  return roomId.startsWith("dm/");
}

export type Inbox = ReturnType<typeof createInbox>;

/**
 * What happens in all of a user's rooms, on one socket. A message costs one look into a map and a place in a list; what
 * it means for each person is worked out once for each gathering.
 */
export function createInbox(parts: {
  bus: Bus;
  hub: Hub;
  users: UsersService;
  rooms: RoomsService;
  sessions: SessionsService;
  reading: ReadingService;
  calls: CallsService;
  log: Logger;
}) {
  const { bus, hub, users, rooms, sessions, reading, calls, log } = parts;
  const people = new Map<string, Person>();
  const watched = new Map<string, Watched>();

  function tell(userId: string, frame: ServerFrame): void {
    if (people.has(userId)) hub.deliver(inboxRoom(userId), roomFrame(frame, { resumeOnly: true }));
  }

  /** Tells one socket, in its turn; what another socket of the user begins with is no news to the others. */
  function tellOne(connection: Connection, frame: ServerFrame): void {
    hub.flush(inboxRoom(connection.userId));
    if (connection.holding) connection.keep(roomFrame(frame, { resumeOnly: true }));
    else connection.send(frame);
  }

  function watch(person: Person, roomId: string, isSecret: boolean): void {
    person.rooms.add(roomId);
    let room = watched.get(roomId);
    if (!room) {
      room = { people: new Map(), isSecret, frames: [], after: 0, head: 0, timer: null };
      watched.set(roomId, room);
    }
    room.people.set(person.userId, person);
  }

  function unwatch(person: Person, roomId: string): void {
    person.rooms.delete(roomId);
    for (const gone of person.readings) gone.add(roomId);
    const room = watched.get(roomId);
    room?.people.delete(person.userId);
    if (!room || room.people.size > 0) return;
    if (room.timer !== null) clearTimeout(room.timer);
    watched.delete(roomId);
  }

  bus.subscribe((roomId, frame) => {
    if (frame.seq === null && !frame.toInboxes) return;
    const room = watched.get(roomId);
    if (!room) return;
    if (frame.toInboxes) for (const userId of room.people.keys()) hub.deliver(inboxRoom(userId), frame);
    if (frame.seq === null) return;
    if (room.timer === null) room.after = frame.seq - 1;
    room.head = frame.seq;
    if (room.frames.length >= KEPT) room.frames.shift();
    room.frames.push(frame);
    room.timer ??= setTimeout(
      () => {
        room.timer = null;
        gather(roomId, room);
      },
      Math.min(GATHER_LONGEST, Math.max(GATHER_FOR, room.people.size * PER_PERSON)),
    );
  });

  function gather(roomId: string, room: Watched): void {
    const frames = room.frames;
    room.frames = [];
    // A frame of a new message is for everybody; those of changes of old ones are not.
    const messages = frames
      .filter((frame) => !frame.resumeOnly)
      .map((frame) => JSON.parse(frame.json) as Message);
    const { head: head_seq, after: after_seq } = room;
    const base = { type: "room_activity", room_id: roomId, head_seq, after_seq } as const;
    const common = roomFrame({ ...base, ...newsFor(messages, null, room.isSecret) }, { resumeOnly: true });
    const concerned = new Set(messages.flatMap(({ user_id, mentions = [] }) => [user_id, ...mentions]));
    for (const userId of room.people.keys()) {
      const frame = concerned.has(userId)
        ? roomFrame({ ...base, ...newsFor(messages, userId, room.isSecret) }, { resumeOnly: true })
        : common;
      hub.deliver(inboxRoom(userId), frame);
    }
  }

  rooms.onMembership(({ room, userId, isMember }) => {
    const person = people.get(userId);
    if (!person) return;
    if (isMember) watch(person, room.id, room.privacy === "password");
    // A hidden conversation comes back with its next message, so it stays watched.
    else if (room.kind === "room") unwatch(person, room.id);
    tell(userId, { type: isMember ? "room_added" : "room_removed", room_id: room.id });
  });
  rooms.onGone((roomId) => {
    for (const person of people.values()) {
      const isWatched = person.rooms.has(roomId);
      if (isWatched || person.readings.size > 0) unwatch(person, roomId);
      if (isWatched) tell(person.userId, { type: "room_deleted", room_id: roomId });
    }
  });
  reading.listen({
    read: ({ roomId, userId, readSeq }) =>
      tell(userId, { type: "room_read", room_id: roomId, read_seq: readSeq }),
    level: ({ roomId, userId, level }) => tell(userId, { type: "room_level", room_id: roomId, level }),
  });
  users.onProfileChanged(({ user }) => tell(user.id, { type: "profile", profile: toProfile(user) }));
  sessions.listen({
    held: () => {},
    // Told before the socket is closed: the guard comes after this.
    ended(ended) {
      for (const { user_id, device_id } of ended) {
        for (const connection of hub.connectionsOf(inboxRoom(user_id), user_id)) {
          if (connection.resume && connection.deviceIds.has(device_id))
            connection.send({ type: "session_ended" });
        }
      }
    },
  });

  /** Reads of which rooms a person is a member. Whoever joins or goes meanwhile does so by the event. */
  async function begin(person: Person, connection: Connection): Promise<void> {
    const gone = new Set<string>();
    person.readings.add(gone);
    const memberships = await reading.memberships(person.userId).finally(() => person.readings.delete(gone));
    if (people.get(person.userId) !== person) return;
    for (const { id, privacy } of memberships) if (!gone.has(id)) watch(person, id, privacy === "password");
    const ready = {
      type: "inbox_ready",
      user_id: person.userId,
      server_time: new Date().toISOString(),
    } as const;
    if (connection.closed) return;
    tellOne(connection, ready);
    for (const roomId of person.rooms) {
      const call = calls.infoOf(roomId);
      if (call) tellOne(connection, { type: "call-info", room_id: roomId, call });
    }
  }

  return {
    /** Takes a socket that asked for its user's rooms, after it came into the hub. */
    join(connection: Connection): void {
      const known = people.get(connection.userId);
      const person = known ?? {
        userId: connection.userId,
        sockets: 0,
        rooms: new Set(),
        readings: new Set(),
      };
      person.sockets += 1;
      people.set(person.userId, person);
      begin(person, connection).catch((err: unknown) => {
        log.warn({ err }, "an inbox could not be opened");
        connection.close("going_away", "The database cannot be reached.");
      });
    },

    /** Takes an ended socket out; with a user's last one nothing is kept of them. */
    leave(connection: Connection): void {
      const person = people.get(connection.userId);
      if (!person) return;
      person.sockets -= 1;
      if (person.sockets > 0) return;
      people.delete(person.userId);
      for (const roomId of [...person.rooms]) unwatch(person, roomId);
    },

    close(): void {
      for (const room of watched.values()) if (room.timer !== null) clearTimeout(room.timer);
      watched.clear();
    },
  };
}

/** What new messages mean for a person; for those whom none concerns it is the same (`null`). */
function newsFor(messages: readonly Message[], userId: string | null, isSecret: boolean) {
  const others = messages.filter(({ user_id }) => user_id !== userId);
  const isNamed = ({ mentions, mentions_room }: Message) =>
    mentions_room === true || (userId !== null && (mentions ?? []).includes(userId));
  const last = messages.at(-1);
  const mention = others.findLast(isNamed);
  return {
    messages: others.length,
    last_message: last && !isSecret ? previewOf(last) : null,
    mentions_me: mention !== undefined,
    ...(mention && mention !== last && !isSecret ? { mention: previewOf(mention) } : {}),
  };
}

function previewOf(message: Message): MessagePreview {
  const { id, seq, user_id, username, timestamp, attachments } = message;
  const content = [...message.content.slice(0, PREVIEW * 2)].slice(0, PREVIEW).join("");
  const about = aboutOf(message);
  return {
    id,
    seq,
    user_id,
    username,
    content,
    timestamp,
    attachment: attachments?.[0]?.kind ?? null,
    about,
  };
}

/** As reading/store.ts says it of a row. */
function aboutOf({ call, recording }: Message): MessagePreview["about"] {
  if (recording) return "recording";
  if (!call) return null;
  return call.people.length < 2 && call.missed.length > 0 ? "missed_call" : "call";
}
