import * as z from "zod/mini";
import { Id } from "./ids.js";
import { LIMITS } from "./limits.js";
import { label, text } from "./text.js";

/** What an attachment is to its reader. A voice message is audio that was recorded for the room. */
export const AttachmentKind = z.enum(["image", "video", "audio", "voice", "file"]);
export type AttachmentKind = z.infer<typeof AttachmentKind>;

/** Widths of the previews that are made of a picture, in pixels; one that is narrower keeps its width. */
export const PREVIEW_WIDTHS = [360, 1280] as const;

/** Id of an upload and of the file that it becomes. */
export const FileId = z.string().check(z.regex(/^[0-9a-f]{32}$/, "must be 32 hex digits"));

const edge = z.int().check(z.minimum(1), z.maximum(LIMITS.mediaEdge));
const peaks = z.array(z.int().check(z.minimum(0), z.maximum(255))).check(z.maxLength(LIMITS.waveformPeaks));

/** A file as a message carries it. Addresses are absolute for the reader, and open to whoever reads the room. */
export const Attachment = z.object({
  id: z.string(),
  kind: AttachmentKind,
  name: z.string(),
  /** Told by the bytes; `application/octet-stream` for what is not known. */
  type: z.string(),
  /** Bytes of the file as it is kept. */
  size: z.number(),
  /** Pixels as they are shown, upright. Of a picture they are the server's; of a video the sender's word. */
  width: z.nullable(z.number()),
  height: z.nullable(z.number()),
  /** Milliseconds, the sender's word. */
  duration_ms: z.nullable(z.number()),
  /** A picture's ThumbHash in base64, to show while it loads. */
  placeholder: z.nullable(z.string()),
  /** At most 100 peaks from 0 to 255, the sender's word. */
  waveform: z.nullable(z.array(z.number())),
  /** Whether a picture moves: its previews do not. */
  animated: z.boolean(),
  url: z.string(),
  /** Smaller copies of a picture by their width: `360` always, `1280` where the picture is wider than 360. */
  previews: z.record(z.string(), z.string()),
});
export type Attachment = z.infer<typeof Attachment>;

/** Body of `POST /rooms/{room_id}/uploads`. */
export const UploadCreate = z.object({
  name: label({ min: 1, max: LIMITS.fileNameLength }),
  size: z.int().check(z.minimum(1)),
  /** The sender's word; it decides only between the types that the bytes leave open. */
  type: z.optional(z.nullable(text({ max: 200 }))),
  /** Whether audio was recorded as a voice message; it needs `duration_ms`. */
  voice: z.optional(z.nullable(z.boolean())),
  width: z.optional(z.nullable(edge)),
  height: z.optional(z.nullable(edge)),
  duration_ms: z.optional(z.nullable(z.int().check(z.minimum(0), z.maximum(LIMITS.mediaMs)))),
  waveform: z.optional(z.nullable(peaks)),
  /** Who uploads, for an open guest; a session needs none. */
  user_id: z.optional(z.nullable(Id)),
});
export type UploadCreate = z.infer<typeof UploadCreate>;

/** How far an upload is. */
export const Upload = z.object({
  id: z.string(),
  room_id: z.string(),
  name: z.string(),
  size: z.number(),
  /** Bytes that the server has: where the next chunk begins. */
  offset: z.number(),
  /** Most bytes of one chunk. */
  chunk_bytes: z.number(),
  /** When an upload that is not finished, or a file that no message names, goes. */
  expires_at: z.nullable(z.string()),
  /** The finished file; `null` before. */
  attachment: z.nullable(Attachment),
});
export type Upload = z.infer<typeof Upload>;

/** What may be uploaded, to be said before somebody tries. */
export const Limits = z.object({
  /** Bytes of one file. */
  file_bytes: z.number(),
  /** Bytes that one user may upload within 24 hours. */
  daily_bytes: z.number(),
  /** Bytes of one chunk of an upload. */
  chunk_bytes: z.number(),
  /** Files of one message. */
  attachments: z.number(),
  /** UTF-16 units of one message. */
  content_length: z.number(),
});
export type Limits = z.infer<typeof Limits>;

/** Answer to `POST /rooms/{room_id}/file-key`. */
export const FileKey = z.object({
  /** Goes behind the address of a file of this room as `?key=`. */
  key: z.string(),
  expires_at: z.string(),
});
export type FileKey = z.infer<typeof FileKey>;
