import { type Message, ParlorError } from "@parlor/protocol";
import type { Database } from "../../db/database.js";
import { createQueue } from "../../queue.js";
import type { UsersService } from "../../users/service.js";
import { toMessages } from "../message.js";
import * as store from "../store.js";
import { type Highlight, highlight } from "./highlight.js";
import { type Cursor, findHits, type Hit, newestBucket, tiersFrom } from "./hits.js";
import { quoteLexeme, readQuery, toWordQuery, type WordQuery } from "./query.js";

/** Searches at one time, so that connections are left for everything else; and those that wait. */
const SLOTS = { slots: 3, waiting: 64 };
/** Milliseconds of a whole search; what was found until then is the answer. */
const PATIENCE = 3_000;

/** What is looked for, and where. */
export interface SearchInput {
  readonly text: string;
  /** The rooms that the caller may read. */
  readonly rooms: readonly string[];
  readonly fromUser?: string | undefined;
  readonly before?: Date | undefined;
  readonly after?: Date | undefined;
  readonly limit: number;
  readonly cursor?: string | undefined;
}

/** A page of hits. */
export interface SearchPage {
  readonly hits: (Highlight & { message: Message })[];
  /** Ask with it for what follows; `null` at the end. */
  readonly cursor: string | null;
  /** Whether time ran out before everything was looked at. */
  readonly partial: boolean;
}

export type SearchService = ReturnType<typeof createSearch>;

/** Full-text search over the index that the indexer fills. */
export function createSearch(parts: { database: Database; users: UsersService }) {
  const { database, users } = parts;
  const { sql } = database;
  const queue = createQueue(SLOTS);

  /**
   * Looks from the newest tier of documents on into older ones, each several times as large, until the page is full:
   * a word that is everywhere costs no more than a rare one.
   */
  async function collect(scope: string, words: WordQuery, input: SearchInput) {
    // One room has tiers of its own numbers: what other rooms wrote since does not push its messages back.
    const only = input.rooms.length === 1 ? (input.rooms[0] ?? null) : null;
    const top = await newestBucket(sql, only);
    const given = readCursor(input.cursor);
    const start = given ? { ...given, top: Math.min(top, given.top) } : { top, tier: 0, score: null, id: "" };
    const deadline = performance.now() + PATIENCE;
    const hits: Hit[] = [];
    let position: Cursor = start;
    for (const tier of tiersFrom(start.top, only)) {
      if (tier.number < start.tier) continue;
      if (tier.number > start.tier) position = { top: start.top, tier: tier.number, score: null, id: "" };
      const left = deadline - performance.now();
      const want = input.limit - hits.length + 1;
      const found =
        left > 0
          ? await findHits(database, { scope, words, tier, position, want, within: left, ...input })
          : null;
      if (found === null) return { hits, next: null, partial: true };
      hits.push(...found.map((hit) => ({ ...hit, tier: tier.number })));
      const last = hits[input.limit - 1];
      if (hits.length > input.limit && last) {
        const next: Cursor = { top: start.top, tier: last.tier, score: last.score, id: last.id };
        return { hits: hits.slice(0, input.limit), next, partial: false };
      }
    }
    return { hits, next: null, partial: false };
  }

  return {
    /** The messages that fit best, newer ones before older ones of the same worth. Never those that are deleted. */
    async find(input: SearchInput): Promise<SearchPage> {
      const words = await toWordQuery(sql, readQuery(input.text));
      if (!words || input.rooms.length === 0) return { hits: [], cursor: null, partial: false };
      const rooms = input.rooms.map((id) => quoteLexeme(`\x01${id}`)).join("|");
      const author = input.fromUser === undefined ? "" : `&${quoteLexeme(`\x02${input.fromUser}`)}`;
      const scope = `${input.rooms.length === 1 ? "" : `&(${rooms})`}${author}`;
      const { hits, next, partial } = await queue.run(() => collect(scope, words, input));
      const rows = await store.findMessages(
        sql,
        hits.map(({ id }) => id),
      );
      // The index runs behind the log: what was deleted a moment ago is not shown.
      const alive = rows.filter(({ deleted_at }) => deleted_at === null);
      const messages = new Map(
        (await toMessages({ sql, users }, alive)).map((message) => [message.id, message]),
      );
      return {
        hits: hits.flatMap(({ id }) => {
          const message = messages.get(id);
          return message ? [{ message, ...highlight(message.content, words.words) }] : [];
        }),
        cursor: next && writeCursor(next),
        partial,
      };
    },
  };
}

function writeCursor({ top, tier, score, id }: Cursor): string {
  return Buffer.from(JSON.stringify([top, tier, score, id])).toString("base64url");
}

function readCursor(text: string | undefined): Cursor | null {
  if (text === undefined) return null;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, "base64url").toString("utf8"));
    if (Array.isArray(value)) {
      const [top, tier, score, id] = value as unknown[];
      const isPlace = Number.isSafeInteger(top) && Number(top) >= 0 && Number.isSafeInteger(tier);
      if (isPlace && Number.isFinite(score) && typeof id === "string" && /^[\w.:-]{1,300}$/.test(id))
        return { top: Number(top), tier: Number(tier), score: Number(score), id };
    }
  } catch {
    // Told below, as for a cursor of another shape.
  }
  throw new ParlorError("invalid_request", "query.cursor: must be the cursor of an answer");
}
