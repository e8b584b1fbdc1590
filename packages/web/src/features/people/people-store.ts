import type { User } from "@parlor/protocol";
import { useEffect, useSyncExternalStore } from "react";
import { api } from "../../lib/api.js";

/** People who are kept at most; beyond them the one read longest ago is forgotten. */
const KEPT = 500;
/** What is younger is not asked again. */
const FRESH = 25_000;
const REFRESH = 30_000;
/** The server tells the minute of the last connection; whoever is connected has the present one. */
const HERE_WITHIN = 90_000;

interface Known {
  readonly user: User | null;
  readonly at: number;
}

const listeners = new Set<() => void>();
const people = new Map<string, Known>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Reads somebody's profile anew; answers whether it could be read. */
export async function readPerson(userId: string): Promise<boolean> {
  const before = people.get(userId);
  if (before && Date.now() - before.at < FRESH) return before.user !== null;
  people.set(userId, { user: before?.user ?? null, at: Date.now() });
  try {
    const user = await api.call("getUser", { params: { user_id: userId } });
    people.delete(userId);
    people.set(userId, { user, at: Date.now() });
  } catch {
    // What was known before stays; the next look asks again.
    if (before) people.set(userId, before);
    else people.delete(userId);
    return before !== undefined;
  }
  const oldest = people.keys().next();
  if (people.size > KEPT && !oldest.done) people.delete(oldest.value);
  for (const listener of listeners) listener();
  return true;
}

/** Somebody's profile with presence, kept fresh while it is shown; `null` before it is known. */
export function usePerson(userId: string): User | null {
  useEffect(() => {
    const read = () => {
      if (document.visibilityState === "visible") void readPerson(userId);
    };
    read();
    const timer = setInterval(read, REFRESH);
    document.addEventListener("visibilitychange", read);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", read);
    };
  }, [userId]);
  return useSyncExternalStore(subscribe, () => people.get(userId)?.user ?? null);
}

/** Whether somebody is connected now, as far as they tell. */
export function isHere(user: User | null): boolean {
  const seen = user?.last_seen_at;
  return seen ? Date.now() - Date.parse(seen) < HERE_WITHIN : false;
}
