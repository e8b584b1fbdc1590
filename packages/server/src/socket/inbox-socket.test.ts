import type { ServerFrame } from "@parlor/protocol";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { type RoomFrame, roomFrame } from "../bus/frame.js";
import { createMemoryBus } from "../bus/memory.js";
import type { MembershipChange } from "../rooms/service.js";
import type { Connection } from "./connection.js";
import { createInbox } from "./inbox-socket.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A room with so many members, each with an open inbox, and how many inboxes heard of it since the last look. */
async function openInboxes(people: number) {
  const bus = createMemoryBus();
  let told = 0;
  const parts = {
    bus,
    hub: {
      deliver: (_room: string, { json }: { json: string }) => {
        if (json.includes('"room_activity"')) told += 1;
      },
      flush: () => {},
    },
    users: { onProfileChanged: () => {} },
    rooms: { onMembership: () => {}, onGone: () => {} },
    sessions: { listen: () => {} },
    reading: { listen: () => {}, memberships: async () => [{ id: "hall", privacy: "public" }] },
    calls: { infoOf: () => null },
    log: pino({ level: "silent" }),
  } as unknown as Parameters<typeof createInbox>[0];
  const inbox = createInbox(parts);
  for (let n = 0; n < people; n += 1)
    inbox.join({ userId: `u${n}`, closed: false, send: () => {} } as unknown as Connection);
  await vi.advanceTimersByTimeAsync(0);
  let seq = 0;
  return {
    /** So much happens in the room. */
    happen(count: number): void {
      for (let n = 0; n < count; n += 1) {
        seq += 1;
        bus.publish("hall", roomFrame({ type: "pong" }, { seq, resumeOnly: true }));
      }
    },
    heard(): number {
      const count = told;
      told = 0;
      return count;
    },
    close: () => inbox.close(),
  };
}

test.each([
  [2, 250],
  [1_250, 250],
  [2_000, 400],
  [4_500, 900],
  [10_000, 900],
])("[INBOX1] with %i people what happens in a room is gathered for %i ms", async (people, ms) => {
  const room = await openInboxes(people);
  for (let time = 0; time < 2; time += 1) {
    room.happen(3);
    vi.advanceTimersByTime(100);
    room.happen(2);
    vi.advanceTimersByTime(ms - 101);
    expect(room.heard()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(room.heard()).toBe(people);
  }
  room.close();
});

test("[ROOM9] [ROOM10] a list that was read before brings no room back that ended or was shut meanwhile", async () => {
  const bus = createMemoryBus();
  let tellMembership = (_: MembershipChange) => {};
  let tellGone = (_: string) => {};
  let arrive = (_: { id: string; privacy: string }[]) => {};
  const told: ServerFrame[] = [];
  const parts = {
    bus,
    hub: { deliver: (_: string, frame: RoomFrame) => told.push(JSON.parse(frame.json)), flush() {} },
    users: { onProfileChanged() {} },
    rooms: {
      onMembership: (listener: typeof tellMembership) => {
        tellMembership = listener;
      },
      onGone: (listener: typeof tellGone) => {
        tellGone = listener;
      },
    },
    sessions: { listen() {} },
    reading: {
      listen() {},
      memberships: () =>
        new Promise((resolve) => {
          arrive = resolve;
        }),
    },
    calls: { infoOf: () => null },
  };
  const inbox = createInbox(parts as unknown as Parameters<typeof createInbox>[0]);
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  inbox.join({ userId: "bob", holding: false, send: isReady } as unknown as Connection);
  const room = (id: string) => ({ id, kind: "room", privacy: "public" }) as const;
  tellMembership({ room: room("shut"), userId: "bob", isMember: false, isPutOut: true });
  tellGone("ended");
  arrive(["shut", "ended", "open"].map((id) => ({ id, privacy: "public" })));
  await ready;
  told.length = 0;
  for (const id of ["shut", "ended", "open"]) {
    const news = { type: "room_updated", room_id: id, name: "x", description: null, category: null } as const;
    const frame = { json: JSON.stringify(news), seq: null, toInboxes: true } as unknown as RoomFrame;
    bus.publish(id, frame);
  }
  expect(told).toMatchObject([{ type: "room_updated", room_id: "open" }]);
  inbox.close();
});
