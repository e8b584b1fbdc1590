import { readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorEntry, type RecordingNote } from "@parlor/protocol";
import type { Query } from "../../db/database.js";
import { toParlorError } from "../../db/trouble.js";
import { unlessMissing } from "../../disk.js";
import type { FilesService } from "../../files/service.js";
import type { Logger } from "../../log.js";
import type { MessagesService } from "../../messages/service.js";
import { createQueue } from "../../queue.js";
import { type Mixed, mix, removeUnpacked } from "./mux.js";
import { findPrograms } from "./programs.js";
import * as store from "./store.js";

/** Recordings that wait to be made ready; no call is recorded while there are so many. */
const WAITING = 20;
/** A recording at which the server ended so many times is given up. */
const TRIES = 3;
/** What the database does not take is tried again after so long, and then each time after twice as long. */
const AGAIN_AFTER = 1_000;
const AGAIN_AT_MOST = 30_000;
/** What could not be made ready is kept for so long, for the operator. */
const KEPT_FOR = 7 * 24 * 60 * 60_000;

/**
 * Makes files of recordings that have ended, one at a time, and puts them into the history. What a restart interrupts is
 * begun anew afterwards.
 */
export function createFinishing(parts: {
  sql: Query;
  files: FilesService;
  messages: MessagesService;
  names: (userId: string, fallback: string) => string;
  folder: string;
  bytes: number;
  /** Ids of the recordings that go on. */
  running: () => readonly string[];
  log: Logger;
}) {
  const { sql, files, messages, names, folder, bytes, log } = parts;
  const queue = createQueue({ slots: 1, waiting: WAITING });
  const closing = new AbortController();
  /** Those that wait, or are being worked on. */
  const under = new Map<string, Promise<void>>();
  const timers = new Set<NodeJS.Timeout>();

  async function finish(id: string): Promise<void> {
    if (closing.signal.aborted) return;
    const row = await store.tryRecording(sql, id);
    const own = join(folder, id);
    if (!row) {
      // Its room is gone, and nobody may see it any more.
      await rm(own, { recursive: true, force: true });
      await store.deleteRecording(sql, id);
      return;
    }
    const note = row.tries > TRIES ? failed(row) : await make(row, own);
    if (note.outcome === "failed") await giveUp(row, own, note);
    else await rm(own, { recursive: true, force: true });
    await store.deleteRecording(sql, id);
    log.info({ recording: id, outcome: note.outcome }, "a recording of a call is in the history");
  }

  /** `undefined` where no file can be made of what there is: the same would happen again. */
  async function mixOnce(row: store.RecordingRow, own: string): Promise<Mixed | null | undefined> {
    try {
      const programs = await findPrograms();
      if (Array.isArray(programs)) throw new Error(`there is no ${programs.join(" and no ")}`);
      await removeUnpacked(own);
      return await mix(own, { programs, bytes, signal: closing.signal, log });
    } catch (error) {
      closing.signal.throwIfAborted();
      log.error({ err: error, recording: row.id }, "a recording of a call could not be made ready");
      return undefined;
    }
  }

  async function make(row: store.RecordingRow, own: string): Promise<RecordingNote> {
    const mixed = await mixOnce(row, own);
    if (mixed === undefined) return failed(row);
    const note = noteOf(row, mixed ? "kept" : "empty", mixed?.duration ?? 0);
    try {
      const file = mixed && (await files.adopt(mixed.path, await ownFileOf(row, mixed)));
      await post(row, note, file ? [file.id] : []);
      return note;
    } catch (error) {
      closing.signal.throwIfAborted();
      if (errorEntry(toParlorError(error).code).retry) throw error;
      log.error({ err: error, recording: row.id }, "a recording of a call could not be kept");
      return failed(row);
    }
  }

  /** Says that there is no file. What Janus wrote stays for a while: its operator may know better. */
  async function giveUp(row: store.RecordingRow, own: string, note: RecordingNote): Promise<void> {
    await unlessMissing(removeUnpacked(own));
    await post(row, note, []).catch(async (error: unknown) => {
      if (toParlorError(error).code !== "room_not_found") throw error;
      // What was recorded goes with its room.
      await rm(own, { recursive: true, force: true });
    });
  }

  async function post(row: store.RecordingRow, note: RecordingNote, attachments: string[]): Promise<void> {
    const author = { id: row.started_by, shown_name: names(row.started_by, row.started_by) };
    // With its own id the same message is stored once, whatever happens after it.
    await messages.post(row.room_id, author, {
      clientId: row.id,
      content: wordsFor(note),
      recording: note,
      extras: { attachments },
    });
  }

  /** Does something again that failed so many times before. */
  function later(failures: number, work: () => void): void {
    const delay = Math.min(AGAIN_AT_MOST, AGAIN_AFTER * 2 ** failures);
    const timer = setTimeout(() => {
      timers.delete(timer);
      if (!closing.signal.aborted) work();
    }, delay);
    timer.unref();
    timers.add(timer);
  }

  /** Takes up what a process of before left, as soon as the database tells it. */
  function takeUp(failures = 0): void {
    store
      .takeUpRecordings(sql, [...parts.running(), ...under.keys()])
      .then((rows) => {
        for (const { id } of rows) enqueue(id);
      })
      .catch((err: unknown) => {
        if (closing.signal.aborted) return;
        log.warn({ err }, "recordings of before are taken up later");
        later(failures, () => takeUp(failures + 1));
      });
  }

  function enqueue(id: string, failures = 0): void {
    const work: Promise<void> = queue
      .run(() => finish(id))
      .catch(async (err: unknown) => {
        if (closing.signal.aborted) return;
        // Where the database is away, this one counts.
        await store.forgiveTry(sql, id).catch(() => {});
        log.warn({ err, recording: id }, "a recording of a call is made ready later");
        later(failures, () => enqueue(id, failures + 1));
      })
      .finally(() => {
        if (under.get(id) === work) under.delete(id);
      });
    under.set(id, work);
  }

  /** Removes what nobody knows any more, once it is old. */
  async function sweep(now: number): Promise<void> {
    for (const name of (await unlessMissing(readdir(folder))) ?? []) {
      if (!/^[0-9a-f-]{36}$/.test(name)) continue;
      const seen = await unlessMissing(stat(join(folder, name)));
      if (!seen || seen.mtimeMs > now - KEPT_FOR || (await store.hasRecording(sql, name))) continue;
      await rm(join(folder, name), { recursive: true, force: true });
    }
  }

  return {
    enqueue: (id: string) => enqueue(id),
    sweep,

    /** How many wait, and are worked on. */
    get size(): number {
      return under.size + timers.size;
    },

    takeUp: () => takeUp(),

    /** Stops; what is under way is begun anew with the next start. */
    async close(): Promise<void> {
      closing.abort();
      for (const timer of timers) clearTimeout(timer);
      await Promise.all(under.values());
    },
  };
}

