import { LIMITS, ParlorError } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { route } from "../http/route.js";
import { hostsOf, type RoomsService } from "../rooms/service.js";
import { type Access, actorsOf, type Caller, hasPresented } from "../users/caller.js";
import { forActors, forReader } from "./actors.js";
import type { MessagesService } from "./service.js";

/** Routes of pins, former texts and mentions. */
export function registerFoundRoutes(
  app: FastifyInstance,
  parts: { rooms: RoomsService; messages: MessagesService; access: Access },
): void {
  const { rooms, messages, access } = parts;

  async function enterHistory(roomId: string, caller: Caller) {
    const room = await rooms.requireRoom(roomId);
    await rooms.requireAccess(room, caller);
    return room;
  }

  /** Whoever of the caller's users may pin: a host; where a room has none, and in a private one, a member. */
  async function pinnerOf(roomId: string, caller: Caller, userId: string | null | undefined) {
    const room = await enterHistory(roomId, caller);
    const actors = [...(await actorsOf(access, caller, userId))];
    await rooms.refusePutOut(roomId, actors);
    const hosts = hostsOf(room);
    const allowed = hosts.length > 0 ? hosts : await rooms.members(roomId, actors);
    const pinner = actors.find((id) => allowed.includes(id));
    if (pinner !== undefined) return pinner;
    const who = hosts.length > 0 ? "the room's host" : "a member of the room";
    throw new ParlorError("forbidden", `Only ${who} pins messages.`);
  }

  route(app, "pinMessage", async ({ params, body, caller }) => {
    const userId = await pinnerOf(params.room_id, caller, body.user_id);
    const message = await messages.pin(params.room_id, params.message_id, { userId, present: true });
    return forActors(message, new Set([userId]));
  });

  route(app, "unpinMessage", async ({ params, query, caller }) => {
    const userId = await pinnerOf(params.room_id, caller, query.user_id);
    const message = await messages.pin(params.room_id, params.message_id, { userId, present: false });
    return forActors(message, new Set([userId]));
  });

  route(app, "listPins", async ({ params, query, caller }) => {
    await enterHistory(params.room_id, caller);
    return (await messages.pins(params.room_id, query.offset ?? 0)).map((message) =>
      forReader(message, caller),
    );
  });

  route(app, "listEdits", async ({ params, query, caller }) => {
    const room = await enterHistory(params.room_id, caller);
    const actors = await actorsOf(access, caller, query.user_id);
    await rooms.refusePutOut(params.room_id, actors);
    return await messages.edits(params.room_id, params.message_id, actors, hostsOf(room));
  });

  route(app, "listMentions", async ({ params, query, caller }) => {
    const userId = params.user_id;
    if (!(await access.authorize(caller, userId))) throw new ParlorError("user_not_found");
    // An open guest's mentions may lie in rooms that not everybody enters.
    if (!hasPresented(caller, userId)) throw new ParlorError("not_your_identity");
    const readable = await rooms.readable(caller, [userId]);
    const found = await messages.mentions(userId, {
      rooms: query.room_id === undefined ? readable : readable.filter((id) => id === query.room_id),
      limit: query.limit ?? LIMITS.historyDefault,
      before: query.before,
      after: query.after,
    });
    return found.map((message) => forReader(message, caller));
  });
}
