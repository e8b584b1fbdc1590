import * as z from "zod/mini";
import type { ErrorCode } from "./errors.js";
import { Id, RoomId } from "./ids.js";
import { LIMITS } from "./limits.js";

/** HTTP methods that Parlor's routes use. */
export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** One route of the contract: what it takes, what it answers, which errors it has beside the general ones. */
export interface Endpoint<
  P extends z.ZodMiniType = z.ZodMiniType,
  Q extends z.ZodMiniType = z.ZodMiniType,
  B extends z.ZodMiniType = z.ZodMiniType,
  R extends z.ZodMiniType = z.ZodMiniType,
> {
  readonly method: Method;
  /** Path with `{name}` for parameters. */
  readonly path: string;
  /** Older paths of the same route. */
  readonly aliases: readonly { readonly method: Method; readonly path: string }[];
  readonly tag: string;
  readonly summary: string;
  readonly params: P;
  readonly query: Q;
  /** `null`: no body. `multipart`: described in {@link multipart}, read by the route itself. */
  readonly body: B | null;
  readonly multipart: readonly string[] | null;
  /** Whether the request or the answer is bytes instead of JSON; the route itself reads or writes them. */
  readonly bytes: "request" | "reply" | null;
  /** Headers that the route reads, beside those of every route. */
  readonly headers: readonly { readonly name: string; readonly required: boolean; readonly says: string }[];
  readonly reply: R;
  readonly errors: readonly ErrorCode[];
}

const none = z.object({});
type None = typeof none;

/** Makes a route of the table; what it does not say is empty. */
export function endpoint<
  P extends z.ZodMiniType = None,
  Q extends z.ZodMiniType = None,
  B extends z.ZodMiniType = None,
  R extends z.ZodMiniType = z.ZodMiniType,
>(
  spec: { method: Method; path: string; tag: string; summary: string; reply: R } & Partial<
    Endpoint<P, Q, B, R>
  >,
): Endpoint<P, Q, B, R> {
  return {
    aliases: [],
    // The defaults stand in for type parameters that the caller left out, which TypeScript cannot see here.
    params: none as unknown as P,
    query: none as unknown as Q,
    body: null,
    multipart: null,
    bytes: null,
    headers: [],
    errors: [],
    ...spec,
  };
}

/** `{user_id}` of a path. */
export const userId = z.object({ user_id: Id });
/** `{room_id}` of a path. */
export const roomId = z.object({ room_id: RoomId });

/** `limit` of a list: clamped to 1..1000; not a number is 422. */
export const limit = z.optional(
  z.pipe(
    z.string().check(z.regex(/^-?\d{1,16}$/, "must be a whole number")),
    z.transform((value: string) => Math.min(LIMITS.historyMax, Math.max(1, Number(value)))),
  ),
);

/** Errors of whoever acts for a user. */
export const actErrors: ErrorCode[] = ["session_required", "not_your_identity"];
/** Errors of whoever enters a room. */
export const roomErrors: ErrorCode[] = ["room_not_found", "password_required", "banned", ...actErrors];
