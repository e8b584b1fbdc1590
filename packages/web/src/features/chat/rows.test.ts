import type { Message } from "@parlor/protocol";
import { describe, expect, it } from "vitest";
import { rowsOf } from "./rows.js";

function message(seq: number, user: string, minutes: number): Message {
  const timestamp = new Date(2026, 4, 5, 12, minutes).toISOString();
  return {
    type: "message",
    id: `m${seq}`,
    room_id: "r",
    user_id: user,
    username: user,
    content: `text ${seq}`,
    timestamp,
    avatar: null,
    avatar_url: null,
    seq,
    updated_seq: seq,
    profile_rev: 1,
    reactions: [],
    edited_at: null,
    deleted_at: null,
  };
}

const base = { pending: [], userId: "me", complete: false, lineAfter: null };

/** The lines below the introduction of a room that is loaded from its beginning. */
const lines = (input: Partial<Parameters<typeof rowsOf>[0]>) =>
  rowsOf({ ...base, messages: [], ...input, complete: true }).slice(1);

describe("rows of a timeline", () => {
  it("[UX6] holds the first loaded line back until it is known what stands above it", () => {
    const messages = [message(1, "a", 0), message(2, "a", 1), message(3, "b", 2)];
    const heads = rowsOf({ ...base, messages }).map((row) => row.kind === "message" && [row.head, row.day]);
    expect(heads).toEqual([
      [false, false],
      [true, false],
    ]);
  });

  it("[UX8] draws no line of new messages while the last read one is not loaded", () => {
    const messages = [message(5, "a", 0), message(6, "a", 1), message(7, "b", 2)];
    const fresh = (lineAfter: number) =>
      rowsOf({ ...base, messages, lineAfter }).some((row) => row.kind === "message" && row.fresh);
    expect([fresh(2), fresh(5)]).toEqual([false, true]);
  });

  it("groups lines of one author that are close in time", () => {
    const messages = [message(1, "a", 0), message(2, "a", 1), message(3, "b", 2), message(4, "b", 9)];
    const heads = lines({ messages }).map((row) => row.kind === "message" && row.head);
    expect(heads).toEqual([true, false, true, true]);
  });

  it("says a day once", () => {
    const messages = [message(1, "a", 0), message(2, "a", 1), message(3, "a", 24 * 60)];
    const days = lines({ messages }).map((row) => row.kind === "message" && row.day);
    expect(days).toEqual([true, false, true]);
  });

  it("puts the line above the first unread message of others only", () => {
    const messages = [message(1, "a", 0), message(2, "me", 1), message(3, "a", 2), message(4, "a", 3)];
    const fresh = lines({ messages, lineAfter: 1 }).map((row) => row.kind === "message" && row.fresh);
    expect(fresh).toEqual([false, false, true, false]);
  });

  it("keeps the key of an own line when it is stored", () => {
    const pending = [{ client_id: "c1", content: "hi", created_at: Date.now(), status: "pending" as const }];
    const [waiting] = rowsOf({ ...base, messages: [], pending });
    const [stored] = rowsOf({ ...base, messages: [{ ...message(1, "me", 0), client_id: "c1" }] });
    expect(stored?.key).toBe(waiting?.key);
  });

  it("begins with the room's introduction when its beginning is loaded", () => {
    expect(rowsOf({ ...base, messages: [], complete: true }).map((row) => row.kind)).toEqual(["intro"]);
  });
});
