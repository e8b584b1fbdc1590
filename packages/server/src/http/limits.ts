import { ParlorError } from "@parlor/protocol";
import { createTokenBuckets, type Rate } from "../token-bucket.js";

/** General: a school behind one address makes 1,000 requests and 300 sockets within 10 seconds. */
const GENERAL: Rate = { burst: 1_500, perSecond: 25 };
const SOCKETS: Rate = { burst: 600, perSecond: 20 };
/** Guesses of a secret: per account and address, and per address alone. */
const GUESSES_PER_ACCOUNT: Rate = { burst: 10, perSecond: 1 / 30 };
const GUESSES_PER_IP: Rate = { burst: 30, perSecond: 1 / 6 };
/** New accounts and mails. */
const COSTLY_PER_IP: Rate = { burst: 60, perSecond: 1 / 4 };

export type RateLimits = ReturnType<typeof createRateLimits>;

/** All quotas by address. With `enabled: false` (`RATE_LIMIT=off`) everything passes. */
export function createRateLimits(enabled: boolean) {
  const general = createTokenBuckets(GENERAL);
  const sockets = createTokenBuckets(SOCKETS);
  const perAccount = createTokenBuckets(GUESSES_PER_ACCOUNT);
  const perIp = createTokenBuckets(GUESSES_PER_IP);
  const costly = createTokenBuckets(COSTLY_PER_IP);
  const refuse = (wait: number, detail?: string) =>
    new ParlorError("rate_limited", detail, { retryAfter: wait });

  return {
    enabled,

    /** Counts a request; answers the headers of the quota, throws the 429 with them known. */
    request(ip: string): { headers: Record<string, string>; refused: ParlorError | null } {
      const now = performance.now();
      const bucket = general(ip);
      const passed = bucket.take(now);
      const remaining = bucket.remaining(now);
      const reset = Math.ceil((GENERAL.burst - remaining) / GENERAL.perSecond);
      const headers = {
        "x-ratelimit-limit": String(GENERAL.burst),
        "x-ratelimit-remaining": String(remaining),
        "x-ratelimit-reset": String(reset),
      };
      return { headers, refused: passed ? null : refuse(bucket.waitTime(now)) };
    },

    /** Counts a new socket; `false` when the address opens too many. */
    socket(ip: string): boolean {
      return !enabled || sockets(ip).take(performance.now());
    },

    /** Throws when too many guesses of this secret went wrong; call {@link wrongGuess} after a wrong one. */
    checkGuess(ip: string, secretOf: string): void {
      if (!enabled) return;
      const now = performance.now();
      const account = perAccount(`${ip} ${secretOf}`);
      const address = perIp(ip);
      if (account.remaining(now) >= 1 && address.remaining(now) >= 1) return;
      const wait = Math.max(account.waitTime(now), address.waitTime(now));
      throw refuse(wait, "Too many wrong tries. Wait a moment and try again.");
    },

    wrongGuess(ip: string, secretOf: string): void {
      const now = performance.now();
      perAccount(`${ip} ${secretOf}`).take(now);
      perIp(ip).take(now);
    },

    /** Counts a signup or a mail. */
    costly(ip: string): void {
      if (!enabled) return;
      const now = performance.now();
      const bucket = costly(ip);
      if (!bucket.take(now)) throw refuse(bucket.waitTime(now));
    },
  };
}
