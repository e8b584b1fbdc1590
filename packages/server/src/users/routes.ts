import { LIMITS, ParlorError, type ProfileUpdate } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { withoutBase } from "../base-address.js";
import { route } from "../http/route.js";
import { type Access, hasPresented } from "./caller.js";
import type { UsersService } from "./service.js";
import { toUser } from "./user.js";

/** Routes that read and change users. Those that make a session are in `sessions`. */
export function registerUserRoutes(
  app: FastifyInstance,
  parts: { users: UsersService; access: Access },
): void {
  const { users, access } = parts;

  route(app, "listUsers", async ({ query }) => {
    const list = await users.list(query.limit ?? LIMITS.listMax, query.before);
    return list.map((user) => toUser(user, false));
  });

  route(app, "getUser", async ({ params, caller }) => {
    const user = await users.require(params.user_id);
    return toUser(user, hasPresented(caller, user.id));
  });

  route(app, "updateProfile", async ({ params, body, caller }) => {
    const user = await access.authorize(caller, params.user_id);
    if (!user) throw new ParlorError("user_not_found");
    const changed = await users.updateProfile(user.id, withPaths(body, caller.base));
    return { success: true as const, user: toUser(changed, hasPresented(caller, changed.id)) };
  });
}

/** The seeds' front end gives our own addresses back in full; they are kept as paths. */
function withPaths(update: ProfileUpdate, base: string): ProfileUpdate {
  const path = (url: string | null | undefined) => (url ? withoutBase(url, base) : url);
  const { avatar_url, avatar_urls, ...rest } = update;
  return {
    ...rest,
    ...(avatar_url === undefined ? {} : { avatar_url: path(avatar_url) ?? null }),
    ...(avatar_urls === undefined
      ? {}
      : {
          avatar_urls:
            avatar_urls &&
            Object.fromEntries(Object.entries(avatar_urls).map(([size, url]) => [size, path(url) ?? null])),
        }),
  };
}
