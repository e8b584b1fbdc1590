import { createHash } from "node:crypto";
import { ClientId, IDEMPOTENCY_HEADER, LIMITS, type Message, ParlorError } from "@parlor/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { withoutBase } from "../base-address.js";
import type { RateLimits } from "../http/limits.js";
import { NOT_MODIFIED, route } from "../http/route.js";
import { guardRoomPassword } from "../rooms/routes.js";
import type { RoomsService } from "../rooms/service.js";
import { type Access, accountOf, type Caller, hasPresented } from "../users/caller.js";
import type { HistoryPage, MessagesService } from "./service.js";

/** Routes of a room's history. */
export function registerMessageRoutes(
  app: FastifyInstance,
  parts: { rooms: RoomsService; messages: MessagesService; access: Access; limits: RateLimits },
): void {
  const { rooms, messages, access, limits } = parts;

  /** The users that a request acts for: the one it names, else those whose session it presents. */
  async function actorsOf(caller: Caller, userId: string | null | undefined): Promise<Set<string>> {
    if (userId) {
      const user = await access.authorize(caller, userId);
      if (!user) throw new ParlorError("user_not_found");
      return new Set([user.id]);
    }
    const ids = new Set([
      ...(caller.bearer ? [caller.bearer.userId] : []),
      ...(caller.device?.userIds ?? []),
    ]);
    if (ids.size === 0) throw new ParlorError("session_required", "Say who acts: sign in, or give user_id.");
    return ids;
  }

  /** The one user who reacts. */
  async function actorOf(caller: Caller, userId: string | null | undefined): Promise<string> {
    const actors = await actorsOf(caller, userId);
    const [only] = actors;
    if (actors.size === 1 && only !== undefined) return only;
    const account = accountOf(caller);
    if (account !== null) return account;
    throw new ParlorError("invalid_request", "user_id: say which of your users reacts");
  }

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
    const input = { content: body.content, clientId, kind: body.type, avatarUrl };
    const { message } = await messages.post(roomId, user, input);
    return message;
  });

  route(app, "listMessages", async ({ params, query, caller, request, reply }) => {
    const roomId = params.room_id;
    const limit = query.limit ?? LIMITS.historyDefault;
    const room = await rooms.requireRoom(roomId).catch((error: unknown) => {
      if (error instanceof ParlorError && error.code === "room_not_found") return null;
      throw error;
    });
    // The seeds answer an unknown room with an empty history.
    if (!room) return send(reply, null, caller);
    await rooms.requireAccess(room, caller);
    if (query.after !== undefined) {
      const cursor = { after: query.after, epoch: query.epoch };
      return send(reply, await changed(roomId, cursor, limit, (query.wait ?? 0) * 1000, request), caller);
    }
    if (query.before !== undefined)
      return send(reply, await messages.before(roomId, query.before, limit), caller);
    const etag = await versionTag(roomId, limit, caller);
    if (etag !== null) {
      reply.header("etag", etag);
      if (request.headers["if-none-match"] === etag) return NOT_MODIFIED;
    }
    return send(reply, await messages.newest(roomId, limit), caller);
  });

  /** Everything that a page shows depends on these; a change of any makes another tag. */
  async function versionTag(roomId: string, limit: number, caller: Caller): Promise<string | null> {
    const version = await rooms.historyVersion(roomId);
    if (!version) return null;
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
    request: FastifyRequest,
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
      return await messages.changedAfter(roomId, cursor, limit);
    } finally {
      watch.stop();
      request.raw.socket.off("close", abort);
    }
  }

  route(app, "editMessage", async ({ params, body, caller }) => {
    await enterHistory(params.room_id, caller);
    const actors = await actorsOf(caller, body.user_id);
    return await messages.edit(params.room_id, params.message_id, actors, body.content);
  });

  route(app, "deleteMessage", async ({ params, query, caller }) => {
    const room = await enterHistory(params.room_id, caller);
    const actors = await actorsOf(caller, query.user_id);
    const hosts = [room.created_by, room.host?.id].filter((id) => typeof id === "string");
    return forActors(await messages.remove(params.room_id, params.message_id, actors, hosts), actors);
  });

  route(app, "addReaction", async ({ params, body, caller }) => {
    await enterHistory(params.room_id, caller);
    const userId = await actorOf(caller, body.user_id);
    const reaction = { userId, emoji: params.emoji, present: true };
    return forActors(await messages.react(params.room_id, params.message_id, reaction), new Set([userId]));
  });

  route(app, "removeReaction", async ({ params, query, caller }) => {
    await enterHistory(params.room_id, caller);
    const userId = await actorOf(caller, query.user_id);
    const reaction = { userId, emoji: params.emoji, present: false };
    return forActors(await messages.react(params.room_id, params.message_id, reaction), new Set([userId]));
  });
}

function idempotencyKey(request: FastifyRequest): string | null {
  const header = request.headers[IDEMPOTENCY_HEADER];
  if (typeof header !== "string" || header === "") return null;
  if (!ClientId.safeParse(header).success) {
    throw new ParlorError("invalid_request", "Idempotency-Key: must be 1 to 64 visible ASCII characters");
  }
  return header;
}

function send(reply: FastifyReply, page: HistoryPage | null, caller: Caller): Message[] {
  reply.header("x-next-after", String(page?.nextAfter ?? 0));
  if (page) reply.header("x-epoch", page.epoch);
  return (page?.messages ?? []).map((message) => forReader(message, caller));
}

/** What its author's client called a message is the author's alone. */
function forReader(message: Message, caller: Caller): Message {
  return hasPresented(caller, message.user_id) ? message : withoutClientId(message);
}

/** The same for an answer to those who changed the message. */
function forActors(message: Message, actors: ReadonlySet<string>): Message {
  return actors.has(message.user_id) ? message : withoutClientId(message);
}

function withoutClientId({ client_id: _, ...message }: Message): Message {
  return message;
}
