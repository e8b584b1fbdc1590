import { describe, expect, test } from "vitest";
import { createApi } from "./api.js";

/** A `fetch` that notes its request and answers what the test says. */
function answering(answer: () => Response | Promise<Response>) {
  const seen: { url: string; init: RequestInit }[] = [];
  const fetch = async (url: string | URL | Request, init: RequestInit = {}) => {
    seen.push({ url: String(url), init });
    return await answer();
  };
  const api = createApi({
    url: "https://chat.test/",
    fetch: fetch as typeof globalThis.fetch,
    token: () => "t",
  });
  return { api, seen };
}

describe("createApi", () => {
  test("fills the path, the query, the body and the session", async () => {
    const { api, seen } = answering(() => Response.json({}));
    await api.call("addReaction", {
      params: { room_id: "dm:a:b", message_id: "m 1", emoji: "👍" },
      body: { user_id: "a" },
      headers: { "idempotency-key": "k" },
    });
    await api.call("listRooms", { query: { limit: 5, category: undefined } });
    expect(seen[0]).toMatchObject({
      url: "https://chat.test/rooms/dm%3Aa%3Ab/messages/m%201/reactions/%F0%9F%91%8D",
      init: { method: "PUT", credentials: "include", body: '{"user_id":"a"}' },
    });
    expect(seen[0]?.init.headers).toMatchObject({ authorization: "Bearer t", "idempotency-key": "k" });
    expect(seen[1]?.url).toBe("https://chat.test/rooms?limit=5");
    expect(seen[1]?.init.headers).not.toHaveProperty("content-type");
  });

  test("throws the catalogue's error, with the server's words and its wait", async () => {
    const { api } = answering(() =>
      Response.json(
        { detail: "Slow down", code: "rate_limited" },
        { status: 429, headers: { "retry-after": "3" } },
      ),
    );
    await expect(api.call("health")).rejects.toMatchObject({
      name: "ParlorError",
      code: "rate_limited",
      message: "Slow down",
      retryAfter: 3_000,
    });
  });

  test.each([
    [404, "not_found"],
    [401, "session_required"],
    [500, "internal"],
    [502, "unavailable"],
    [503, "unavailable"],
  ])("understands a %i that names no code", async (status, code) => {
    const { api } = answering(() => new Response("<html>", { status }));
    await expect(api.call("health")).rejects.toMatchObject({ code });
  });

  test("a network that fails can be tried again; an abort is the caller's own", async () => {
    const { api } = answering(() => Promise.reject(new TypeError("fetch failed")));
    await expect(api.call("health")).rejects.toMatchObject({ code: "unavailable" });
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    await expect(api.call("health", { signal: controller.signal })).rejects.toThrow(TypeError);
  });

  test("reads a page with its cursor; an unknown room is empty; a hidden cursor is an error", async () => {
    const headers = { "x-next-after": "7", "x-epoch": "e" };
    const page = await answering(() => Response.json([], { headers })).api.fetchMessages("lobby", {
      limit: 5,
    });
    expect(page).toEqual({ messages: [], nextAfter: 7, epoch: "e" });
    const empty = await answering(() => Response.json([])).api.fetchMessages("nowhere");
    expect(empty).toEqual({ messages: [], nextAfter: 0, epoch: null });
    await expect(answering(() => Response.json([{}])).api.fetchMessages("lobby")).rejects.toThrow(/cursor/);
  });

  test("uploads the sizes as a form", async () => {
    const { api, seen } = answering(() => Response.json({ success: true }));
    await api.uploadAvatar("u1", { small: new Blob(["x"], { type: "image/jpeg" }) });
    const body = seen[0]?.init.body;
    expect(body).toBeInstanceOf(FormData);
    expect(body instanceof FormData && [...body.keys()]).toEqual(["small"]);
    expect(seen[0]?.init.headers).toMatchObject({ "x-user-id": "u1" });
  });
});
