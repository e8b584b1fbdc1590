import type { NotificationLevel, RoomSummary } from "@parlor/protocol";
import { expect, test } from "vitest";
import { askingOf, askingOfAll, neighbour } from "./unread.js";

function room(
  kind: "room" | "direct",
  level: NotificationLevel,
  unread: number,
  mentions: number,
): RoomSummary {
  return { kind, level, unread, mentions } as RoomSummary;
}

test("[UX27] a room calls by its mentions, a conversation by everything, and each by its level", () => {
  expect(askingOf(room("room", "all", 5, 2))).toEqual({ calls: 2, others: 3 });
  expect(askingOf(room("room", "mentions", 5, 2))).toEqual({ calls: 2, others: 0 });
  expect(askingOf(room("room", "none", 5, 2))).toEqual({ calls: 0, others: 0 });
  expect(askingOf(room("direct", "all", 4, 0))).toEqual({ calls: 4, others: 0 });
  expect(askingOf(room("direct", "none", 4, 1))).toEqual({ calls: 0, others: 0 });
  expect(askingOfAll([room("room", "all", 5, 2), room("direct", "all", 1, 0)])).toEqual({
    calls: 3,
    others: 3,
  });
});

test("[UX39] the next room is the one below, and after the last the first", () => {
  expect(neighbour(["a", "b", "c"], "a", 1)).toBe("b");
  expect(neighbour(["a", "b", "c"], "c", 1)).toBe("a");
  expect(neighbour(["a", "b", "c"], "a", -1)).toBe("c");
  expect(neighbour(["a", "b"], null, 1)).toBe("a");
  expect(neighbour(["a", "b"], "elsewhere", -1)).toBe("b");
  expect(neighbour([], "a", 1)).toBeNull();
});
