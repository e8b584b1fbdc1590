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
  let tokens = rate.burst;
  let at = now;
  const fill = (time: number) => {
    tokens = Math.min(rate.burst, tokens + (Math.max(0, time - at) / 1000) * rate.perSecond);
    at = Math.max(at, time);
  };
  return {
    take(time) {
      fill(time);
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
    remaining(time) {
      fill(time);
      return Math.floor(tokens);
    },
    waitTime(time) {
      fill(time);
      return tokens >= 1 ? 0 : Math.ceil(((1 - tokens) / rate.perSecond) * 1000);
    },
  };
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
