import { expect, test } from "vitest";
import { roomFrame } from "../bus/frame.js";
import { createMemoryBus } from "../bus/memory.js";
import type { RoomsService } from "../rooms/service.js";
import { createRoomMarks } from "./room-marks.js";

test("[WS3] [USER12] a mark moves with each change of the log, each profile and each new or former member, and with nothing else", () => {
  const bus = createMemoryBus();
  const listeners: Parameters<RoomsService["onMembership"]>[0][] = [];
  const marks = createRoomMarks(bus, { onMembership: (listener) => void listeners.push(listener) });
  const seen = new Set([marks.of("lobby")]);
  const moves = (what: () => void) => {
    what();
    const before = seen.size;
    return seen.add(marks.of("lobby")).size > before;
  };
  const frame = { type: "pong" } as const;
  expect(moves(() => bus.publish("lobby", roomFrame(frame, { seq: 1 })))).toBe(true);
  const profile = { ...roomFrame(frame), profile: { userId: "ann", rev: 7 } };
  expect(moves(() => bus.publish("lobby", profile))).toBe(true);
  const room = { id: "lobby", kind: "room", privacy: "public" } as const;
  const ann = { room, userId: "ann", isPutOut: false };
  expect(moves(() => listeners[0]?.({ ...ann, isMember: true }))).toBe(true);
  expect(marks.leavesOf("lobby", "ann")).toBe(0);
  expect(moves(() => listeners[0]?.({ ...ann, isMember: false }))).toBe(true);
  expect(["ann", "ben"].map((id) => marks.leavesOf("lobby", id))).toEqual([1, 0]);
  expect(moves(() => bus.publish("lobby", roomFrame(frame)))).toBe(false);
  expect(moves(() => bus.publish("hall", roomFrame(frame, { seq: 2 })))).toBe(false);
});
