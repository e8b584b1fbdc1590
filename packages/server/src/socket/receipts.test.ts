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
