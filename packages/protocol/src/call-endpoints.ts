import * as z from "zod/mini";
import { IceServers } from "./call.js";
import { endpoint, roomErrors, roomId } from "./endpoint.js";
import { Id } from "./ids.js";

/** Routes of calls; all else of them goes over the room's socket. */
export const callEndpoints = {
  getIceServers: endpoint({
    method: "GET",
    path: "/rooms/{room_id}/ice-servers",
    tag: "calls",
    summary: "Servers that help calls through networks, with credentials for an hour; for members",
    params: roomId,
    query: z.object({ user_id: z.optional(Id) }),
    reply: IceServers,
    errors: [...roomErrors, "forbidden"],
  }),
  declineCall: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/call/decline",
    tag: "calls",
    summary: "Decline the room's call that rings; without one nothing happens",
    params: roomId,
    body: z.object({ user_id: z.optional(z.nullable(Id)) }),
    reply: z.object({ success: z.literal(true) }),
    errors: [...roomErrors, "forbidden"],
  }),
};
