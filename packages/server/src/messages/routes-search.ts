import { LIMITS, ParlorError } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import type { RateLimits } from "../http/limits.js";
import { route } from "../http/route.js";
import type { RoomsService } from "../rooms/service.js";
import { type Caller, presentedIds } from "../users/caller.js";
import { forReader } from "./actors.js";
import type { SearchService } from "./search/service.js";

/** The route of the search. */
export function registerSearchRoutes(
  app: FastifyInstance,
  parts: { rooms: RoomsService; search: SearchService; limits: RateLimits },
): void {
  const { rooms, search, limits } = parts;

  /** One room that the caller may read, a member or not; else all rooms of the users whose session it presents. */
  async function roomsOf(caller: Caller, roomId: string | undefined): Promise<string[]> {
    if (roomId !== undefined) {
      await rooms.requireAccess(await rooms.requireRoom(roomId), caller);
      return [roomId];
    }
    const users = presentedIds(caller);
    if (users.length === 0) throw new ParlorError("session_required", "Sign in, or name the room to search.");
    return await rooms.readable(caller, users);
  }

  route(app, "search", async ({ query, caller }) => {
    limits.search(caller.ip);
    const { hits, cursor, partial } = await search.find({
      text: query.q,
      rooms: await roomsOf(caller, query.room_id),
      fromUser: query.from_user,
      before: query.before,
      after: query.after,
      limit: query.limit ?? LIMITS.searchDefault,
      cursor: query.cursor,
    });
    return {
      hits: hits.map((hit) => ({ ...hit, message: forReader(hit.message, caller) })),
      cursor,
      partial,
    };
  });
}
