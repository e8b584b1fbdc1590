import { ClientFrame, DirectClientFrame, LIMITS, ParlorError } from "@parlor/protocol";
import type * as z from "zod/mini";

/** Levels of nesting in a frame; what the seeds send has four. Deeper ones could exhaust the stack when written again. */
const DEPTH = 32;

/** The frame of a text, checked; throws `invalid_frame`. A frame without `type` is a message. */
export function parseClientFrame(text: string): ClientFrame {
  return parseWith(ClientFrame, text);
}

/** The same for `/ws/dm`. */
export function parseDirectFrame(text: string): DirectClientFrame {
  return parseWith(DirectClientFrame, text);
}

function parseWith<S extends z.ZodMiniType>(schema: S, text: string): z.output<S> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ParlorError("invalid_frame");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value) || isDeeperThan(value, DEPTH)) {
    throw new ParlorError("invalid_frame");
  }
  const result = schema.safeParse("type" in value ? value : { ...value, type: "message" });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const words = issue ? ` (${[...issue.path, issue.message].join(": ")})` : "";
  throw new ParlorError("invalid_frame", `Invalid message format${words}`);
}

/** UTF-16 units of the longest `client_id`, one of characters beyond the first plane. */
const CLIENT_ID_UNITS = LIMITS.clientIdLength * 2;

/** The `client_id` of a frame that was refused, so that its sender knows which one. */
export function clientIdOf(text: string): string | null {
  try {
    const value: unknown = JSON.parse(text);
    const id = typeof value === "object" && value !== null && "client_id" in value ? value.client_id : null;
    return typeof id === "string" && id.length <= CLIENT_ID_UNITS ? id : null;
  } catch {
    return null;
  }
}

function isDeeperThan(value: unknown, depth: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (depth === 0) return true;
  return Object.values(value).some((inner) => isDeeperThan(inner, depth - 1));
}
