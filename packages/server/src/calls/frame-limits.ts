import { type CallClientFrame, LIMITS, ParlorError } from "@parlor/protocol";
import { createTokenBucket, type Rate, type TokenBucket } from "../token-bucket.js";
import type { CallChannel } from "./channel.js";

/** Signals of one socket: a newcomer to a full call sends a description and a dozen candidates to each, all at once. */
const SIGNALS: Rate = { burst: 400, perSecond: 30 };
/** Everything else: what a person clicks. */
const VERBS: Rate = { burst: 30, perSecond: 3 };
/** What reaches people who are busy with something else, and what makes much work. */
const RINGS: Rate = { burst: 5, perSecond: 1 / 20 };

type Buckets = Record<"signals" | "verbs" | "rings" | "records", TokenBucket>;

/** Quotas of a call's frames, by socket, beside that of all frames. Throws `rate_limited` and `body_too_large`. */
export function createFrameLimits(limited: boolean) {
  const buckets = new WeakMap<CallChannel, Buckets>();

  function bucketsOf(channel: CallChannel) {
    const known = buckets.get(channel);
    if (known) return known;
    const now = performance.now();
    const made = {
      signals: createTokenBucket(SIGNALS, now),
      verbs: createTokenBucket(VERBS, now),
      rings: createTokenBucket(RINGS, now),
      records: createTokenBucket(RINGS, now),
    };
    buckets.set(channel, made);
    return made;
  }

  return function count(channel: CallChannel, frame: CallClientFrame): void {
    if (frame.type === "call-signal" && bytesOf(frame.signal) > LIMITS.callSignalBytes)
      throw new ParlorError("body_too_large", "A signal of a call holds at most 64 KiB.");
    // Who leaves is never kept.
    if (!limited || frame.type === "call-leave") return;
    if (!bucketFor(bucketsOf(channel), frame).take(performance.now())) throw new ParlorError("rate_limited");
  };
}

function bucketFor(buckets: Buckets, frame: CallClientFrame): TokenBucket {
  if (frame.type === "call-signal") return buckets.signals;
  if (frame.type === "call-ring") return buckets.rings;
  return frame.type === "call-moderate" && frame.action === "record" ? buckets.records : buckets.verbs;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}
