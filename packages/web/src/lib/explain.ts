import { type ErrorCode, ParlorError } from "@parlor/protocol";
import type { Words } from "../words/en.js";
import { words } from "../words/words.js";

/** Words for each code that people meet; `null` where the server's own detail says more, or nobody is meant to see it. */
const WORDS: Readonly<Record<ErrorCode, keyof Words["errors"] | null>> = {
  invalid_request: null,
  invalid_json: null,
  invalid_frame: null,
  rule_broken: null,
  blank_content: null,
  content_too_long: "contentTooLong",
  body_too_large: "tooLarge",
  file_too_large: "fileTooLarge",
  storage_full: "storageFull",
  upload_quota: "uploadQuota",
  range_invalid: null,
  unsupported_media: "notAPicture",
  not_a_picture: "notAPicture",
  not_found: null,
  user_not_found: "personGone",
  room_not_found: "roomNotFound",
  message_not_found: "messageGone",
  upload_not_found: "fileGone",
  file_not_found: "fileGone",
  method_not_allowed: null,
  session_required: "sessionEnded",
  session_ended: "sessionEnded",
  wrong_login: "wrongLogin",
  link_invalid: "linkInvalid",
  not_your_identity: "notYours",
  origin_not_allowed: null,
  forbidden: "forbidden",
  password_required: "passwordRequired",
  wrong_room_password: "wrongRoomPassword",
  wrong_password: "wrongPassword",
  banned: "banned",
  left_room: "leftRoom",
  name_taken: "nameTaken",
  cursor_reset: null,
  upload_offset: null,
  attachment_invalid: "attachmentInvalid",
  reaction_limit: "reactionLimit",
  pin_limit: "pinLimit",
  // Calls bring their own words: features/calls/call-words.ts.
  call_full: null,
  call_senders_full: null,
  call_server_away: null,
  call_locked: null,
  call_removed: null,
  call_ended: null,
  call_leg_gone: null,
  not_in_call: null,
  media_denied: null,
  media_missing: null,
  media_busy: null,
  rate_limited: "rateLimited",
  too_slow: "busy",
  going_away: "busy",
  unavailable: "unreachable",
  outbox_full: "outboxFull",
  overloaded: "busy",
  no_mailer: "noMailer",
  not_configured: "notConfigured",
  internal: "unknown",
};

/** The code of an error, where it has one. */
export function codeOf(error: unknown): ErrorCode | null {
  return error instanceof ParlorError ? error.code : null;
}

/** What happened and what to do, for a code with the server's detail as the fallback. */
export function explainCode(code: ErrorCode, detail: string): string {
  const key = WORDS[code];
  return key ? words.errors[key] : detail;
}

/** What happened and what to do. */
export function explain(error: unknown): string {
  return error instanceof ParlorError ? explainCode(error.code, error.message) : words.errors.unknown;
}
