import { type DirectMessage, type DirectRoom, type Message, ParlorError } from "@parlor/protocol";
import { createBoundedMap } from "../bounded-map.js";
import type { MessagesService, Posted } from "../messages/service.js";
import type { ReadingService } from "../reading/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";
import type { UserRow } from "../users/user.js";
import { directRoomId, plainRoomId } from "./room-id.js";

/** Private rooms whose two people stay in memory. */
const KNOWN_ROOMS = 10_000;

export type DirectService = ReturnType<typeof createDirect>;

/** Messages between two people: a private room of their own, and the view of it that the seeds' front end reads. */
export function createDirect(parts: {
  users: UsersService;
  rooms: RoomsService;
  messages: MessagesService;
  reading: ReadingService;
}) {
  const { users, rooms, messages, reading } = parts;
  const peopleByRoom = createBoundedMap<string, readonly string[]>(KNOWN_ROOMS);

  async function peopleOf(roomId: string): Promise<readonly string[]> {
    const known = peopleByRoom.get(roomId);
    if (known) return known;
    const people = await rooms.memberIds(roomId);
    if (people.length > 0) peopleByRoom.set(roomId, people);
    return people;
  }

  /** The id of two people's room: a conversation that began under the id of once goes on there. */
  async function roomIdOf(one: string, other: string): Promise<string> {
    const roomId = directRoomId(one, other);
    const once = plainRoomId(one, other);
    if (once === roomId) return roomId;
    const people = await peopleOf(once);
    return people.includes(one) && people.includes(other) ? once : roomId;
  }

  /** A message as the other person's `/ws/dm` gets it. */
  async function view(message: Message): Promise<DirectMessage> {
    const people = await peopleOf(message.room_id);
    return {
      id: message.id,
      room_id: message.room_id,
      sender_id: message.user_id,
      sender_username: message.username,
      sender_avatar: message.avatar_url,
      receiver_id: people.find((id) => id !== message.user_id) ?? message.user_id,
      content: message.content,
      timestamp: message.timestamp,
      seq: message.seq,
    };
  }

  /** The room of two people who both exist, made when it is not there. */
  async function roomOf(
    ownId: string,
    otherId: string,
  ): Promise<{ roomId: string; own: UserRow; other: UserRow }> {
    if (ownId === otherId) throw new ParlorError("rule_broken", "A direct message goes to somebody else.");
    const [own, other] = await Promise.all([users.find(ownId), users.find(otherId)]);
    if (!own || !other) throw new ParlorError("user_not_found");
    const roomId = await roomIdOf(ownId, otherId);
    await rooms.openDirect(roomId, [own, other]);
    return { roomId, own, other };
  }

  return {
    view,

    /** The conversation with somebody as a room, for screens of rooms. */
    async open(user: UserRow, otherId: string): Promise<DirectRoom> {
      const { roomId, other } = await roomOf(user.id, otherId);
      return await rooms.directRoom(roomId, user.id, other);
    },

    /** Stores a message to somebody; their room is made with the first one. */
    async send(
      senderId: string,
      receiverId: string,
      input: { content: string; clientId: string | null },
    ): Promise<Posted> {
      const { roomId, own } = await roomOf(senderId, receiverId);
      return await messages.post(roomId, own, input);
    },

    /** Which messages a user has not read, at most 200, ascending. */
    unread: (userId: string) => messages.unread(userId),

    /** The same as messages; some at a time, so that long ones cost no more memory. */
    async *unreadViews(found: Awaited<ReturnType<typeof messages.unread>>): AsyncGenerator<DirectMessage> {
      for await (const part of messages.inParts(found)) for (const message of part) yield await view(message);
    },

    /** Notes that a user has read what another wrote. */
    async markRead(userId: string, senderId: string): Promise<void> {
      if (userId === senderId) return;
      // Of a conversation that nobody began there is nothing to read.
      await reading
        .read(await roomIdOf(userId, senderId), userId, Number.MAX_SAFE_INTEGER)
        .catch(unlessForbidden);
    },
  };
}

function unlessForbidden(error: unknown): void {
  if (!(error instanceof ParlorError && error.code === "forbidden")) throw error;
}
