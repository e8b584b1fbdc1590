import type { User } from "@parlor/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KEYS } from "../../lib/storage.js";

const ERIN = { id: "erin", username: "erin", display_name: "Erin", account: true } as User;

/** A storage whose keys are its own properties, as a browser's are. */
class MemoryStorage {
  [key: string]: unknown;
  getItem(key: string): string | null {
    return Object.hasOwn(this, key) ? String(this[key]) : null;
  }
  setItem(key: string, value: string): void {
    this[key] = value;
  }
  removeItem(key: string): void {
    delete this[key];
  }
}

beforeEach(() => {
  vi.stubGlobal("localStorage", new MemoryStorage());
  vi.stubGlobal("fetch", async () =>
    Response.json({ detail: "", code: "session_required" }, { status: 401 }),
  );
  vi.resetModules();
});
afterEach(() => vi.unstubAllGlobals());

test("[PWA4] a tab that hears of a logout by its own requests, too, is nobody's afterwards", async () => {
  const { enter, getSession, lose, restoreSession } = await import("./session-store.js");
  enter(ERIN);
  // The other tab has forgotten the person; this one is told by the storage and by its requests at one time.
  localStorage.removeItem(KEYS.me);
  const told = restoreSession();
  lose("session_ended");
  await told;
  await vi.waitFor(() => expect(getSession().status).toBe("none"));
});

test("[PWA4] what a tab noted of a room before it heard of the logout goes with the rest; what was being written stays", async () => {
  const { enter, getSession, restoreSession } = await import("./session-store.js");
  enter(ERIN);
  for (const key of [KEYS.kept("cellar"), KEYS.place("cellar"), KEYS.read("cellar"), KEYS.rooms])
    localStorage.setItem(key, "1");
  localStorage.setItem(KEYS.draft("cellar"), "half a thought");
  localStorage.removeItem(KEYS.me);
  localStorage.removeItem(KEYS.profile);
  await restoreSession();
  expect(getSession().status).toBe("none");
  expect(Object.keys(localStorage)).toEqual([KEYS.draft("cellar")]);
});

test("[UX40] what was refused before the program was there is not kept for after the login", async () => {
  const { getSession, restoreSession } = await import("./session-store.js");
  localStorage.setItem(KEYS.me, JSON.stringify({ user_id: "erin" }));
  globalThis.parlorEarly = {
    "/rooms/cellar/messages?limit=50": Promise.resolve(new Response("", { status: 403 })),
  };
  globalThis.parlorEarlyFor = "erin";
  vi.stubGlobal("location", { origin: "http://parlor.test" });
  const refused = fetch;
  vi.stubGlobal("fetch", async (input: string) =>
    String(input).endsWith("/users/erin") ? Response.json(ERIN) : await refused(input),
  );
  await restoreSession();
  expect(getSession().status).toBe("lost");
  expect(globalThis.parlorEarly).toBeUndefined();
});

test("[UX26] a session that ended elsewhere is said, with who it was", async () => {
  const { enter, getSession, lose } = await import("./session-store.js");
  enter(ERIN);
  lose("session_ended");
  expect(getSession()).toEqual({ status: "lost", me: ERIN, reason: "expired" });
});
