import { createHash } from "node:crypto";
import { IDEMPOTENCY_HEADER, IdempotencyKey, LIMITS, type Message, ParlorError } from "@parlor/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { withoutBase } from "../base-address.js";
import { hasTag } from "../http/etag.js";
import type { RateLimits } from "../http/limits.js";
import { NOT_MODIFIED, route } from "../http/route.js";
import { guardRoomPassword } from "../rooms/routes.js";
import { type HistoryVersion, hostsOf, type RoomsService } from "../rooms/service.js";
import { type Access, actorOf, actorsOf, type Caller } from "../users/caller.js";
import { forActors, forReader } from "./actors.js";
import type { HistoryPage } from "./reading.js";
import type { RoomRemoval } from "./removal.js";
import type { MessagesService } from "./service.js";

/** Routes of a room's history. */
export function registerMessageRoutes(
  app: FastifyInstance,
  parts: {
    rooms: RoomsService;
    messages: MessagesService;
    removal: RoomRemoval;
    access: Access;
    limits: RateLimits;
  },
): void {
  const { rooms, messages, removal, access, limits } = parts;

  async function enterHistory(roomId: string, caller: Caller) {
    const room = await rooms.requireRoom(roomId);
    await rooms.requireAccess(room, caller);
    return room;
  }

  route(app, "postMessage", async ({ params, body, caller, request }) => {
    const roomId = params.room_id;
    const clientId = body.client_id ?? idempotencyKey(request);
    const avatarUrl = body.avatar_url ? withoutBase(body.avatar_url, caller.base) : null;
    const guess = { roomId, password: body.password };
    const { user } = await guardRoomPassword(limits, caller, guess, () =>
      rooms.enter(caller, roomId, {
        userId: body.user_id,
        username: body.username ?? null,
        password: body.password ?? null,
      }),
    );
    const input = { content: body.content, clientId, kind: body.type, avatarUrl, extras: body };
    const { message } = await messages.post(roomId, user, input);
    return message;
  });

  route(app, "listMessages", async ({ params, query, caller, request, reply }) => {
    const roomId = params.room_id;
    const limit = query.limit ?? LIMITS.historyDefault;
    const { closings } = rooms;
    const room = await rooms.requireRoom(roomId).catch((error: unknown) => {
      if (error instanceof ParlorError && error.code === "room_not_found") return null;
      throw error;
    });
    requireOneForm(query);
    if (!room) {
      // The seeds answer an unknown room with an empty history; who follows one has to learn that it is gone.
      if (query.after !== undefined) throw new ParlorError("room_not_found");
      return send(reply, null, caller);
    }
    await rooms.requireAccess(room, caller);
    if (query.after !== undefined) {
      const cursor = { after: query.after, epoch: query.epoch };
      return send(
        reply,
        await changed(roomId, cursor, limit, (query.wait ?? 0) * 1000, { request, caller, closings }),
        caller,
      );
    }
    const jump = pageAt(roomId, query, limit);
    if (jump) return send(reply, await jump, caller);
    const version = await rooms.historyVersion(roomId);
    if (version) {
      const etag = versionTag(version, limit, caller);
      reply.header("etag", etag);
      if (hasTag(request, etag)) {
        nameCursor(reply, { nextAfter: version.head_seq, epoch: version.epoch });
        return NOT_MODIFIED;
      }
    }
    return send(reply, await messages.newest(roomId, limit), caller);
  });

  /** The page at a place in the history, when one is named. */
  function pageAt(roomId: string, { before, around, from, at }: Place, limit: number) {
    if (before !== undefined) return messages.before(roomId, before, limit);
    if (around !== undefined) return messages.around(roomId, around, limit);
    if (from !== undefined) return messages.from(roomId, from, limit);
    return at === undefined ? null : messages.at(roomId, at, limit);
  }

  /** Everything that a page shows depends on these; a change of any makes another tag. */
  function versionTag(version: HistoryVersion, limit: number, caller: Caller): string {
    const viewer = [caller.base, caller.bearer?.userId, ...[...(caller.device?.userIds ?? [])].sort()].join(
      " ",
    );
    const parts = [version.epoch, version.head_seq, version.profile_rev, limit, viewer].join(" ");
    return `W/"${createHash("sha1").update(parts).digest("base64url")}"`;
  }

  async function changed(
    roomId: string,
    cursor: { after: number; epoch: string | undefined },
    limit: number,
    wait: number,
    { request, caller, closings }: { request: FastifyRequest; caller: Caller; closings: number },
  ): Promise<HistoryPage | null> {
    if (wait <= 0) return await messages.changedAfter(roomId, cursor, limit);
    const gone = new AbortController();
    const abort = () => gone.abort();
    request.raw.socket.once("close", abort);
    const watch = messages.waiters.watch(roomId, wait, gone.signal);
    try {
      const page = await messages.changedAfter(roomId, cursor, limit);
      if (!page || page.messages.length > 0) return page;
      await watch.changed;
      // Since the door was asked, the room may have ended, or been shut to the caller.
      if (rooms.closings !== closings) await enterHistory(roomId, caller);
      return await messages.changedAfter(roomId, cursor, limit);
    } finally {
      watch.stop();
      request.raw.socket.off("close", abort);
    }
  }

  route(app, "deleteRoom", async ({ params, query, caller }) => {
    await removal.remove(caller, params.room_id, query.user_id);
    return { success: true as const };
  });

  route(app, "editMessage", async ({ params, body, caller }) => {
    await enterHistory(params.room_id, caller);
    const actors = await actorsOf(access, caller, body.user_id);
    await rooms.refusePutOut(params.room_id, actors);
    return await messages.edit(params.room_id, params.message_id, actors, body);
  });

  route(app, "deleteMessage", async ({ params, query, caller }) => {
    const room = await enterHistory(params.room_id, caller);
    const actors = await actorsOf(access, caller, query.user_id);
    await rooms.refusePutOut(params.room_id, actors);
    const removed = await messages.remove(params.room_id, params.message_id, actors, hostsOf(room));
    return forActors(removed, actors);
  });

  route(app, "addReaction", async ({ params, body, caller }) => {
    await enterHistory(params.room_id, caller);
    const userId = await actorOf(access, caller, body.user_id);
    await rooms.refusePutOut(params.room_id, [userId]);
    const reaction = { userId, emoji: params.emoji, present: true };
    return forActors(await messages.react(params.room_id, params.message_id, reaction), new Set([userId]));
  });

  route(app, "removeReaction", async ({ params, query, caller }) => {
    await enterHistory(params.room_id, caller);
    const userId = await actorOf(access, caller, query.user_id);
    await rooms.refusePutOut(params.room_id, [userId]);
    const reaction = { userId, emoji: params.emoji, present: false };
    return forActors(await messages.react(params.room_id, params.message_id, reaction), new Set([userId]));
  });
}

