import type { ServerFrame } from "@parlor/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { RoomFrame } from "../bus/frame.js";
import { createMemoryBus } from "../bus/memory.js";
import { noMetrics } from "../metrics/metrics.js";
import type { UsersService } from "../users/service.js";
import type { Connection } from "./connection.js";
import { createHub } from "./hub.js";
import { createPresence } from "./presence.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ROOM = "hall";

/** A room with so many people, one of them without a cursor, and what it is told. */
function roomOf(people: number) {
  const hub = createHub(noMetrics, { utilization: () => 0 });
  const bus = createMemoryBus();
  const told: { frame: ServerFrame; to: RoomFrame }[] = [];
  bus.subscribe((_, to) => told.push({ frame: JSON.parse(to.json), to }));
  const users = { cachedProfile: () => null } as unknown as UsersService;
  const presence = createPresence({ bus, hub, users });
  let made = 0;
  const enter = (resume: boolean): Connection => {
    made += 1;
    const connection = { userId: `u${made}`, username: `u${made}`, resume } as unknown as Connection;
    hub.join(ROOM, connection);
    return connection;
  };
  enter(false);
  const first = Array.from({ length: people - 1 }, () => enter(true));
  return {
    /** So many come at once. */
    come(count: number): void {
      for (let n = 0; n < count; n += 1) presence.joined(ROOM, enter(true));
    },

    /** So many of the first leave at once; it is told two seconds later. */
    go(count: number): void {
      for (const connection of first.splice(0, count)) {
        hub.leave(ROOM, connection);
        presence.left(ROOM, connection.userId, connection.username);
      }
    },

    /** What the room was told since the last call: how many single frames, people in gathered ones, and in the whole list. */
    news() {
      const all = told.splice(0);
      const isSingle = ({ frame }: (typeof all)[number]) => frame.type.startsWith("user_");
      return {
        forAll: all.filter((one) => isSingle(one) && one.to.plain === null).length,
        forPlain: all.filter((one) => isSingle(one) && one.to.plain !== null).length,
        gathered: all.flatMap(({ frame, to }) =>
          frame.type === "presence" && to.resumeOnly ? [[frame.joined.length, frame.left.length]] : [],
        ),
        lists: all.flatMap(({ frame }) => (frame.type === "room_state" ? [frame.users.length] : [])),
      };
    },
  };
}

const NOTHING = { forAll: 0, forPlain: 0, gathered: [], lists: [] };

test("[WS15] above 200 people who comes is told together every 250 ms, and to none before", () => {
  const room = roomOf(200);
  room.come(1);
  expect(room.news()).toEqual({ ...NOTHING, forPlain: 1 });
  vi.advanceTimersByTime(100);
  room.come(9);
  room.news();
  vi.advanceTimersByTime(149);
  expect(room.news()).toEqual(NOTHING);
  vi.advanceTimersByTime(1);
  expect(room.news()).toEqual({ ...NOTHING, gathered: [[10, 0]] });
  room.come(1);
  room.news();
  vi.advanceTimersByTime(250);
  expect(room.news()).toEqual({ ...NOTHING, gathered: [[1, 0]] });
});

test("[WS15] a gathered frame names at most 500 people, those who came and those who left together", () => {
  const room = roomOf(800);
  room.come(1_200);
  vi.advanceTimersByTime(250);
  expect(room.news().gathered).toEqual([
    [500, 0],
    [500, 0],
    [200, 0],
  ]);
  room.go(300);
  vi.advanceTimersByTime(2_000);
  room.come(300);
  vi.advanceTimersByTime(250);
  expect(room.news().gathered).toEqual([
    [300, 200],
    [0, 100],
  ]);
});

test("[WS15] above 200 people those without a cursor get 40 single frames a second, and the list when it is quiet", () => {
  const room = roomOf(250);
  room.come(100);
  expect(room.news().forPlain).toBe(40);
  vi.advanceTimersByTime(500);
  room.come(100);
  expect(room.news().forPlain).toBe(20);
  vi.advanceTimersByTime(999);
  expect(room.news().lists).toEqual([]);
  vi.advanceTimersByTime(1);
  expect(room.news().lists).toEqual([450]);
  room.come(40);
  vi.advanceTimersByTime(10_000);
  expect(room.news()).toMatchObject({ forPlain: 40, lists: [] });
});

test("[WS15] a crowd that does not end keeps the list back for five seconds at most", () => {
  const room = roomOf(250);
  const lists: number[] = [];
  for (let ms = 0; ms < 10_000; ms += 500) {
    room.come(100);
    vi.advanceTimersByTime(500);
    lists.push(room.news().lists.length);
  }
  expect(lists.flatMap((count, index) => (count > 0 ? [(index + 1) * 500] : []))).toEqual([5_000, 10_000]);
});

test("[WS15] with 200 people or fewer five are told at once, and one every two seconds again", () => {
  const room = roomOf(150);
  room.come(10);
  expect(room.news()).toEqual({ ...NOTHING, forAll: 5, forPlain: 5 });
  vi.advanceTimersByTime(250);
  expect(room.news()).toEqual({ ...NOTHING, gathered: [[5, 0]] });
  vi.advanceTimersByTime(1_749);
  room.come(1);
  expect(room.news()).toEqual({ ...NOTHING, forPlain: 1 });
  vi.advanceTimersByTime(1);
  room.come(2);
  expect(room.news()).toEqual({ ...NOTHING, forAll: 1, forPlain: 1 });
});
