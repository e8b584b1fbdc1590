import { TIMING } from "@parlor/protocol";

/** A broadcast that is live in a room. */
export interface Broadcast {
  readonly userId: string;
  readonly username: string;
  readonly startedAt: string;
  readonly connectionId: string;
}

export type RoomActivity = ReturnType<typeof createRoomActivity>;

/** What goes on in rooms and is not history: who types, who broadcasts. */
export function createRoomActivity(
  onTypingEnded: (roomId: string, userId: string, username: string) => void,
) {
  const typing = new Map<string, { timer: NodeJS.Timeout; username: string }>();
  const broadcasts = new Map<string, Map<string, Broadcast>>();
  const key = (roomId: string, userId: string) => `${roomId} ${userId}`;

  /** Ends a user's typing; `false` when there was none. */
  function stopTyping(roomId: string, userId: string): boolean {
    const entry = typing.get(key(roomId, userId));
    if (!entry) return false;
    clearTimeout(entry.timer);
    return typing.delete(key(roomId, userId));
  }

  return {
    /** Notes that a user types; it ends by itself (the seeds' front end often never says so). */
    startTyping(roomId: string, userId: string, username: string): void {
      stopTyping(roomId, userId);
      const timer = setTimeout(() => {
        typing.delete(key(roomId, userId));
        onTypingEnded(roomId, userId, username);
      }, TIMING.typing);
      timer.unref();
      typing.set(key(roomId, userId), { timer, username });
    },

    stopTyping,

    startBroadcast(roomId: string, broadcast: Broadcast): void {
      const room = broadcasts.get(roomId) ?? new Map<string, Broadcast>();
      room.set(broadcast.userId, broadcast);
      broadcasts.set(roomId, room);
    },

    /** Ends a user's broadcast, only when `connectionId` made it where that is given; `false` when there was none. */
    stopBroadcast(roomId: string, userId: string, connectionId?: string): boolean {
      const room = broadcasts.get(roomId);
      const live = room?.get(userId);
      if (!room || !live || (connectionId !== undefined && live.connectionId !== connectionId)) return false;
      room.delete(userId);
      if (room.size === 0) broadcasts.delete(roomId);
      return true;
    },

    broadcastsIn: (roomId: string): Broadcast[] => [...(broadcasts.get(roomId)?.values() ?? [])],

    close(): void {
      for (const { timer } of typing.values()) clearTimeout(timer);
      typing.clear();
    },
  };
}
