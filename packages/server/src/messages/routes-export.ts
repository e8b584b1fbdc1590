import { Readable } from "node:stream";
import { ParlorError } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { withBase } from "../base-address.js";
import type { Database } from "../db/database.js";
import type { RateLimits } from "../http/limits.js";
import { route, SENT } from "../http/route.js";
import { hostsOf, type RoomsService } from "../rooms/service.js";
import { type Access, actorsOf } from "../users/caller.js";
import type { UsersService } from "../users/service.js";
import { exportRoom } from "./export/export.js";
import { EXPORT_CSP } from "./export/html.js";

/** The route that writes a room's whole history. */
export function registerExportRoutes(
  app: FastifyInstance,
  parts: { database: Database; users: UsersService; rooms: RoomsService; access: Access; limits: RateLimits },
): void {
  const { database, users, rooms, access, limits } = parts;

  route(app, "exportRoom", async ({ params, query, caller, reply }) => {
    const room = await rooms.requireRoom(params.room_id);
    await rooms.requireAccess(room, caller);
    const actors = [...(await actorsOf(access, caller, query.user_id))];
    await rooms.refusePutOut(room.id, actors);
    const hosts = hostsOf(room);
    const isIn = actors.some((id) => hosts.includes(id)) || (await rooms.members(room.id, actors)).length > 0;
    if (!isIn) throw new ParlorError("forbidden", "Only members export a room. Join it first.");
    limits.export(caller.ip);
    const format = query.format ?? "json";
    const types = { json: "application/json; charset=utf-8", html: "text/html; charset=utf-8" };
    reply
      .type(types[format])
      .header("content-disposition", `attachment; ${fileName(room.name, format)}`)
      .header("content-security-policy", `${EXPORT_CSP}; frame-ancestors 'none'; sandbox`);
    const pieces = exportRoom({ sql: database.sql, users }, room, format);
    await reply.send(Readable.from(forReader(pieces, caller.base)));
    return SENT;
  });
}

async function* forReader(pieces: AsyncIterable<string>, base: string): AsyncGenerator<string> {
  for await (const piece of pieces) yield withBase(piece, base);
}

/** The room's name as a file's: the plain form for old programs, the true one for all others (RFC 6266). */
function fileName(name: string, format: string): string {
  const plain = name.replace(/[^\w -]+/g, "_").trim() || "room";
  const exact = encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `filename="${plain}.${format}"; filename*=UTF-8''${exact}.${format}`;
}
