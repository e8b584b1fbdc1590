import * as z from "zod/mini";

/** Answer to `GET /health`. */
export const Health = z.object({
  status: z.enum(["healthy", "unhealthy"]),
  /** While it is unhealthy: what is wrong and what to do, for a person. */
  reason: z.optional(z.string()),
  timestamp: z.string(),
  environment: z.string(),
  active_rooms: z.int(),
  active_connections: z.int(),
  version: z.string(),
  services: z.object({
    api: z.string(),
    websocket: z.string(),
    bunny_stream: z.string(),
    database: z.string(),
  }),
  stats: z.object({ active_rooms: z.int(), active_users: z.int(), total_messages: z.int() }),
});
export type Health = z.infer<typeof Health>;

/** Answer to `GET /` for a JSON client. */
export const Root = z.object({
  status: z.literal("ok"),
  message: z.string(),
  version: z.string(),
  docs: z.string(),
  health: z.string(),
  time: z.string(),
});

/** Answer to `GET /_debug`. */
export const Debug = z.object({ bunny_enabled: z.boolean(), environment: z.string() });

/** Answer to the health routes of the assistant. */
export const AssistantHealth = z.object({
  status: z.string(),
  claude_enabled: z.boolean(),
  services: z.record(z.string(), z.string()),
});
