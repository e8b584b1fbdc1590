import type { Message } from "@parlor/protocol";
import { createBoundedMap } from "../bounded-map.js";
import type { Bus } from "../bus/bus.js";
import { roomFrame } from "../bus/frame.js";
import type { Query } from "../db/database.js";
import type { Logger } from "../log.js";
import { plain } from "../plain.js";
import type { UsersService } from "../users/service.js";
import { toMessages } from "./message.js";
import type { RecentChanges } from "./recent-changes.js";
import type { MessageRow } from "./store.js";
import * as store from "./store.js";

/** Rooms whose last published number is kept; of one that was not used for longest the next number counts as the next. */
const KNOWN_ROOMS = 50_000;
/** Missing numbers read at one time. */
const WINDOW = 100;
/** Missing numbers that are published; above it the jump stays, and clients with a cursor ask for the rest. */
const FILL = 5_000;

/** A change of the log that was committed; `created` when it is its message's first. */
export interface Change {
  readonly row: MessageRow;
  readonly created: boolean;
}

export type Publisher = ReturnType<typeof createPublisher>;

/**
 * Hands the change log on to the bus, number by number. It knows each room's last published number; when what it is to
 * publish does not follow on from it (the outcome of a commit was unknown, or another process wrote), what is between
 * is read from the database and published first. A room's calls must come one after the other.
 */
export function createPublisher(parts: {
  sql: Query;
  bus: Bus;
  users: UsersService;
  recent: RecentChanges;
  log: Logger;
}) {
  const { sql, bus, users, recent, log } = parts;
  const published = createBoundedMap<string, number>(KNOWN_ROOMS);
  const mayInform = atMostOncePerSecond();

  function noteStored(message: Message): void {
    const informs = mayInform();
    if (!informs && !log.isLevelEnabled("debug")) return;
    const line = `💬 Message stored: ${plain(message.username)} in ${plain(message.room_id)}`;
    if (informs) log.info(line);
    else log.debug(line);
  }

  async function emit(changes: readonly Change[], committedAt: number | null): Promise<readonly Message[]> {
    const messages = await toMessages(
      { sql, users },
      changes.map(({ row }) => row),
    );
    for (const [index, { row, created }] of changes.entries()) {
      const message = messages[index];
      if (!message) continue;
      published.set(row.room_id, row.updated_seq);
      recent.add(row);
      bus.publish(row.room_id, changeFrame(message, { created, committedAt }));
      if (created) noteStored(message);
    }
    return messages;
  }

  /** Publishes what is missing up to `head`, one frame for each number. */
  async function fill(roomId: string, head: number): Promise<void> {
    const last = published.get(roomId);
    if (last === undefined || last >= head) return;
    if (head - last > FILL) {
      log.warn(
        { room: roomId, from: last + 1, to: head },
        "too many changes from elsewhere to tell them live",
      );
      published.set(roomId, head);
      return;
    }
    for (let from = last + 1; from <= head; from += WINDOW) {
      const to = Math.min(head, from + WINDOW - 1);
      const rows = await store.messagesByNumber(sql, roomId, from, to);
      await emit(
        rows.map(({ number, ...row }) => ({
          row: { ...row, updated_seq: number },
          created: row.seq === number,
        })),
        null,
      );
      published.set(roomId, to);
    }
  }

  return {
    /**
     * Publishes what was committed, after whatever is missing before it, and answers the messages as they are shown. May
     * be called again when it failed.
     */
    async publish(changes: readonly Change[]): Promise<readonly Message[]> {
      const committedAt = performance.now();
      const first = new Map<string, number>();
      for (const { row } of changes) if (!first.has(row.room_id)) first.set(row.room_id, row.updated_seq);
      for (const [roomId, number] of first) {
        if (number > (published.get(roomId) ?? number) + 1) await fill(roomId, number - 1);
      }
      return await emit(changes, committedAt);
    },

    fill,

    /** Tells the number up to which nobody here waits for a room's changes, unless that is known better. */
    begin(roomId: string, head: number): void {
      if (published.get(roomId) === undefined) published.set(roomId, head);
    },

    /** Forgets a room that is there no more. */
    forget: (roomId: string) => published.delete(roomId),

    /** The number up to which a room's changes were published; `undefined` when that is not known. */
    head: (roomId: string): number | undefined => published.get(roomId),

    isBehind: (roomId: string, head: number): boolean => head > (published.get(roomId) ?? head),
  };
}

/** The live frame of a change. */
function changeFrame(
  message: Message,
  { created, committedAt }: { created: boolean; committedAt: number | null },
) {
  const seq = message.updated_seq;
  const { room_id, id } = message;
  if (message.deleted_at !== null) {
    const frame = { type: "message_deleted", room_id, id, seq: message.seq, updated_seq: seq } as const;
    return roomFrame(frame, { resumeOnly: true, seq, committedAt });
  }
  if (created) return roomFrame(message, { seq, committedAt });
  return roomFrame({ type: "message_updated", room_id, message }, { resumeOnly: true, seq, committedAt });
}

function atMostOncePerSecond(): () => boolean {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const now = performance.now();
    if (now - last < 1_000) return false;
    last = now;
    return true;
  };
}
