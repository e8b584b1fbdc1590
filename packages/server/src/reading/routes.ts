import { LIMITS, ParlorError } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { route } from "../http/route.js";
import type { RoomsService } from "../rooms/service.js";
import { type Access, type Caller, hasPresented, requireActor, requireSelf } from "../users/caller.js";
import type { ReadingService } from "./service.js";

/** Routes of what a user has read, and of the rooms that are theirs. */
export function registerReadingRoutes(
  app: FastifyInstance,
  parts: { reading: ReadingService; rooms: RoomsService; access: Access },
): void {
  const { reading, rooms, access } = parts;

  /** The room that the caller may read, and who acts there. */
  async function enter(roomId: string, caller: Caller, userId: string | null | undefined) {
    const room = await rooms.requireRoom(roomId);
    const user = await requireActor(access, caller, userId);
    await rooms.requireAccess(room, caller);
    if (room.kind === "direct" && !hasPresented(caller, user.id)) throw new ParlorError("forbidden");
    return { room, user };
  }

  route(app, "listUserRooms", async ({ params, query, caller }) => {
    const user = await requireSelf(access, caller, params.user_id);
    const limit = Math.min(query.limit ?? LIMITS.userRooms, LIMITS.userRooms);
    return await reading.list(user.id, caller, { roomId: query.room_id, limit });
  });

  route(app, "findPeople", async ({ params, query, caller }) => {
    const user = await requireSelf(access, caller, params.user_id);
    const limit = Math.min(query.limit ?? LIMITS.peopleFound, LIMITS.peopleFound);
    return await reading.findPeople(user.id, query.q, limit);
  });

  route(app, "markRead", async ({ params, body, caller }) => {
    const { room, user } = await enter(params.room_id, caller, body.user_id);
    return await reading.read(room.id, user.id, body.seq);
  });

  route(app, "setNotifications", async ({ params, body, caller }) => {
    const { room, user } = await enter(params.room_id, caller, body.user_id);
    await reading.setLevel(room.id, user.id, body.level);
    return { room_id: room.id, level: body.level };
  });

  route(app, "leaveRoom", async ({ params, body, caller }) => {
    const room = await rooms.requireRoom(params.room_id);
    const user = await requireActor(access, caller, body.user_id);
    if (room.kind === "direct" && !hasPresented(caller, user.id)) throw new ParlorError("forbidden");
    await rooms.leave(room, user.id);
    return { success: true as const };
  });

  route(app, "listReceipts", async ({ params, query, caller }) => {
    const { room, user } = await enter(params.room_id, caller, query.user_id);
    await rooms.requireMember(room, user.id);
    return await reading.receipts(room.id, user);
  });
}
