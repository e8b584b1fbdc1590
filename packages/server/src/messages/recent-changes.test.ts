import { describe, expect, test } from "vitest";
import { createRecentChanges } from "./recent-changes.js";
import type { MessageRow } from "./store.js";

/** A change of the message that has the number `of`; without it of a new one. */
function change(
  number: number,
  { room = "lobby", of = number, content = `v${number}`, reactions = null as MessageRow["reactions"] } = {},
): MessageRow {
  return {
    id: `m${of}`,
    room_id: room,
    seq: of,
    updated_seq: number,
    client_id: null,
    user_id: "bob",
    username: "bob",
    avatar_url: null,
    content,
    kind: null,
    reactions,
    edited_at: null,
    deleted_at: null,
    created_at: new Date(0),
    extra: null,
  };
}

const textsOf = (rows: readonly MessageRow[] | null) => rows?.map(({ content }) => content) ?? null;

describe("[WS3] what a short absence missed is answered from memory, or not at all", () => {
  test("each message once, in its newest state, by the number of its change", () => {
    const recent = createRecentChanges();
    for (const row of [change(5), change(6), change(7, { of: 5 }), change(8)]) recent.add(row);
    expect(textsOf(recent.after("lobby", 5, 8))).toEqual(["v6", "v7", "v8"]);
    expect(textsOf(recent.after("lobby", 4, 8))).toEqual(["v6", "v7", "v8"]);
    expect(textsOf(recent.after("lobby", 7, 7))).toEqual(["v8"]);
    expect(textsOf(recent.after("lobby", 8, 8))).toEqual([]);
  });

  test("nothing where a change before or after is not there", () => {
    const recent = createRecentChanges();
    expect(recent.after("lobby", 0, 0)).toBeNull();
    for (const row of [change(5), change(6)]) recent.add(row);
    expect(recent.after("lobby", 3, 6)).toBeNull();
    expect(recent.after("lobby", 5, 7)).toBeNull();
    expect(recent.after("hall", 5, 6)).toBeNull();
    // 7 was told by nobody here.
    recent.add(change(8));
    expect(recent.after("lobby", 5, 8)).toBeNull();
    expect(textsOf(recent.after("lobby", 7, 8))).toEqual(["v8"]);
  });

  test("of a room the last 32 are kept, and no more than 16 Ki of text, with all that a message has", () => {
    const recent = createRecentChanges();
    for (let number = 1; number <= 40; number += 1) recent.add(change(number));
    expect(recent.after("lobby", 7, 40)).toBeNull();
    expect(recent.after("lobby", 8, 40)).toHaveLength(32);
    for (let number = 1; number <= 5; number += 1)
      recent.add(change(number, { room: "hall", content: "x".repeat(6_000) }));
    expect(recent.after("hall", 2, 5)).toBeNull();
    expect(recent.after("hall", 3, 5)).toHaveLength(2);
    recent.add(change(6, { room: "hall", content: "x".repeat(20_000) }));
    expect(recent.after("hall", 5, 6)).toBeNull();
    const user_ids = Array.from({ length: 200 }, (_, index) => `somebody with a long id ${index}`);
    for (let number = 1; number <= 4; number += 1)
      recent.add(change(number, { room: "yard", of: 1, reactions: [{ emoji: "+", count: 200, user_ids }] }));
    expect(recent.after("yard", 1, 4)).toBeNull();
    expect(recent.after("yard", 2, 4)).toHaveLength(1);
  });

  test("of the rooms the 1,000 that were used last", () => {
    const recent = createRecentChanges();
    for (let room = 0; room <= 1_000; room += 1) recent.add(change(1, { room: `r${room}` }));
    expect(recent.after("r0", 0, 1)).toBeNull();
    expect(recent.after("r1", 0, 1)).toHaveLength(1);
  });
});
