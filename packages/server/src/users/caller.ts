import { ParlorError } from "@parlor/protocol";
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

/** The users whose session the caller presents. */
export function presentedIds(caller: Caller): string[] {
  return [...new Set([...(caller.bearer ? [caller.bearer.userId] : []), ...(caller.device?.userIds ?? [])])];
}

/** One for all who bring none. */
const NO_DEVICES: readonly string[] = [];

/** The devices that the caller brings, whoever's. */
export function devicesOf(caller: Caller): readonly string[] {
  const ids = [caller.bearer?.deviceId, caller.device?.id].filter((id) => id !== undefined);
  return ids.length > 0 ? [...new Set(ids)] : NO_DEVICES;
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

/** The users that a request acts for: the one it names, else those whose session it presents. */
export async function actorsOf(
  access: Access,
  caller: Caller,
  userId: string | null | undefined,
): Promise<ReadonlySet<string>> {
  if (userId) {
    const user = await access.authorize(caller, userId);
    if (!user) throw new ParlorError("user_not_found");
    return new Set([user.id]);
  }
  const ids = new Set(presentedIds(caller));
  if (ids.size === 0) throw new ParlorError("session_required", "Say who acts: sign in, or give user_id.");
  return ids;
}

/** The one user who acts. */
export async function actorOf(
  access: Access,
  caller: Caller,
  userId: string | null | undefined,
): Promise<string> {
  const actors = await actorsOf(access, caller, userId);
  const [only] = actors;
  if (actors.size === 1 && only !== undefined) return only;
  const account = accountOf(caller);
  if (account !== null) return account;
  throw new ParlorError("invalid_request", "user_id: say which of your users acts");
}

/**
 * The one user that a request acts for: the one it names, when the caller may act for it; else the one whose session
 * it presents, of several the account.
 */
export async function requireActor(
  access: Access,
  caller: Caller,
  userId: string | null | undefined,
): Promise<UserRow> {
  const only = caller.device?.userIds.size === 1 ? [...caller.device.userIds][0] : undefined;
  const id = userId ?? accountOf(caller) ?? only;
  if (id === undefined) {
    const many = (caller.device?.userIds.size ?? 0) > 1;
    if (many) throw new ParlorError("invalid_request", "user_id: say which of your users acts");
    throw new ParlorError("session_required", "Say who acts: sign in, or give user_id.");
  }
  const user = await access.authorize(caller, id);
  if (!user) throw new ParlorError("user_not_found");
  return user;
}

/** A user of whom a session is presented: what concerns one person alone needs it, also of a guest who is open otherwise. */
export async function requireSelf(access: Access, caller: Caller, userId: string): Promise<UserRow> {
  const user = await access.authorize(caller, userId);
  if (!user) throw new ParlorError("user_not_found");
  if (!hasPresented(caller, userId)) throw new ParlorError("not_your_identity");
  return user;
}
