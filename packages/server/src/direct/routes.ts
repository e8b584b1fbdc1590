import type { FastifyInstance } from "fastify";
import { route } from "../http/route.js";
import { type Access, requireSelf } from "../users/caller.js";
import type { DirectService } from "./service.js";

/** The way from a person to the conversation with them. */
export function registerDirectRoutes(
  app: FastifyInstance,
  parts: { direct: DirectService; access: Access },
): void {
  const { direct, access } = parts;
  route(app, "openDirect", async ({ params, body, caller }) => {
    const user = await requireSelf(access, caller, params.user_id);
    return await direct.open(user, body.with);
  });
}
