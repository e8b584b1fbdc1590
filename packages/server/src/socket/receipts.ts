import { LIMITS, type ServerFrame } from "@parlor/protocol";
import type { Logger } from "../log.js";
import type { ReadingService } from "../reading/service.js";
import type { UsersService } from "../users/service.js";
import type { Hub } from "./hub.js";

/** Milliseconds for which the receipts of a room are gathered. */
const GATHER_FOR = 400;
/** Above so many connected people receipts are not told live: who wants them asks `GET …/receipts`. */
const AUDIENCE = 200;

/** Tells those who came with a cursor how far others have read, where both sides tell it. */
export function startReceipts(parts: {
  hub: Hub;
  users: UsersService;
  reading: ReadingService;
  log: Logger;
}): {
  stop(): void;
} {
  const { hub, users, reading, log } = parts;
  const rooms = new Map<string, Map<string, number>>();
  const timers = new Set<NodeJS.Timeout>();

  async function tell(roomId: string): Promise<void> {
    const moved = rooms.get(roomId);
    rooms.delete(roomId);
    const here = hub.usersIn(roomId);
    if (!moved || here.length === 0 || here.length > AUDIENCE) return;
    const people = await users.rows([...moved.keys(), ...here]);
    const receipts = [...moved]
      .filter(([userId]) => people.get(userId)?.read_receipts)
      .map(([user_id, seq]) => ({ user_id, seq }));
    if (receipts.length === 0) return;
    // The messages that it speaks of come first.
    hub.flush(roomId);
    const frame: ServerFrame = { type: "receipt", room_id: roomId, receipts };
    for (const userId of here) {
      if (!people.get(userId)?.read_receipts) continue;
      for (const connection of hub.connectionsOf(roomId, userId)) {
        // One that is still replaying asks for all of them afterwards anyway.
        if (connection.resume && !connection.holding) connection.send(frame);
      }
    }
  }

  reading.listen({
    read({ roomId, userId, readSeq }) {
      if (hub.onlineCount(roomId) === 0) return;
      const known = rooms.get(roomId);
      if (known) {
        if (known.size < LIMITS.receipts || known.has(userId)) known.set(userId, readSeq);
        return;
      }
      rooms.set(roomId, new Map([[userId, readSeq]]));
      const timer = setTimeout(() => {
        timers.delete(timer);
        tell(roomId).catch((err: unknown) => log.debug({ err }, "receipts were not told"));
      }, GATHER_FOR);
      timers.add(timer);
    },
    level: () => {},
  });

  return {
    stop() {
      for (const timer of timers) clearTimeout(timer);
      rooms.clear();
    },
  };
}
