import { type ErrorCode, ParlorError } from "@parlor/protocol";
import { createTokenBuckets, type Rate, type TokenBucket } from "../token-bucket.js";
import { createGuessGates } from "./guesses.js";

/** General: a school behind one address makes 1,000 requests and 300 sockets within 10 seconds. */
const GENERAL: Rate = { burst: 1_500, perSecond: 25 };
const SOCKETS: Rate = { burst: 600, perSecond: 20 };
/** Guesses of a secret: per account and address, and per address alone. */
const GUESSES_PER_ACCOUNT: Rate = { burst: 10, perSecond: 1 / 30 };
const GUESSES_PER_IP: Rate = { burst: 30, perSecond: 1 / 6 };
/** New accounts and mails. */
const COSTLY_PER_IP: Rate = { burst: 60, perSecond: 1 / 4 };
/** Searches: somebody who types, and whoever shares the address. */
const SEARCHES: Rate = { burst: 100, perSecond: 5 };
/** Exports of a whole room. */
const EXPORTS: Rate = { burst: 10, perSecond: 1 / 30 };

/** What a wrong guess is answered with. */
const WRONG_GUESS: ReadonlySet<ErrorCode> = new Set([
  "wrong_login",
  "wrong_password",
  "wrong_room_password",
  "link_invalid",
]);

export type RateLimits = ReturnType<typeof createRateLimits>;

/** All quotas by address. With `enabled: false` (`RATE_LIMIT=off`) everything passes. */
export function createRateLimits(enabled: boolean) {
  const general = createTokenBuckets(GENERAL);
  const sockets = createTokenBuckets(SOCKETS);
  const perAccount = createTokenBuckets(GUESSES_PER_ACCOUNT);
  const perIp = createTokenBuckets(GUESSES_PER_IP);
  const costly = createTokenBuckets(COSTLY_PER_IP);
  const searches = createTokenBuckets(SEARCHES);
  const exports = createTokenBuckets(EXPORTS);
  const refuse = (wait: number, detail?: string) =>
    new ParlorError("rate_limited", detail, { retryAfter: wait });
  const refuseGuess = (wait: number) => refuse(wait, "Too many wrong tries. Wait a moment and try again.");
  function count(bucket: TokenBucket): void {
    const now = performance.now();
    if (enabled && !bucket.take(now)) throw refuse(bucket.waitTime(now));
  }
  const gates = createGuessGates();

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

    /** Lets a try at a secret happen unless too many went wrong; a wrong one counts. */
    async guess<T>(ip: string, secretOf: string, attempt: () => Promise<T>): Promise<T> {
      if (!enabled) return await attempt();
      const account = `${ip} ${secretOf}`;
      const quotas = [
        { key: `account ${account}`, bucket: perAccount(account) },
        { key: `address ${ip}`, bucket: perIp(ip) },
      ];
      const entered: typeof quotas = [];
      try {
        for (const quota of quotas) {
          const left = () => quota.bucket.remaining(performance.now());
          if (!(await gates.enter(quota.key, left)))
            throw refuseGuess(quota.bucket.waitTime(performance.now()));
          entered.push(quota);
        }
        return await attempt();
      } catch (error) {
        const wrong = error instanceof ParlorError && WRONG_GUESS.has(error.code);
        if (wrong) for (const { bucket } of entered) bucket.take(performance.now());
        throw error;
      } finally {
        for (const { key } of entered) gates.leave(key);
      }
    },

    /** Counts a mail to an address, as a wrong guess. */
    mail(ip: string, email: string): void {
      if (!enabled) return;
      const bucket = perAccount(`${ip} mail ${email}`);
      if (!bucket.take(performance.now())) throw refuseGuess(bucket.waitTime(performance.now()));
    },

    /** Counts a signup or a mail. */
    costly: (ip: string): void => count(costly(ip)),

    /** Counts a search. */
    search: (ip: string): void => count(searches(ip)),

    /** Counts an export of a room. */
    export: (ip: string): void => count(exports(ip)),
  };
}
