import { ParlorError } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { route } from "../http/route.js";
import type { RoomsService } from "../rooms/service.js";
import { type Access, type Caller, hasPresented, requireActor } from "../users/caller.js";
import type { Ice } from "./ice.js";
import type { CallsService } from "./service.js";

/** Routes of calls, for members of their room. */
export function registerCallRoutes(
  app: FastifyInstance,
  parts: { calls: CallsService; rooms: RoomsService; access: Access; ice: Ice },
): void {
  const { calls, rooms, access, ice } = parts;

  async function requireMember(roomId: string, caller: Caller, userId: string | null | undefined) {
    const room = await rooms.requireRoom(roomId);
    const user = await requireActor(access, caller, userId);
    await rooms.requireAccess(room, caller);
    if (room.kind === "direct" && !hasPresented(caller, user.id)) throw new ParlorError("forbidden");
    await rooms.refusePutOut(room.id, [user.id]);
    await rooms.requireMember(room, user.id);
    return user;
  }

  route(app, "getIceServers", async ({ params, query, caller, reply }) => {
    const user = await requireMember(params.room_id, caller, query.user_id);
    reply.header("cache-control", "no-store");
    return ice.serversFor(user.id);
  });

  route(app, "declineCall", async ({ params, body, caller }) => {
    const user = await requireMember(params.room_id, caller, body.user_id);
    calls.decline(params.room_id, user.id);
    return { success: true as const };
  });
}
