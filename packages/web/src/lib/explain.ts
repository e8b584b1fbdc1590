import { type ErrorCode, ParlorError } from "@parlor/protocol";
import { words } from "../words/words.js";

const { errors } = words;

/** Words for the codes that people meet. The others show the server's own detail. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  internal: errors.unknown,
  unavailable: errors.unreachable,
  rate_limited: errors.rateLimited,
  name_taken: errors.nameTaken,
  wrong_login: errors.wrongLogin,
  wrong_password: errors.wrongPassword,
  wrong_room_password: errors.wrongRoomPassword,
  no_mailer: errors.noMailer,
  link_invalid: errors.linkInvalid,
  not_a_picture: errors.notAPicture,
  unsupported_media: errors.notAPicture,
  body_too_large: errors.tooLarge,
  content_too_long: errors.contentTooLong,
  not_your_identity: errors.notYours,
  session_required: errors.sessionEnded,
  session_ended: errors.sessionEnded,
  room_not_found: errors.roomNotFound,
  password_required: errors.passwordRequired,
  banned: errors.banned,
  forbidden: errors.forbidden,
  message_not_found: errors.messageGone,
  reaction_limit: errors.reactionLimit,
  overloaded: errors.busy,
};

/** The code of an error, where it has one. */
export function codeOf(error: unknown): ErrorCode | null {
  return error instanceof ParlorError ? error.code : null;
}

/** What happened and what to do, for a code with the server's detail as the fallback. */
export function explainCode(code: ErrorCode, detail: string): string {
  return WORDS[code] ?? detail;
}

/** What happened and what to do. */
export function explain(error: unknown): string {
  return error instanceof ParlorError ? explainCode(error.code, error.message) : errors.unknown;
}
