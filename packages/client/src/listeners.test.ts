import { afterEach, expect, test, vi } from "vitest";
import { createListeners } from "./listeners.js";

afterEach(() => vi.unstubAllGlobals());

test("[UX51] all stores of a page that is looked at tell their listeners in one frame, once each", () => {
  const frames: (() => void)[] = [];
  vi.stubGlobal("document", { visibilityState: "visible" });
  vi.stubGlobal("requestAnimationFrame", (run: () => void) => frames.push(run));
  const told: string[] = [];
  const [room, inbox] = [createListeners(), createListeners()];
  room.subscribe(() => told.push("room"));
  inbox.subscribe(() => told.push("inbox"));
  room.notify();
  inbox.notify();
  room.notify();
  expect(frames).toHaveLength(1);
  expect(told).toEqual([]);
  for (const run of frames.splice(0)) run();
  expect(told).toEqual(["room", "inbox"]);
  room.notify();
  expect(frames).toHaveLength(1);
  frames[0]?.();
  expect(told).toEqual(["room", "inbox", "room"]);
});

test("[UX51] a listener that fails keeps no other from its news", async () => {
  const failures: unknown[] = [];
  const turns: (() => void)[] = [];
  vi.stubGlobal("queueMicrotask", (run: () => void) => turns.push(run));
  const told: string[] = [];
  const [first, second] = [createListeners(), createListeners()];
  first.subscribe(() => {
    throw new Error("a listener of an application");
  });
  first.subscribe(() => told.push("first"));
  second.subscribe(() => told.push("second"));
  first.notify();
  second.notify();
  while (turns.length > 0) {
    try {
      turns.shift()?.();
    } catch (error) {
      failures.push(error);
    }
  }
  expect(told).toEqual(["first", "second"]);
  expect(failures).toHaveLength(1);
});
