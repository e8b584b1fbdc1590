import { createBoundedMap } from "./bounded-map.js";

/** How much is allowed: `burst` at once, `perSecond` again. */
export interface Rate {
  readonly burst: number;
  readonly perSecond: number;
}

/** One bucket: allows `burst` at once and fills up again. */
export interface TokenBucket {
  /** Takes one; `false` when none is left. */
  take(now: number): boolean;
  /** Whole tokens left. */
  remaining(now: number): number;
  /** Milliseconds until the next token. */
  waitTime(now: number): number;
}

/** Makes a full bucket. Times are milliseconds of a monotonic clock. */
export function createTokenBucket(rate: Rate, now: number): TokenBucket {
  return new Bucket(rate, now);
}

/** A class, since every socket has one: four closures each would take ten times the memory. */
class Bucket implements TokenBucket {
  readonly #rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.#rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }

  remaining(now: number): number {
    this.#fill(now);
    return Math.floor(this.#tokens);
  }

  waitTime(now: number): number {
    this.#fill(now);
    return this.#tokens >= 1 ? 0 : Math.ceil(((1 - this.#tokens) / this.#rate.perSecond) * 1000);
  }

  #fill(now: number): void {
    const { burst, perSecond } = this.#rate;
    this.#tokens = Math.min(burst, this.#tokens + (Math.max(0, now - this.#at) / 1000) * perSecond);
    this.#at = Math.max(this.#at, now);
  }
}

/** Keys with a bucket of their own; beyond them the one used longest ago starts anew. */
const KEYS = 50_000;

/** Makes buckets by key, a bounded number of them. */
export function createTokenBuckets(rate: Rate): (key: string) => TokenBucket {
  const buckets = createBoundedMap<string, TokenBucket>(KEYS);
  return (key) => {
    const known = buckets.get(key);
    if (known) return known;
    const made = createTokenBucket(rate, performance.now());
    buckets.set(key, made);
    return made;
  };
}