async function ownFileOf(row: store.RecordingRow, mixed: Mixed) {
  const day = row.started_at.toISOString().slice(0, 16).replace("T", " ").replace(":", ".");
  return {
    roomId: row.room_id,
    userId: row.started_by,
    name: `Recording ${day}.webm`,
    type: mixed.size ? "video/webm" : "audio/webm",
    size: (await stat(mixed.path)).size,
    width: mixed.size?.width ?? null,
    height: mixed.size?.height ?? null,
    durationMs: Math.round(mixed.duration),
  };
}

function noteOf(
  { id, call_id, started_at, ended }: store.RecordingRow,
  outcome: RecordingNote["outcome"],
  duration: number,
): RecordingNote {
  return {
    id,
    call_id,
    started_at: started_at.toISOString(),
    duration_ms: Math.round(duration),
    outcome,
    ended: ended ?? "restart",
  };
}

function failed(row: store.RecordingRow): RecordingNote {
  return noteOf(row, "failed", 0);
}

/** For clients that do not know the field `recording`. */
function wordsFor({ outcome, duration_ms }: RecordingNote): string {
  if (outcome === "empty") return "The call was recorded while nobody was heard or seen.";
  if (outcome === "failed") return "The recording of the call could not be made ready.";
  const minutes = Math.round(duration_ms / 60_000);
  return minutes < 1
    ? "Recording of the call, less than a minute."
    : `Recording of the call, ${minutes} min.`;
}
