import { done, type Transact } from "./indexed-database.js";
import type { Turn } from "./outbox.js";

/** Which tab sends for a key. */
export const TURNS = "turns";

/** A tab that sends shows so often that it lives. */
const BEAT = 1_000;
/** Looks without a new beat after which a tab counts as gone, where the browser cannot tell. */
const PATIENCE = 4;
/** The same where the browser says that the tab still exists: then it is frozen. */
const PATIENCE_WITH_FROZEN = 20;

interface Lease {
  readonly owner: string;
  /** Counts up. Time is measured by those who wait, each by its own timers, so no clock can be wrong. */
  readonly beat: number;
}

/**
 * Lets one tab at a time send for a key: who has the lease, a row that only transactions change. It is kept by beats,
 * and before each send it is asked whether it is still held, so that a tab that wakes up after hours sends nothing on
 * an old right. Web Locks, where the browser has them (pages over https), tell at once when a tab is gone; elsewhere
 * its beats stand still.
 */
export function createTurns(
  name: string,
  transact: Transact,
  /** Calls back when a list, or who sends it, may have changed. */
  watch: (key: string, listener: () => void) => () => void,
  tell: (key: string) => void,
) {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  const lockOf = (owner: string) => `${name}|${owner}`;

  /** Takes a lease that nobody holds, or that of `gone`; answers the holder's when it is somebody else's. */
  function take(key: string, owner: string, gone: Lease | null): Promise<Lease | null> {
    return transact(TURNS, "readwrite", async (store) => {
      const held = await done<Lease | undefined>(store.get(key));
      const isFree = !held || held.owner === owner || (held.owner === gone?.owner && held.beat === gone.beat);
      if (!isFree) return held;
      await done(store.put({ owner, beat: 0 } satisfies Lease, key));
      return null;
    });
  }

  /** Shows that the holder lives; `false` when it holds no more. */
  function renew(key: string, owner: string): Promise<boolean> {
    return transact(TURNS, "readwrite", async (store) => {
      const held = await done<Lease | undefined>(store.get(key));
      if (held?.owner !== owner) return false;
      await done(store.put({ owner, beat: held.beat + 1 } satisfies Lease, key));
      return true;
    });
  }

  async function giveBack(key: string, owner: string): Promise<void> {
    await transact(TURNS, "readwrite", async (store) => {
      const held = await done<Lease | undefined>(store.get(key));
      if (held?.owner === owner) await done(store.delete(key));
    });
    tell(key);
  }

  async function isGone(owner: string): Promise<boolean> {
    if (!locks) return false;
    return await locks.request(lockOf(owner), { ifAvailable: true }, async (lock) => lock !== null);
  }

  async function acquire(key: string, owner: string, signal: AbortSignal): Promise<void> {
    let seen: Lease | null = null;
    let looks = 0;
    for (let gone: Lease | null = null; !signal.aborted; ) {
      const held = await take(key, owner, gone);
      if (held === null) return;
      if (held.owner !== seen?.owner || held.beat !== seen.beat) looks = 0;
      seen = held;
      gone = looks >= (locks ? PATIENCE_WITH_FROZEN : PATIENCE) || (await isGone(held.owner)) ? held : null;
      if (gone === null && (await pause(key, signal))) looks += 1;
    }
    throw signal.reason;
  }

  /** Waits for a beat's time, for a change or the end; `true` after the whole time. */
  function pause(key: string, signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (isWhole: boolean) => {
        clearTimeout(timer);
        stop();
        signal.removeEventListener("abort", onAbort);
        resolve(isWhole);
      };
      const onAbort = () => end(false);
      const timer = setTimeout(() => end(true), BEAT);
      const stop = watch(key, () => end(false));
      signal.addEventListener("abort", onAbort, { once: true });
    });
  }

  async function hold(
    key: string,
    owner: string,
    outer: AbortSignal,
    work: (turn: Turn) => Promise<void>,
  ): Promise<void> {
    await acquire(key, owner, outer);
    const own = new AbortController();
    const abort = () => own.abort(outer.reason);
    outer.addEventListener("abort", abort, { once: true });
    if (outer.aborted) abort();
    const holds = async () => {
      // A storage that fails from now on must not keep anybody from sending: the server drops the repeats.
      if (!(await renew(key, owner).catch(() => true))) own.abort();
      return !own.signal.aborted;
    };
    const beats = setInterval(() => void holds(), BEAT);
    try {
      await work({ signal: own.signal, holds });
    } finally {
      clearInterval(beats);
      outer.removeEventListener("abort", abort);
      await giveBack(key, owner).catch(() => {});
    }
  }

  return async function exclusively(
    key: string,
    signal: AbortSignal,
    work: (turn: Turn) => Promise<void>,
  ): Promise<void> {
    const owner = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join(
      "",
    );
    // The lock says "I live" and is had before the lease, which without it would seem to be a dead tab's.
    if (locks) await locks.request(lockOf(owner), () => hold(key, owner, signal, work));
    else await hold(key, owner, signal, work);
  };
}
