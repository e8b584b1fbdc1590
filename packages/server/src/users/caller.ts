import type { UserRow } from "./user.js";

/** Who sends a request or opens a socket, as far as its credentials prove. */
export interface Caller {
  /** A valid Bearer token: one user. */
  bearer: { readonly userId: string; readonly deviceId: string; readonly tokenHash: string } | null;
  /** A valid device cookie: many guests, at most one account. */
  device: {
    readonly id: string;
    readonly userIds: ReadonlySet<string>;
    readonly accountId: string | null;
  } | null;
  /** The reader's address, for absolute URLs. */
  readonly base: string;
  readonly ip: string;
  /** The cookie value that the answer sets, when a session began or moved on. */
  newCookie: string | null;
}

/** Whether the caller has a session of this user. */
export function hasPresented(caller: Caller, userId: string): boolean {
  return caller.bearer?.userId === userId || (caller.device?.userIds.has(userId) ?? false);
}

/** The account that the caller is signed in as. */
export function accountOf(caller: Caller): string | null {
  return caller.bearer?.userId ?? caller.device?.accountId ?? null;
}

/** Decides who acts for a user. Implemented by `sessions`; here, so that `users` need not know it. */
export interface Access {
  /** The user, when the caller may act for it; `null` when there is no such user. Throws the catalogue's 401 or 403. */
  authorize(caller: Caller, userId: string): Promise<UserRow | null>;
}
