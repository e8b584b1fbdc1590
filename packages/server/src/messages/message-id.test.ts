import { describe, expect, it } from "vitest";
import { newMessageId } from "./message-id.js";

describe("ids of messages", () => {
  it("are UUIDs of version 7 that tell their time, and never the same twice", () => {
    const now = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
    const ids = Array.from({ length: 2_000 }, () => newMessageId(now));
    expect(new Set(ids).size).toBe(ids.length);
    for (const id of ids) {
      expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
      expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(now);
    }
  });
});
