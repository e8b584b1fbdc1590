import { TIMING } from "@parlor/protocol";
import type { Clock } from "./clock.js";

/** Tells the others of this user's typing, seldom. */
export interface Typing {
  set(isTyping: boolean): void;
  /** The server ends it by itself, as with a message. */
  forget(): void;
}

/** Makes the throttle before `send`. */
export function createTyping(clock: Clock, send: (type: "typing_start" | "typing_stop") => boolean): Typing {
  let toldAt: number | null = null;
  return {
    set(isTyping) {
      const age = toldAt === null ? TIMING.typing : clock.now() - toldAt;
      // The server forgets after its time, so it is told again at half of it.
      if (isTyping && age >= TIMING.typing / 2 && send("typing_start")) toldAt = clock.now();
      if (!isTyping && toldAt !== null) {
        if (age < TIMING.typing) send("typing_stop");
        toldAt = null;
      }
    },
    forget() {
      toldAt = null;
    },
  };
}

/** Calls `expire` when the earliest of some moments is over, with one timer. */
export interface Expiry {
  /** Looks at the moments again. */
  watch(): void;
  close(): void;
}

/** Makes an expiry over what `moments` tells. */
export function createExpiry(
  clock: Clock,
  moments: () => Iterable<number>,
  expire: (now: number) => void,
): Expiry {
  let stop: (() => void) | null = null;

  function watch(): void {
    if (stop) return;
    const earliest = Math.min(...moments());
    if (earliest === Number.POSITIVE_INFINITY) return;
    stop = clock.after(Math.max(0, earliest - clock.now()), () => {
      stop = null;
      expire(clock.now());
      watch();
    });
  }

  return { watch, close: () => stop?.() };
}
