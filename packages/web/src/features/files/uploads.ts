import type { AttachmentKind, ErrorCode, Limits } from "@parlor/protocol";
import { LIMITS, ParlorError } from "@parlor/protocol";
import { api, call, reportIdentityError } from "../../lib/api.js";
import { toast } from "../../ui/toast.js";
import { words } from "../../words/words.js";
import { formatSize } from "./attachment.js";
import { readLimits } from "./limits.js";
import { type Media, readMedia } from "./media.js";
import { itemOf, type Tray, type TrayItem, trayOf } from "./tray.js";

/** Uploads at one time; the others wait their turn. */
const AT_ONCE = 2;

interface Job {
  readonly tray: Tray;
  readonly key: string;
  readonly file: File;
  readonly media: Promise<Media>;
  readonly stop: AbortController;
  uploadId?: string;
}

const jobs = new Map<string, Job>();
const queue: Job[] = [];
let running = 0;
let lastKey = 0;

/** What is known of a recording. */
export interface Recording {
  readonly durationMs: number;
  readonly waveform: readonly number[];
}

/** Begins to upload files for the next message of a room; what does not fit is refused with a word, not in silence. */
export async function addFiles(tray: Tray, files: readonly File[], voice?: Recording): Promise<void> {
  const limits = await readLimits();
  for (const [index, file] of files.entries()) {
    const refusal = refusalOf(file, limits);
    if (refusal) {
      toast(refusal, "error");
      continue;
    }
    if (!start(tray, file, voice)) {
      toast(words.files.tooMany(LIMITS.attachments, files.length - index), "error");
      return;
    }
  }
}

function refusalOf(file: File, limits: Limits | null): string | null {
  if (file.size === 0) return words.files.empty(file.name);
  if (limits && file.size > limits.file_bytes)
    return words.files.tooLarge(file.name, formatSize(file.size), formatSize(limits.file_bytes));
  return null;
}

function start(tray: Tray, file: File, voice: Recording | undefined): boolean {
  const key = `upload:${++lastKey}`;
  const kind = voice ? "voice" : kindOf(file.type);
  const item: TrayItem = {
    key,
    name: file.name,
    size: file.size,
    kind,
    thumb: kind === "image" ? URL.createObjectURL(file) : null,
    status: "waiting",
    sent: 0,
    failure: null,
    attachment: null,
  };
  if (!tray.add(item)) return false;
  const media = voice ? Promise.resolve<Media>({ voice: true, ...voice }) : readMedia(file, kind);
  const job: Job = { tray, key, file, media, stop: new AbortController() };
  jobs.set(key, job);
  queue.push(job);
  pump();
  return true;
}

function pump(): void {
  while (running < AT_ONCE) {
    const job = queue.shift();
    if (!job) return;
    running += 1;
    void run(job).finally(() => {
      running -= 1;
      pump();
    });
  }
}

async function run(job: Job): Promise<void> {
  const { tray, key, file, stop } = job;
  if (stop.signal.aborted) return;
  tray.change(key, { status: "sending", failure: null });
  try {
    const attachment = await api.upload(tray.roomId, file, {
      ...(await job.media),
      userId: tray.userId,
      signal: stop.signal,
      resume: job.uploadId,
      onStart: (id) => {
        job.uploadId = id;
      },
      onProgress: ({ sent }) => tray.change(key, { sent }),
    });
    jobs.delete(key);
    tray.change(key, { status: "done", sent: file.size, attachment });
  } catch (error) {
    if (stop.signal.aborted) return;
    reportIdentityError(error);
    tray.change(key, { status: "failed", failure: failureOf(error) });
  }
}

function failureOf(error: unknown): { code: ErrorCode; detail: string } {
  return error instanceof ParlorError
    ? { code: error.code, detail: error.message }
    : { code: "internal", detail: words.errors.unknown };
}

/** Tries a failed upload again, from where it came to; one that the server forgot begins anew. */
export function retryUpload(key: string): void {
  const job = jobs.get(key);
  if (!job) return;
  const failed = job.tray.state.items.find((item) => item.key === key)?.failure;
  if (failed && failed.code !== "unavailable") delete job.uploadId;
  job.tray.change(key, { status: "waiting", failure: null });
  queue.push(job);
  pump();
}

/** Takes a file out of the next message; the server forgets it. */
export function cancelUpload(tray: Tray, key: string): void {
  const job = jobs.get(key);
  jobs.delete(key);
  const id = tray.state.items.find((item) => item.key === key)?.attachment?.id;
  tray.remove(key);
  job?.stop.abort();
  // One that nobody cancels goes by itself after a day.
  if (id) void forgetFile(id, tray.userId);
}

async function forgetFile(id: string, userId: string): Promise<void> {
  try {
    await call("cancelUpload", { params: { upload_id: id }, query: { user_id: userId } });
  } catch {
    // See above.
  }
}

/** Puts the files of a message that was not sent back to the next one. */
export async function putBack(roomId: string, userId: string, ids: readonly string[]): Promise<void> {
  const tray = trayOf(roomId, userId);
  for (const id of ids) {
    try {
      const upload = await call("getUpload", { params: { upload_id: id }, query: { user_id: userId } });
      if (upload.attachment) tray.add(itemOf(upload.attachment));
    } catch {
      toast(words.files.gone, "error");
      return;
    }
  }
}

function kindOf(type: string): AttachmentKind {
  const [family] = type.split("/");
  return family === "image" || family === "video" || family === "audio" ? family : "file";
}
