import type { Health } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import type { Logger } from "../log.js";
import { route } from "./route.js";

/** The version that the seeds' clients compare literally. */
export const API_VERSION = "2.0.0";

/** Live figures of the server. */
export interface Vitals {
  connections(): number;
  /** Counts at the database; fails when it is away. */
  counts(): Promise<{ rooms: number; messages: number; users: number }>;
}

/** `/health`, `/` for JSON clients, `/_debug`: none asks who calls, and all answer while the database is away. */
export function registerHealthRoutes(
  app: FastifyInstance,
  parts: { vitals: Vitals; environment: string; log: Logger },
): void {
  const { vitals, environment, log } = parts;

  route(
    app,
    "health",
    async ({ reply }) => {
      const connections = vitals.connections();
      const counts = await vitals.counts().catch((err: unknown) => {
        log.warn({ err }, "the database does not answer");
        return null;
      });
      if (!counts) reply.code(503);
      const { rooms, messages, users } = counts ?? { rooms: 0, messages: 0, users: 0 };
      return {
        status: counts ? "healthy" : "unhealthy",
        timestamp: new Date().toISOString(),
        environment,
        active_rooms: rooms,
        active_connections: connections,
        version: API_VERSION,
        services: {
          api: "running",
          websocket: "running",
          bunny_stream: "disabled",
          database: counts ? "running" : "unreachable",
        },
        stats: { active_rooms: rooms, active_users: users, total_messages: messages },
      } satisfies Health;
    },
    { anonymous: true },
  );

  route(app, "debug", async () => ({ bunny_enabled: false, environment }), { anonymous: true });
}
