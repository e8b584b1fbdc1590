import { ParlorError } from "@parlor/protocol";
import type { Bus } from "../bus/bus.js";

/** Requests that wait at one time; beyond them one is told to come back. */
const WAITERS = 10_000;

/** Lets requests wait for a room's next change. */
export interface ChangeWaiters {
  /**
   * Starts to watch a room. `changed` resolves at its next change, after `ms`, or when `signal` aborts; watch first and
   * read then, so that no change falls between.
   */
  watch(roomId: string, ms: number, signal: AbortSignal): { changed: Promise<void>; stop: () => void };
  /** Lets those who wait for a room go on: it changed, or is there no more. */
  wake(roomId: string): void;
}

/** Makes the register of waiting requests. */
export function createChangeWaiters(bus: Bus): ChangeWaiters {
  const byRoom = new Map<string, Set<() => void>>();
  let count = 0;
  function wake(roomId: string): void {
    const waiting = byRoom.get(roomId);
    if (waiting) for (const end of [...waiting]) end();
  }
  bus.subscribe((roomId, frame) => {
    if (frame.seq !== null) wake(roomId);
  });
  return {
    wake,
    watch(roomId, ms, signal) {
      if (count >= WAITERS) throw new ParlorError("overloaded");
      count += 1;
      const room = byRoom.get(roomId) ?? new Set();
      byRoom.set(roomId, room);
      let stop = () => {};
      const changed = new Promise<void>((resolve) => {
        stop = () => {
          if (!room.delete(stop)) return;
          count -= 1;
          if (room.size === 0 && byRoom.get(roomId) === room) byRoom.delete(roomId);
          clearTimeout(timer);
          signal.removeEventListener("abort", stop);
          resolve();
        };
        const timer = setTimeout(() => stop(), ms);
        signal.addEventListener("abort", stop);
        room.add(stop);
      });
      return { changed, stop };
    },
  };
}
