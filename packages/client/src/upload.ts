import { type Attachment, errorEntry, ParlorError, type Upload, type UploadCreate } from "@parlor/protocol";
import { type Clock, startWait, systemClock } from "./clock.js";
import { asParlorError } from "./errors.js";
import { retryDelay } from "./retry.js";
import { withTimeout } from "./timeout.js";

/** The first chunk; each that goes through quickly doubles the next, one that is lost halves it. */
const FIRST_CHUNK = 256 * 1024;
const SMALLEST_CHUNK = 16 * 1024;
/** Milliseconds under which a chunk counts as quick. */
const QUICK = 1_500;
const CHUNK_TIMEOUT = 60_000;
const REQUEST_TIMEOUT = 15_000;
/** An error of the server's own that comes back so often is about this file. */
const INTERNAL_TRIES = 6;

/** How far an upload is, in bytes. */
export interface UploadProgress {
  readonly sent: number;
  readonly total: number;
}

/** What is known of a file that is uploaded, and who wants to hear of it. */
export interface UploadOptions {
  /** The name of a `File`, else `file`. */
  readonly name?: string | undefined;
  /** The type of the `Blob`; it decides only between what the bytes leave open. */
  readonly type?: string | undefined;
  /** Pixels of a video. */
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  /** Milliseconds of audio or video. */
  readonly durationMs?: number | undefined;
  /** At most 100 peaks from 0 to 255. */
  readonly waveform?: readonly number[] | undefined;
  /** Whether audio is a voice message; it needs `durationMs`. */
  readonly voice?: boolean | undefined;
  /** Who uploads, for a guest without a session. */
  readonly userId?: string | undefined;
  /** Goes on with an upload that was begun earlier, of the same file. */
  readonly resume?: string | undefined;
  /** Called with the id as soon as there is one, so that a later life of the page can go on with it. */
  readonly onStart?: ((uploadId: string) => void) | undefined;
  readonly onProgress?: ((progress: UploadProgress) => void) | undefined;
  /** Cancels the upload: the server forgets what it has. */
  readonly signal?: AbortSignal | undefined;
  readonly clock?: Clock | undefined;
  /** A number from 0 up to 1, for jitter. */
  readonly random?: (() => number) | undefined;
}

/** The calls that an upload makes; each throws a `ParlorError`. */
export interface UploadCalls {
  begin(body: UploadCreate, signal: AbortSignal): Promise<Upload>;
  ask(id: string, signal: AbortSignal): Promise<Upload>;
  append(id: string, offset: number, bytes: Blob, signal: AbortSignal): Promise<Upload>;
  cancel(id: string): Promise<unknown>;
}

/**
 * Uploads a file in chunks and answers what it became. What passes (no network, a busy server) is tried again from
 * where the server stands, for as long as it takes; a refusal for good is thrown.
 */
export async function uploadFile(
  calls: UploadCalls,
  blob: Blob,
  options: UploadOptions,
): Promise<Attachment> {
  const { clock = systemClock, random = Math.random, onProgress } = options;
  const signal = options.signal ?? new AbortController().signal;
  let upload: Upload | null = null;
  let chunkBytes = FIRST_CHUNK;
  let tries = 0;
  let furthest = -1;

  const within = <T>(ms: number, run: (own: AbortSignal) => Promise<T>) =>
    withTimeout(clock, ms, signal, run);

  /** Asks where the server stands, or begins. */
  async function locate(): Promise<Upload> {
    const known = upload?.id ?? options.resume;
    if (known !== undefined) return await within(REQUEST_TIMEOUT, (own) => calls.ask(known, own));
    const begun = await within(REQUEST_TIMEOUT, (own) => calls.begin(describe(blob, options), own));
    options.onStart?.(begun.id);
    return begun;
  }

  async function sendNext({ id, offset, chunk_bytes }: Upload): Promise<Upload> {
    chunkBytes = Math.min(chunkBytes, chunk_bytes);
    const chunk = blob.slice(offset, offset + chunkBytes);
    const begun = clock.now();
    const next = await within(CHUNK_TIMEOUT, (own) => calls.append(id, offset, chunk, own));
    if (clock.now() - begun < QUICK) chunkBytes = Math.min(chunk_bytes, chunkBytes * 2);
    return next;
  }

  try {
    for (let isKnown = false; ; ) {
      try {
        upload = isKnown && upload ? await sendNext(upload) : await locate();
        if (upload.size !== blob.size)
          throw new ParlorError("rule_broken", "This upload is of another file.");
        isKnown = true;
        // An answer that only says where the server stands is no progress: what fails there would fail for ever.
        if (upload.offset > furthest) tries = 0;
        furthest = Math.max(furthest, upload.offset);
        onProgress?.({ sent: upload.offset, total: upload.size });
        if (upload.attachment) return upload.attachment;
      } catch (cause) {
        signal.throwIfAborted();
        const error = asParlorError(cause);
        const canShrink = error.code === "body_too_large" && chunkBytes > SMALLEST_CHUNK;
        const isFinal =
          !errorEntry(error.code).retry || (error.code === "internal" && tries >= INTERNAL_TRIES);
        if (!canShrink && isFinal) throw error;
        chunkBytes = Math.max(SMALLEST_CHUNK, Math.floor(chunkBytes / 2));
        isKnown = false;
        const wait = canShrink ? 0 : retryDelay({ tries, retryAfter: error.retryAfter, random: random() });
        tries += 1;
        await startWait(clock, wait ?? 0, signal).over;
        signal.throwIfAborted();
      }
    }
  } catch (error) {
    const id = (upload as Upload | null)?.id ?? options.resume;
    if (signal.aborted && id !== undefined) await calls.cancel(id).catch(() => {});
    throw error;
  }
}

function describe(blob: Blob, options: UploadOptions): UploadCreate {
  const named = "name" in blob && typeof blob.name === "string" ? blob.name : "file";
  return {
    name: options.name ?? (named || "file"),
    size: blob.size,
    type: options.type ?? (blob.type || null),
    voice: options.voice ?? null,
    width: options.width ?? null,
    height: options.height ?? null,
    duration_ms: options.durationMs ?? null,
    waveform: options.waveform ? [...options.waveform] : null,
    user_id: options.userId ?? null,
  };
}
