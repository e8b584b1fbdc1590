import type { Health } from "@parlor/protocol";
import type { FastifyInstance } from "fastify";
import { route } from "./route.js";

/** The version that the seeds' clients compare literally. */
export const API_VERSION = "2.0.0";

/** Figures that take longer are those of the last time. */
const COUNT_WITHIN = 1_000;

interface Counts {
  readonly rooms: number;
  readonly messages: number;
  readonly users: number;
}

/** Live figures of the server. */
export interface Vitals {
  connections(): number;
  /** What the database suffers from; answers within two seconds, `null` when all is well. */
  trouble(): Promise<{ kind: string; reason: string } | null>;
  /** Counts at the database. */
  counts(): Promise<Counts>;
}

/** `/health`, `/` for JSON clients, `/_debug`: none asks who calls, and all answer while the database is away. */
export function registerHealthRoutes(
  app: FastifyInstance,
  parts: { vitals: Vitals; environment: string },
): void {
  const { vitals, environment } = parts;
  let last: Counts = { rooms: 0, messages: 0, users: 0 };
  let counting: Promise<void> | undefined;

  /** Counts once for all who ask meanwhile, and lets nobody wait for long. */
  async function count(): Promise<Counts> {
    counting ??= vitals
      .counts()
      .then((counts) => {
        last = counts;
      })
      .catch(() => undefined)
      .finally(() => {
        counting = undefined;
      });
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, COUNT_WITHIN);
    });
    await Promise.race([counting, late]).finally(() => clearTimeout(timer));
    return last;
  }

  route(
    app,
    "health",
    async ({ reply }) => {
      const connections = vitals.connections();
      const trouble = await vitals.trouble();
      if (trouble) reply.code(503);
      const { rooms, messages, users } = trouble ? { rooms: 0, messages: 0, users: 0 } : await count();
      return {
        status: trouble ? "unhealthy" : "healthy",
        ...(trouble && { reason: trouble.reason }),
        timestamp: new Date().toISOString(),
        environment,
        active_rooms: rooms,
        active_connections: connections,
        version: API_VERSION,
        services: {
          api: "running",
          websocket: "running",
          bunny_stream: "disabled",
          database: trouble ? trouble.kind : "running",
        },
        stats: { active_rooms: rooms, active_users: users, total_messages: messages },
      } satisfies Health;
    },
    { anonymous: true },
  );

  route(app, "debug", async () => ({ bunny_enabled: false, environment }), { anonymous: true });
}
