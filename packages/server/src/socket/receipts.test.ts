import type { ServerFrame } from "@parlor/protocol";
import { pino } from "pino";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { roomFrame } from "../bus/frame.js";
import { noMetrics } from "../metrics/metrics.js";
import type { Connection } from "./connection.js";
import { createHub } from "./hub.js";
import { startReceipts } from "./receipts.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("[READ6] a receipt comes after the message that it speaks of, which may wait for company still", async () => {
  const told: string[] = [];
  const hub = createHub(noMetrics, { utilization: () => 0 });
  const connection = {
    userId: "ann",
    resume: true,
    holding: false,
    covered: 0,
    wants: () => true,
    write: () => void told.push("message"),
    send: ({ type }: { type: string }) => void told.push(type),
  } as unknown as Connection;
  hub.join("lobby", connection);
  let read: (of: { roomId: string; userId: string; readSeq: number }) => void = () => {};
  const parts = {
    hub,
    users: {
      rows: async () => {
        // Ben's message is committed while it is looked up who tells of reading.
        hub.deliver("lobby", roomFrame({ type: "pong" }, { seq: 1 }));
        return new Map(["ann", "ben"].map((id) => [id, { read_receipts: true }]));
      },
    },
    reading: {
      listen(listener: { read: typeof read }) {
        read = listener.read;
      },
    },
    log: pino({ level: "silent" }),
  } as unknown as Parameters<typeof startReceipts>[0];
  const receipts = startReceipts(parts);
  read({ roomId: "lobby", userId: "ben", readSeq: 1 });
  await vi.advanceTimersByTimeAsync(1_000);
  expect(told).toEqual(["message", "receipt"]);
  receipts.stop();
});

/** A room with so many connected people of whom all tell of reading, and the receipts that each was told. */
function crowd(people: number) {
  const hub = createHub(noMetrics, { utilization: () => 0 });
  const told: number[] = [];
  for (let n = 0; n < people; n += 1) {
    const send = (frame: ServerFrame) => void (frame.type === "receipt" && told.push(frame.receipts.length));
    hub.join("lobby", { userId: `u${n}`, resume: true, holding: false, send } as unknown as Connection);
  }
  let read: (of: { roomId: string; userId: string; readSeq: number }) => void = () => {};
  const parts = {
    hub,
    users: { rows: async (ids: string[]) => new Map(ids.map((id) => [id, { read_receipts: true }])) },
    reading: {
      listen(listener: { read: typeof read }) {
        read = listener.read;
      },
    },
    log: pino({ level: "silent" }),
  } as unknown as Parameters<typeof startReceipts>[0];
  const { stop } = startReceipts(parts);
  return { told, stop, read: (userId: string) => read({ roomId: "lobby", userId, readSeq: 1 }) };
}

test("[READ6] receipts are told to 200 people, and to none of 201", async () => {
  const [small, large] = [crowd(200), crowd(201)];
  for (const { read } of [small, large]) read("u1");
  await vi.advanceTimersByTimeAsync(399);
  expect(small.told).toEqual([]);
  await vi.advanceTimersByTimeAsync(1);
  expect(small.told).toEqual(Array(200).fill(1));
  await vi.advanceTimersByTimeAsync(60_000);
  expect(large.told).toEqual([]);
  for (const { stop } of [small, large]) stop();
});

test("[READ6] of more than 200 who read at once the first 200 are told", async () => {
  const room = crowd(2);
  for (let n = 0; n < 300; n += 1) room.read(`reader ${n}`);
  await vi.advanceTimersByTimeAsync(400);
  expect(room.told).toEqual([200, 200]);
  room.stop();
});
