import { type DirectMessage, directRoomId, type Message, ParlorError } from "@parlor/protocol";
import { createBoundedMap } from "../bounded-map.js";
import type { MessagesService, Posted } from "../messages/service.js";
import type { RoomsService } from "../rooms/service.js";
import type { UsersService } from "../users/service.js";

/** Private rooms whose two people stay in memory. */
const KNOWN_ROOMS = 10_000;

export type DirectService = ReturnType<typeof createDirect>;

/** Messages between two people: a private room of their own, and the view of it that the seeds' front end reads. */
export function createDirect(parts: { users: UsersService; rooms: RoomsService; messages: MessagesService }) {
  const { users, rooms, messages } = parts;
  const peopleByRoom = createBoundedMap<string, readonly string[]>(KNOWN_ROOMS);

  async function peopleOf(roomId: string): Promise<readonly string[]> {
    const known = peopleByRoom.get(roomId);
    if (known) return known;
    const people = await rooms.memberIds(roomId);
    if (people.length > 0) peopleByRoom.set(roomId, people);
    return people;
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

  return {
    view,

    /** Stores a message to somebody; their room is made with the first one. */
    async send(
      senderId: string,
      receiverId: string,
      input: { content: string; clientId: string | null },
    ): Promise<Posted> {
      if (senderId === receiverId)
        throw new ParlorError("rule_broken", "A direct message goes to somebody else.");
      const [sender, receiver] = await Promise.all([users.find(senderId), users.find(receiverId)]);
      if (!sender || !receiver) throw new ParlorError("user_not_found");
      const roomId = directRoomId(senderId, receiverId);
      await rooms.openDirect(roomId, [sender, receiver]);
      // Ids may hold a colon, so that two pairs can meet in one id: the first has it.
      const people = await peopleOf(roomId);
      if (![senderId, receiverId].every((id) => people.includes(id))) throw new ParlorError("forbidden");
      return await messages.post(roomId, sender, input);
    },

    /** What a user has not read, at most 200, ascending. */
    async unread(userId: string): Promise<DirectMessage[]> {
      return await Promise.all((await messages.unread(userId)).map(view));
    },

    /** Notes that a user has read what another wrote. */
    async markRead(userId: string, senderId: string): Promise<void> {
      if (userId !== senderId) await messages.markRead(directRoomId(userId, senderId), userId);
    },
  };
}
