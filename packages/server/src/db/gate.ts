import { NotSent } from "./trouble.js";

/** Something that wants to go to the database. */
export interface Entry<Place> {
  /** Whether it wants a place for itself. */
  readonly alone: boolean;
  start(place: Place): void;
  refuse(error: NotSent): void;
}

/** Bounds of a gate. */
export interface GateOptions<Place> {
  /** Takes a place; `null` while there is none. */
  take(alone: boolean): Place | null;
  /** Entries that wait; one more is refused. */
  readonly waiting: number;
  /** Milliseconds for which one waits; `null` for as long as it takes. */
  readonly patienceMs: number | null;
  /** Why nothing may enter now; `null` while things may. */
  blocked(): NotSent | null;
  /** Called when an entry has waited in vain. */
  onImpatience(): void;
}

/** Lets queries through while there are places, a bounded number wait for a bounded time, and refuses the rest. */
export interface Gate<Place> {
  enter(entry: Entry<Place>): void;
  /** A place was given back. */
  next(): void;
  /** Refuses everything that waits. */
  refuseAll(error: NotSent): void;
}

const busy = () => new NotSent("too many queries wait for the database", true);

/** Makes a gate; the first to come is the first to go. */
export function createGate<Place>(options: GateOptions<Place>): Gate<Place> {
  const { patienceMs } = options;
  const waiting: { entry: Entry<Place>; since: number }[] = [];
  let timer: NodeJS.Timeout | undefined;

  /** All wait equally long, so the first is always the first to give up. */
  function watchFirst(): void {
    clearTimeout(timer);
    const first = waiting[0];
    if (first === undefined || patienceMs === null) return;
    timer = setTimeout(
      () => {
        const late = performance.now() - patienceMs;
        const kept = waiting.findIndex(({ since }) => since > late);
        const refused = waiting.splice(0, kept < 0 ? waiting.length : kept);
        for (const { entry } of refused) entry.refuse(busy());
        if (refused.length > 0) options.onImpatience();
        watchFirst();
      },
      Math.max(1, first.since + patienceMs - performance.now()),
    );
    timer.unref();
  }

  /** Whether it found a place. */
  function start(entry: Entry<Place>): boolean {
    const place = options.take(entry.alone);
    if (place !== null) entry.start(place);
    return place !== null;
  }

  return {
    enter(entry) {
      const blocked = options.blocked();
      if (blocked !== null) return entry.refuse(blocked);
      if (waiting.length === 0 && start(entry)) return;
      if (waiting.length >= options.waiting) return entry.refuse(busy());
      waiting.push({ entry, since: performance.now() });
      if (waiting.length === 1) watchFirst();
    },
    next() {
      let started = 0;
      for (let first = waiting[0]; first !== undefined && start(first.entry); first = waiting[0]) {
        waiting.shift();
        started += 1;
      }
      if (started > 0) watchFirst();
    },
    refuseAll(error) {
      clearTimeout(timer);
      for (const { entry } of waiting.splice(0)) entry.refuse(error);
    },
  };
}
