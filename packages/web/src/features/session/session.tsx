import type { User } from "@parlor/protocol";
import { createContext, type ReactNode, useContext, useEffect, useSyncExternalStore } from "react";
import { onIdentityError } from "../../lib/api.js";
import { KEYS } from "../../lib/storage.js";
import {
  beginSession,
  getSession,
  lose,
  restoreSession,
  type Session,
  subscribeSession,
} from "./session-store.js";

const Me = createContext<User | null>(null);

/** Restores the session and keeps it true: other tabs, and answers that say it is over. */
export function useSession(): Session {
  const session = useSyncExternalStore(subscribeSession, getSession);
  useEffect(() => {
    void beginSession();
    const stop = onIdentityError(lose);
    const onStorage = (event: StorageEvent) => {
      if (event.key === KEYS.me) void restoreSession();
    };
    window.addEventListener("storage", onStorage);
    return () => {
      stop();
      window.removeEventListener("storage", onStorage);
    };
  }, []);
  const lost = session.status === "unreachable" || (session.status === "in" && !session.proven);
  useEffect(() => {
    if (!lost) return;
    const timer = setInterval(() => void restoreSession(), 5_000);
    const now = () => void restoreSession();
    window.addEventListener("online", now);
    return () => {
      clearInterval(timer);
      window.removeEventListener("online", now);
    };
  }, [lost]);
  return session;
}

/** Gives everything below it the user of this browser. */
export function MeProvider({ me, children }: { me: User; children: ReactNode }) {
  return <Me value={me}>{children}</Me>;
}

/** The user of this browser. */
export function useMe(): User {
  const me = useContext(Me);
  if (!me) throw new Error("useMe needs a MeProvider above it");
  return me;
}

/** The name that others see. */
export function shownName(user: User): string {
  return user.display_name || user.username;
}
