import { LIMITS, ParlorError, type ProfileUpdate } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { mapUrls, withoutBase } from "../base-address.js";
import { route } from "../http/route.js";
import { type Access, hasPresented } from "./caller.js";
import type { UsersService } from "./service.js";
import { toUser } from "./user.js";

/** Routes that read and change users. Those that make a session are in `sessions`. */
export function registerUserRoutes(
  app: FastifyInstance,
  parts: { users: UsersService; access: Access; isConnected: (userId: string) => boolean },
): void {
  const { users, access, isConnected } = parts;

  route(app, "listUsers", async ({ query }) => {
    const list = await users.list(query.limit ?? LIMITS.listMax, query.before);
    return list.map((user) => toUser(user, false, isConnected(user.id)));
  });

  route(app, "getUser", async ({ params, caller }) => {
    const user = await users.require(params.user_id);
    return toUser(user, hasPresented(caller, user.id), isConnected(user.id));
  });

  route(app, "updateProfile", async ({ params, body, caller }) => {
    const user = await access.authorize(caller, params.user_id);
    if (!user) throw new ParlorError("user_not_found");
    const changed = await users.updateProfile(user.id, withPaths(body, caller.base));
    return {
      success: true as const,
      user: toUser(changed, hasPresented(caller, changed.id), isConnected(changed.id)),
    };
  });
}

/** Fields of a profile that may hold the address of a picture. */
const URL_FIELDS = ["avatar_url", "banner_media_url", "profile_video_url", "profile_audio_url"] as const;

/** The seeds' front end gives our own addresses back in full; they are kept as paths. */
function withPaths(update: ProfileUpdate, base: string): ProfileUpdate {
  const path = (url: string) => withoutBase(url, base);
  const fields = URL_FIELDS.flatMap((field) => {
    const url = update[field];
    return url ? [[field, path(url)]] : [];
  });
  const sizes = update.avatar_urls ? { avatar_urls: mapUrls(update.avatar_urls, path) } : {};
  return { ...update, ...Object.fromEntries(fields), ...sizes };
}
