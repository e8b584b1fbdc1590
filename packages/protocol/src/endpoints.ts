import { absentEndpoints } from "./absent-endpoints.js";
import { callEndpoints } from "./call-endpoints.js";
import { endpoint } from "./endpoint.js";
import { fileEndpoints } from "./file-endpoints.js";
import { Debug, Health, Root } from "./health.js";
import { messageEndpoints } from "./message-endpoints.js";
import { readingEndpoints } from "./reading-endpoints.js";
import { roomEndpoints } from "./room-endpoints.js";
import { userEndpoints } from "./user-endpoints.js";

/** Every REST route of Parlor. Server, client and `/openapi.json` are made from this table. */
export const endpoints = {
  root: endpoint({ method: "GET", path: "/", tag: "status", summary: "Tell what this is", reply: Root }),
  health: endpoint({
    method: "GET",
    path: "/health",
    tag: "status",
    summary: "Tell whether the server can work, with live counts",
    reply: Health,
    errors: ["unavailable"],
  }),
  debug: endpoint({
    method: "GET",
    path: "/_debug",
    tag: "status",
    summary: "Tell the environment, nothing secret",
    reply: Debug,
  }),

  ...userEndpoints,
  ...roomEndpoints,
  ...messageEndpoints,
  ...fileEndpoints,
  ...readingEndpoints,
  ...callEndpoints,
  ...absentEndpoints,
};

/** Name of a route in the table. */
export type EndpointName = keyof typeof endpoints;

/** The header by which a client names a message of its own, as an alternative to `client_id` in the body. */
export const IDEMPOTENCY_HEADER = "idempotency-key";