/** A place in the history. */
interface Place {
  readonly before?: number | undefined;
  readonly around?: number | undefined;
  readonly from?: number | undefined;
  readonly at?: Date | undefined;
}

/** `after` with `before` is older than this rule, and there `after` wins. */
function requireOneForm({ after, before, around, from, at }: Place & { after?: number | undefined }): void {
  const jumps = [around, from, at].filter((form) => form !== undefined).length;
  const others = [after, before].filter((form) => form !== undefined).length;
  if (jumps > 1 || (jumps === 1 && others > 0)) {
    throw new ParlorError("invalid_request", "query: only one of before, after, around, from and at");
  }
}

function idempotencyKey(request: FastifyRequest): string | null {
  const header = request.headers[IDEMPOTENCY_HEADER];
  if (typeof header !== "string" || header === "") return null;
  const key = IdempotencyKey.safeParse(header);
  if (!key.success) {
    throw new ParlorError("invalid_request", `Idempotency-Key: ${key.error.issues[0]?.message}`);
  }
  return key.data;
}

function send(reply: FastifyReply, page: HistoryPage | null, caller: Caller): Message[] {
  nameCursor(reply, page);
  return (page?.messages ?? []).map((message) => forReader(message, caller));
}

function nameCursor(reply: FastifyReply, page: Pick<HistoryPage, "nextAfter" | "epoch"> | null): void {
  reply.header("x-next-after", String(page?.nextAfter ?? 0));
  if (page) reply.header("x-epoch", page.epoch);
}
