import { type Api, createApi, ParlorError } from "@parlor/client";
import type { ErrorCode } from "@parlor/protocol";
import { fetchEarly } from "./early.js";

/** The server's REST routes, for the room clients to share. */
export const api = createApi({ url: "", fetch: fetchEarly });

const IDENTITY_CODES: ReadonlySet<ErrorCode> = new Set([
  "session_required",
  "session_ended",
  "not_your_identity",
]);

/** Whether an error says that this browser may not act for its user any more. */
export function isIdentityError(code: ErrorCode): boolean {
  return IDENTITY_CODES.has(code);
}

const listeners = new Set<(code: ErrorCode) => void>();

/** Calls back when an answer says that this browser may not act for its user any more. */
export function onIdentityError(listener: (code: ErrorCode) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells the session of an identity error; any other error is left alone. */
export function reportIdentityError(error: unknown): void {
  if (!(error instanceof ParlorError) || !isIdentityError(error.code)) return;
  for (const listener of listeners) listener(error.code);
}

/** Calls a route for the user of this browser. */
export const call: Api["call"] = async (name, ...input) => {
  try {
    return await api.call(name, ...input);
  } catch (error) {
    reportIdentityError(error);
    throw error;
  }
};
