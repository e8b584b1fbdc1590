import type { WebSocket } from "ws";
import type { Logger } from "../log.js";
import type { UsersService } from "../users/service.js";

/** Milliseconds for which people who come and go are gathered, so that a crowd costs few writes. */
const GATHER_FOR = 2_000;
/** Users of one write. */
const AT_ONCE = 1_000;

/** Who is connected at all, and when the others last were, by the minute. */
export function createLastSeen(parts: { users: UsersService; log: Logger }) {
  const { users, log } = parts;
  const sockets = new Map<string, number>();
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | null = null;

  function note(userId: string): void {
    changed.add(userId);
    timer ??= setTimeout(() => {
      timer = null;
      write().catch((err: unknown) => log.debug({ err }, "who was seen was not noted"));
    }, GATHER_FOR).unref();
  }

  async function write(): Promise<void> {
    const ids = [...changed];
    changed.clear();
    for (let at = 0; at < ids.length; at += AT_ONCE) await users.noteSeen(ids.slice(at, at + AT_ONCE));
  }

  return {
    /** Follows a socket that was accepted. */
    watch(userId: string, ws: WebSocket): void {
      const before = sockets.get(userId) ?? 0;
      sockets.set(userId, before + 1);
      if (before === 0) note(userId);
      ws.once("close", () => {
        const left = (sockets.get(userId) ?? 1) - 1;
        if (left > 0) {
          sockets.set(userId, left);
          return;
        }
        sockets.delete(userId);
        note(userId);
      });
    },

    isConnected: (userId: string): boolean => sockets.has(userId),

    /** Writes what is gathered. */
    async close(): Promise<void> {
      if (timer !== null) clearTimeout(timer);
      timer = null;
      await write().catch((err: unknown) => log.debug({ err }, "who was seen was not noted"));
    },
  };
}
