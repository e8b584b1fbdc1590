import { chmod, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { ParlorError, type RecordingNote } from "@parlor/protocol";
import type { RecordingConfig } from "../../config.js";
import type { Query } from "../../db/database.js";
import type { FilesService } from "../../files/service.js";
import type { Logger } from "../../log.js";
import { newMessageId } from "../../messages/message-id.js";
import type { MessagesService } from "../../messages/service.js";
import type { Call } from "../call.js";
import { createFinishing } from "./finishing.js";
import { bytesIn } from "./mux.js";
import { findPrograms } from "./programs.js";
import * as store from "./store.js";

/** Calls that are recorded at one time, and recordings that wait to be made ready meanwhile. */
const AT_ONCE = 8;
const UNFINISHED = 16;
/** How often the bounds of a recording are looked at, in milliseconds. */
const LOOK_EVERY = 5_000;
/** Room that has to be free for one to begin, and for it to go on. */
const BEGIN_BYTES = 1024 * 1024 * 1024;
const GO_ON_BYTES = 256 * 1024 * 1024;

interface Running {
  readonly call: Call;
  readonly id: string;
  readonly since: number;
}

/** Recordings of calls, from a moderator's word to the message in the history. */
export function createRecordings(parts: {
  sql: Query;
  files: FilesService;
  messages: MessagesService;
  names: (userId: string, fallback: string) => string;
  config: RecordingConfig;
  /** Whether there is what calls are recorded with. */
  isCarried: boolean;
  /** Brings a call to where it can be recorded. */
  promote: (call: Call) => Promise<void>;
  tell: (call: Call) => void;
  log: Logger;
}) {
  const { sql, files, config, isCarried, promote, tell, log } = parts;
  const running = new Map<Call, Running>();
  const starting = new Set<Call>();
  const finishing = createFinishing({
    ...parts,
    folder: config.folder,
    bytes: config.bytes,
    running: () => [...running.keys(), ...starting].flatMap(({ recording }) => recording?.id ?? []),
  });
  const ending = new Set<Promise<void>>();
  let isSetUp = false;
  let isClosed = false;

  /** Throws for what keeps this server from recording. */
  async function requireSetUp(): Promise<void> {
    if (!isCarried)
      throw new ParlorError(
        "not_configured",
        "This server records no calls: it has no Janus. Its operator can set one up.",
      );
    const programs = await findPrograms();
    isSetUp = !Array.isArray(programs);
    if (Array.isArray(programs))
      throw new ParlorError(
        "not_configured",
        `This server records no calls: it has no ${programs.join(" and no ")}. Its operator can install what is missing.`,
      );
  }

  async function makeFolder(folder: string): Promise<void> {
    try {
      await mkdir(folder, { recursive: true });
      // Where Janus is another user, it writes as one of the folder's group, which is that of the folder above.
      await chmod(folder, 0o2770);
    } catch (err) {
      log.warn({ err }, "the folder of recordings can not be written");
      throw new ParlorError(
        "not_configured",
        "This server records no calls: it can not write into its folder of recordings. Its operator can mend that.",
      );
    }
  }

  async function begin(call: Call, by: string): Promise<void> {
    await requireSetUp();
    const unfinished = running.size + starting.size + finishing.size;
    if (running.size + starting.size > AT_ONCE || unfinished > UNFINISHED)
      throw new ParlorError(
        "overloaded",
        "The server has as many recordings as it can take at the moment. Try again later.",
      );
    const id = newMessageId();
    const folder = join(config.folder, id);
    await makeFolder(folder);
    try {
      await files.requireRoomFor(BEGIN_BYTES, folder);
      await promote(call);
      await write(call, by, id, folder);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** Notes it, says it, and has it written. */
  async function write(call: Call, by: string, id: string, folder: string): Promise<void> {
    const now = new Date();
    await store.insertRecording(sql, {
      id,
      room_id: call.roomId,
      call_id: call.id,
      started_by: by,
      started_at: now,
    });
    try {
      requireGoing(call);
      call.recording = { id, by, started_at: now.toISOString() };
      // It is said first: each client answers it, and what it sends is recorded from then on.
      tell(call);
      await call.provider.record(call, { id, folder });
      requireGoing(call);
    } catch (error) {
      call.recording = null;
      await call.provider.record(call, null).catch(() => {});
      if (!call.isOver) tell(call);
      await store.deleteRecording(sql, id);
      throw error;
    }
    running.set(call, { call, id, since: performance.now() });
    log.info({ room: call.roomId, recording: id }, "a call is recorded");
  }

  function requireGoing(call: Call): void {
    if (isClosed) throw new ParlorError("going_away");
    if (call.isOver) throw new ParlorError("call_ended");
  }

  function stop(call: Call, ended: RecordingNote["ended"]): void {
    const own = running.get(call);
    if (!own) return;
    running.delete(call);
    call.recording = null;
    const work: Promise<void> = finish(call, own.id, ended).finally(() => ending.delete(work));
    ending.add(work);
  }

  async function finish(call: Call, id: string, ended: RecordingNote["ended"]): Promise<void> {
    try {
      await call.provider
        .record(call, null)
        .catch((err: unknown) => log.debug({ err }, "a call ended first"));
      await store.endRecording(sql, id, ended);
    } catch (err) {
      // The next start knows that it has ended.
      log.warn({ err }, "the end of a recording was not noted");
    }
    log.info({ room: call.roomId, recording: id, ended }, "a call is recorded no more");
    if (!isClosed) finishing.enqueue(id);
  }

  async function look(): Promise<void> {
    for (const { call, id, since } of [...running.values()]) {
      const isLong = performance.now() - since > config.milliseconds;
      if (!isLong && !(await isLarge(id))) continue;
      if (running.get(call)?.id !== id) continue;
      stop(call, "bound");
      tell(call);
    }
  }

  /** Whether a recording has as many bytes as it may, or the disk has no room for more. */
  async function isLarge(id: string): Promise<boolean> {
    try {
      if ((await bytesIn(join(config.folder, id))) > config.bytes) return true;
      await files.requireRoomFor(GO_ON_BYTES, config.folder);
      return false;
    } catch (error) {
      if (error instanceof ParlorError && error.code === "storage_full") return true;
      log.debug({ err: error }, "the size of a recording is not known at the moment");
      return false;
    }
  }

  const timer = setInterval(() => void look(), Math.min(LOOK_EVERY, config.milliseconds));
  timer.unref();
  requireSetUp().catch(() => {});
  finishing.takeUp();

  return {
    /** Whether calls can be recorded here, as far as is known. */
    get isSetUp(): boolean {
      return isSetUp;
    },

    /**
     * Begins to record a call; one that is recorded already goes on as it is. Throws `not_configured`,
     * `overloaded`, `call_server_away`, `storage_full`, `call_ended`.
     */
    async start(call: Call, by: string): Promise<void> {
      if (call.recording || starting.has(call)) return;
      starting.add(call);
      await begin(call, by).finally(() => starting.delete(call));
    },

    /** Ends the recording of a call, where there is one; its legs are told by the caller. */
    stop: (call: Call) => stop(call, "stopped"),

    /** Removes what nobody knows any more. Meant to run every hour. */
    sweep: (now: number) => finishing.sweep(now),

    /** The server stops: what is recorded is made ready after its next start. */
    async close(): Promise<void> {
      isClosed = true;
      clearInterval(timer);
      await Promise.all([...ending, finishing.close()]);
    },
  };
}
