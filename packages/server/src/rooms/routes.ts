import { createHash } from "node:crypto";
import { isId, LIMITS, ParlorError } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { withoutBase } from "../base-address.js";
import { hasTag } from "../http/etag.js";
import type { RateLimits } from "../http/limits.js";
import { NOT_MODIFIED, route } from "../http/route.js";
import type { Logger } from "../log.js";
import { plain } from "../plain.js";
import type { Caller } from "../users/caller.js";
import type { Hosting } from "./hosting.js";
import type { RoomsService } from "./service.js";

/** Counts wrong guesses of a room's password. */
export async function guardRoomPassword<T>(
  limits: RateLimits,
  caller: Caller,
  guess: { roomId: string; password: string | null | undefined },
  act: () => Promise<T>,
): Promise<T> {
  if (!guess.password) return await act();
  return await limits.guess(caller.ip, `room ${guess.roomId}`, act);
}

/** Routes of rooms and members. */
export function registerRoomRoutes(
  app: FastifyInstance,
  parts: { rooms: RoomsService; hosting: Hosting; limits: RateLimits; log: Logger },
): void {
  const { rooms, hosting, limits, log } = parts;

  route(app, "createRoom", async ({ body, caller }) => await rooms.create(caller, body));

  route(app, "listRooms", async ({ query, caller, request, reply }) => {
    const { category, before, limit = LIMITS.listMax } = query;
    const list = await rooms.list(caller, { category, before, limit });
    const etag = `W/"${createHash("sha1")
      .update(caller.base + JSON.stringify(list))
      .digest("base64url")}"`;
    reply.header("etag", etag);
    return hasTag(request, etag) ? NOT_MODIFIED : list;
  });

  route(app, "getRoom", async ({ params }) => await rooms.get(params.room_id));

  route(
    app,
    "updateRoom",
    async ({ params, body, caller }) => await hosting.change(caller, params.room_id, body),
  );

  route(app, "removeMember", async ({ params, query, caller }) => {
    await hosting.putOut(caller, params.room_id, params.user_id, query.user_id);
    return { success: true as const };
  });

  route(app, "listBanned", async ({ params, query, caller }) =>
    hosting.thoseOut(caller, params.room_id, query.user_id),
  );

  route(app, "unbanMember", async ({ params, query, caller }) => {
    await hosting.letIn(caller, params.room_id, params.user_id, query.user_id);
    return { success: true as const };
  });

  route(app, "joinRoom", async ({ params, body, caller }) => {
    const roomId = params.room_id;
    const who = {
      userId: body.user_id,
      username: body.username ?? null,
      avatarUrl: body.avatar_url ? withoutBase(body.avatar_url, caller.base) : null,
      password: body.password ?? null,
    };
    const guess = { roomId, password: body.password };
    const { room, user } = await guardRoomPassword(limits, caller, guess, () =>
      rooms.enter(caller, roomId, who),
    );
    log.info(`✅ User ${plain(user.shown_name)} joined room ${plain(room.id)}`);
    return {
      status: "success" as const,
      room_id: room.id,
      user_id: user.id,
      message: `User ${user.shown_name} joined room ${room.name}`,
    };
  });

  route(app, "verifyRoomPassword", async ({ params, body, caller }) => {
    const guess = { roomId: params.room_id, password: body.password };
    await guardRoomPassword(limits, caller, guess, () =>
      rooms.verifyPassword(caller, params.room_id, body.password),
    );
    return { success: true as const, valid: true as const, room_id: params.room_id };
  });

  route(app, "listProfiles", async ({ params, query, caller }) => {
    const room = await rooms.requireRoom(params.room_id);
    await rooms.requireAccess(room, caller);
    if (query.ids !== undefined) return await rooms.profilesOf(idsOf(query.ids));
    const limit = Math.min(query.limit ?? LIMITS.profilesPage, LIMITS.profilesPage);
    return await rooms.profiles(params.room_id, query.after ?? 0, limit);
  });
}

/** Ids between commas; a comma is in none. */
function idsOf(text: string): string[] {
  const ids = [...new Set(text.split(",").filter((id) => id !== ""))];
  if (ids.length > LIMITS.profileIds || !ids.every(isId))
    throw new ParlorError(
      "invalid_request",
      `ids: must be at most ${LIMITS.profileIds} ids with commas between`,
    );
  return ids;
}
