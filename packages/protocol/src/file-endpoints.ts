import * as z from "zod/mini";
import { actErrors, endpoint, roomErrors, roomId } from "./endpoint.js";
import type { ErrorCode } from "./errors.js";
import { FileId, FileKey, Limits, Upload, UploadCreate } from "./file.js";
import { Id } from "./ids.js";

const upload = z.object({ upload_id: FileId });
const actor = z.object({ user_id: z.optional(Id) });
const uploadErrors: ErrorCode[] = ["upload_not_found", "password_required", "banned", ...actErrors];

/** Routes of uploads and files. */
export const fileEndpoints = {
  getLimits: endpoint({
    method: "GET",
    path: "/limits",
    tag: "files",
    summary: "Tell what may be sent and uploaded",
    reply: Limits,
  }),
  createUpload: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/uploads",
    tag: "files",
    summary: "Begin an upload for a message in a room",
    params: roomId,
    body: UploadCreate,
    reply: Upload,
    errors: [...roomErrors, "file_too_large", "upload_quota", "storage_full", "rule_broken", "unavailable"],
  }),
  appendUpload: endpoint({
    method: "PATCH",
    path: "/uploads/{upload_id}",
    tag: "files",
    summary: "Send the next bytes of an upload; the last ones finish it",
    params: upload,
    query: actor,
    bytes: "request",
    headers: [{ name: "Upload-Offset", required: true, says: "Where these bytes begin in the file" }],
    reply: Upload,
    errors: [
      ...uploadErrors,
      "upload_offset",
      "body_too_large",
      "unsupported_media",
      "storage_full",
      "unavailable",
      "overloaded",
    ],
  }),
  getUpload: endpoint({
    method: "GET",
    path: "/uploads/{upload_id}",
    tag: "files",
    summary: "Tell how far an upload is (`HEAD`: in `Upload-Offset`)",
    params: upload,
    query: actor,
    reply: Upload,
    errors: uploadErrors,
  }),
  cancelUpload: endpoint({
    method: "DELETE",
    path: "/uploads/{upload_id}",
    tag: "files",
    summary: "Cancel an upload, or throw away a file that was not sent",
    params: upload,
    query: actor,
    reply: z.object({ success: z.literal(true) }),
    errors: [...uploadErrors, "rule_broken"],
  }),
  createFileKey: endpoint({
    method: "POST",
    path: "/rooms/{room_id}/file-key",
    tag: "files",
    summary: "Make a short-lived key that opens this room's files where no cookie goes",
    params: roomId,
    reply: FileKey,
    errors: ["room_not_found", "password_required", "forbidden", "banned"],
  }),
  getFile: endpoint({
    method: "GET",
    path: "/files/{file_id}/{name}",
    tag: "files",
    summary: "Read a file of a room, whole or a range of it",
    params: z.object({ file_id: FileId, name: z.string() }),
    query: z.object({
      /** A preview's width. */
      size: z.optional(z.enum(["360", "1280"])),
      /** `1`: to be saved, not shown. */
      download: z.optional(z.string()),
      key: z.optional(z.string().check(z.maxLength(1_000))),
    }),
    bytes: "reply",
    headers: [
      { name: "Range", required: false, says: "`bytes=FIRST-LAST`, one range" },
      { name: "If-None-Match", required: false, says: "The `ETag` that is known" },
    ],
    reply: z.string(),
    errors: ["file_not_found", "password_required", "forbidden", "range_invalid"],
  }),
};
