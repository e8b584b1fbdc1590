import type { Database, Query } from "../../db/database.js";
import { errorCode } from "../../startup-error.js";
import { quoteLexeme, type WordQuery } from "./query.js";

/** Documents have numbers, over all and in their room; 2,048 make a small bucket, and 64 of those a large one. */
const SMALL = 2_048;
const PER_LARGE = 64;
/** Buckets in the newest tier, and how much larger each older one is. */
const FIRST_TIER = 2;
const GROWTH = 4;
/** Documents of one tier that are weighed against each other at most. */
const WEIGHED = 4_000;
/** Seconds by which a message is newer when it weighs e times as much: 30 days. */
const DECAY = 30 * 24 * 60 * 60;
/** SQLSTATE of a statement that took too long. */
const CANCELED = "57014";

/** A message that was found. */
export interface Hit {
  readonly id: string;
  readonly score: number;
  readonly tier: number;
}

/** Where a search goes on: behind a hit of a tier, seen from the bucket that was the newest when it began. */
export interface Cursor {
  readonly top: number;
  readonly tier: number;
  /** `null`: at the begin of the tier. */
  readonly score: number | null;
  readonly id: string;
}

/** The small bucket that the newest documents are in: of one room, or of all. */
export async function newestBucket(sql: Query, roomId: string | null): Promise<number> {
  const [row] = await sql<{ newest: number }[]>`
    ${roomId === null ? sql`select last_value as newest from search_numbers` : sql`select head_seq as newest from rooms where id = ${roomId}`}`;
  return Math.floor((row?.newest ?? 0) / SMALL);
}

/** A part of all documents: those of its buckets, given as words of the index. */
export interface Tier {
  readonly number: number;
  readonly buckets: readonly string[];
  /** So few documents that reading all of them is cheaper than looking up whatever a word may begin. */
  readonly small: boolean;
}

/** The tiers from the newest bucket on: small buckets down to the border of a large one, then large ones. */
export function* tiersFrom(top: number, roomId: string | null): Generator<Tier> {
  const room = roomId === null ? "" : `${roomId} `;
  const border = Math.max(0, Math.floor(top / PER_LARGE) - 1) * PER_LARGE;
  let number = 0;
  for (const [first, mark, last] of [
    [top, "\x03", border],
    [border / PER_LARGE - 1, "\x04", 0],
  ] as const) {
    let size = FIRST_TIER;
    for (let next = first; next >= last; size *= GROWTH) {
      const count = Math.min(size, next - last + 1);
      const buckets = Array.from({ length: count }, (_, index) => `${mark}${room}${next - index}`);
      yield { number, buckets, small: number < 2 };
      number += 1;
      next -= count;
    }
  }
}

/** The best hits of one tier behind the cursor; `null` when that takes too long. */
export async function findHits(
  database: Database,
  search: {
    /** Rooms and author, each after an `&`. */
    readonly scope: string;
    readonly words: WordQuery;
    readonly tier: Tier;
    readonly position: Cursor;
    readonly want: number;
    /** Milliseconds. */
    readonly within: number;
    readonly before?: Date | undefined;
    readonly after?: Date | undefined;
  },
): Promise<Omit<Hit, "tier">[] | null> {
  const { words, tier, position, want, before, after } = search;
  const scope = `(${tier.buckets.map(quoteLexeme).join("|")})${search.scope}`;
  // What a word may begin is a long list for the index, whatever else is asked: few documents are rather read. The
  // function is the operator's own, without its use of the index.
  const isRead = tier.small && words.words.some(({ prefix }) => prefix);
  const query = isRead ? scope : `${words.text}&${scope}`;
  try {
    return await database.transaction(async (tx) => {
      // The index alone finds words; the planner, who knows little of them, must not read all documents instead.
      await tx`select set_config('statement_timeout', ${String(Math.ceil(search.within))}, true),
        set_config('enable_seqscan', 'off', true)`;
      return await tx<Omit<Hit, "tier">[]>`
        select id, score from (
          select d.message_id as id,
            ln(greatest(ts_rank(d.words, ${words.text}::tsquery, 1), 1e-6)::float8)
              + extract(epoch from d.created_at)::float8 / ${DECAY}::float8 as score
          from search_docs d where d.words @@ ${query}::tsquery
            ${isRead ? tx`and ts_match_vq(d.words, ${words.text}::tsquery)` : tx``}
            ${before === undefined ? tx`` : tx`and d.created_at < ${before}`}
            ${after === undefined ? tx`` : tx`and d.created_at >= ${after}`}
          limit ${WEIGHED}
        ) found
        ${position.score === null ? tx`` : tx`where (score, id) < (${position.score}::float8, ${position.id})`}
        order by score desc, id desc limit ${want}`;
    });
  } catch (error) {
    if (errorCode(error) === CANCELED) return null;
    throw error;
  }
}
