import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { roomFrame } from "../bus/frame.js";
import { createMemoryBus } from "../bus/memory.js";
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
    rooms: { onMembership: () => {} },
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
