import type { User } from "@parlor/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { KEYS } from "../../lib/storage.js";

const ERIN = { id: "erin", username: "erin", display_name: "Erin", account: true } as User;

beforeEach(() => {
  const kept = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
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

test("[UX26] a session that ended elsewhere is said, with who it was", async () => {
  const { enter, getSession, lose } = await import("./session-store.js");
  enter(ERIN);
  lose("session_ended");
  expect(getSession()).toEqual({ status: "lost", me: ERIN, reason: "expired" });
});
