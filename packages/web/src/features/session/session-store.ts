import type { ErrorCode, User } from "@parlor/protocol";
import { api } from "../../lib/api.js";
import { keepEarlyFor } from "../../lib/early.js";
import { codeOf } from "../../lib/explain.js";
import { claimHistory, clearHistory } from "../../lib/history.js";
import { forgetFaces } from "../../lib/shell.js";
import { forgetPerson, forgetRooms, KEYS, loadJson, save } from "../../lib/storage.js";
import { dropUnsent } from "../../lib/unsent.js";

/** Who this browser is. */
export type Session =
  | { readonly status: "loading" }
  /** Nobody yet: choose a name or sign in. */
  | { readonly status: "none" }
  /** `proven` is false while the server cannot be asked: this is who it was. */
  | { readonly status: "in"; readonly me: User; readonly proven: boolean }
  /** Somebody whom this browser may not speak for any more. */
  | { readonly status: "lost"; readonly me: User; readonly reason: "expired" | "foreign" }
  | { readonly status: "unreachable" };

/** A server that has not said by then who this is counts as out of reach. */
const ANSWER_WITHIN = 10_000;

const listeners = new Set<() => void>();
const personListeners = new Set<() => void>();
/** Whose this page is. */
let person: string | null = null;
let session: Session = { status: "loading" };
/** Counts restores, so that a slow one does not overwrite what came after it. */
let turn = 0;

/** The session now. */
export function getSession(): Session {
  return session;
}

/** Calls back after every change. */
export function subscribeSession(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Calls back when this page becomes somebody's, another one's or nobody's, before anything is drawn of it. */
export function onNewPerson(listener: () => void): void {
  personListeners.add(listener);
}

function set(next: Session): void {
  turn++;
  session = next;
  const id = next.status === "in" ? next.me.id : null;
  keepEarlyFor(id);
  if (id !== person) {
    person = id;
    for (const listener of personListeners) listener();
  }
  for (const listener of listeners) listener();
}

function storedId(): string | null {
  return loadJson(KEYS.me, (value) => {
    const id = (value as { user_id?: unknown } | null)?.user_id;
    return typeof id === "string" ? id : null;
  });
}

/** Who this browser is, as the server last showed it. */
function storedUser(): User | null {
  const id = storedId();
  return loadJson(KEYS.profile, (value) => {
    const user = value as User | null;
    return user !== null && user.id === id ? user : null;
  });
}

/** Remembers who this browser is, for visits without a network too; the address of their mail is not needed for that. */
function keep(me: User): void {
  save(KEYS.me, JSON.stringify({ user_id: me.id }));
  save(KEYS.profile, JSON.stringify({ ...me, email: null }));
}

async function unless<T>(codes: readonly ErrorCode[], work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    const code = codeOf(error);
    if (code && codes.includes(code)) return null;
    throw error;
  }
}

/** The account that the cookie is signed in to, if it is. */
function account(): Promise<User | null> {
  return unless(
    ["session_required", "session_ended"],
    api.call("me", { signal: AbortSignal.timeout(ANSWER_WITHIN) }),
  );
}

async function find(): Promise<Session> {
  const id = storedId();
  const known = id
    ? await unless(
        ["user_not_found", "not_found", "invalid_request"],
        api.call("getUser", { params: { user_id: id }, signal: AbortSignal.timeout(ANSWER_WITHIN) }),
      )
    : null;
  if (known && !known.account) return { status: "in", me: known, proven: true };
  const signedIn = await account();
  if (signedIn) return { status: "in", me: signedIn, proven: true };
  return known ? { status: "lost", me: known, reason: "expired" } : { status: "none" };
}

/** Finds out who this browser is: the remembered user, or the account of its cookie. */
export async function restoreSession(): Promise<void> {
  const mine = ++turn;
  let found: Session;
  try {
    found = await find();
  } catch {
    // Who was here last has what this browser kept of their rooms; what they do waits for the server's word on them.
    const last = storedUser();
    found = last ? { status: "in", me: last, proven: false } : { status: "unreachable" };
  }
  if (mine !== turn) return;
  // Another tab logged out. What this one noted before it heard of that came after all was forgotten.
  if (found.status === "none") forgetRooms();
  if (found.status !== "in") return set(found);
  if (!found.proven && session.status === "in" && session.me.id === found.me.id) return;
  if (found.proven) keep(found.me);
  void claimHistory(found.me.id);
  set(found);
}

let begun: Promise<void> | null = null;

/** Finds it out for the first time, once, however often it is asked. */
export function beginSession(): Promise<void> {
  begun ??= restoreSession();
  return begun;
}

/** Makes this browser a user. */
export function enter(me: User): void {
  keep(me);
  void claimHistory(me.id);
  set({ status: "in", me, proven: true });
}

/** Takes a newer state of the own profile. */
export function updateMe(me: User): void {
  if (session.status !== "in" || session.me.id !== me.id) return;
  keep(me);
  set({ ...session, me });
}

/** Reads the own profile anew: another device changed it. */
export async function refreshMe(): Promise<void> {
  if (session.status !== "in") return;
  const { me } = session;
  const fresh = await unless(
    ["session_required", "session_ended", "unavailable", "rate_limited"],
    me.account ? api.call("me") : api.call("getUser", { params: { user_id: me.id } }),
  );
  if (fresh) updateMe(fresh);
}

/** Another browser holds this user now, or the session ended. Drafts stay. */
export function lose(code: ErrorCode): void {
  if (session.status !== "in") return;
  // Another tab logged out or became somebody else: that is no loss, and this tab follows.
  if (storedId() !== session.me.id) return void restoreSession();
  const foreign = code === "not_your_identity" && !session.me.account;
  set({ status: "lost", me: session.me, reason: foreign ? "foreign" : "expired" });
}

/** Forgets the user with what it has not sent, to start anew. Drafts stay. */
export function startAnew(): void {
  // Nobody else may ever send it, and the person has seen it. A storage that fails now keeps it, for nobody.
  if (session.status === "in" || session.status === "lost") dropUnsent(session.me.id).catch(() => {});
  void clearHistory();
  save(KEYS.me, null);
  save(KEYS.profile, null);
  set({ status: "none" });
}

/** Logs out: the account's session ends, and nothing of it stays in this browser. */
export async function leave(): Promise<void> {
  if (session.status === "in" && session.me.account) await api.call("logout");
  void forgetFaces();
  forgetPerson();
  startAnew();
}
