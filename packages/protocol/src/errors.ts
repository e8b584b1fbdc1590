/** What a client does with an error: table instead of text. */
export interface ErrorEntry {
  /** HTTP status of a REST answer. */
  readonly status: number;
  /** WebSocket close code, where the error ends a socket. */
  readonly close?: number;
  /** Whether the same request can succeed later without a change. */
  readonly retry: boolean;
  /** What happened and what to do, for a person. */
  readonly detail: string;
}

/** Every error of Parlor: code, HTTP status, close code, whether to retry. */
export const ERRORS = {
  invalid_request: { status: 422, retry: false, detail: "The request does not have the expected shape." },
  invalid_json: { status: 422, retry: false, detail: "The body is not valid JSON." },
  invalid_frame: { status: 422, retry: false, detail: "Invalid message format" },
  rule_broken: { status: 400, retry: false, detail: "The request breaks a rule." },
  blank_content: { status: 400, retry: false, detail: "A message needs some text." },
  content_too_long: {
    status: 413,
    retry: false,
    detail: "A message holds at most 100,000 characters. Send it in parts or as a file.",
  },
  body_too_large: { status: 413, close: 1009, retry: false, detail: "The request is too large." },
  file_too_large: { status: 413, retry: false, detail: "This file is too large for this server." },
  storage_full: {
    status: 507,
    retry: false,
    detail: "The server has no room for more files. Its operator can make some.",
  },
  upload_quota: {
    status: 429,
    retry: false,
    detail: "You have uploaded as much as you may within 24 hours. Try again later.",
  },
  range_invalid: { status: 416, retry: false, detail: "The file does not reach as far as this range." },
  unsupported_media: { status: 415, retry: false, detail: "This kind of content is not accepted here." },
  not_a_picture: {
    status: 415,
    retry: false,
    detail: "This file is not a picture that can be read. Send a JPEG, PNG, WebP, GIF or AVIF.",
  },
  not_found: { status: 404, retry: false, detail: "Not found" },
  user_not_found: { status: 404, retry: false, detail: "User not found" },
  room_not_found: { status: 404, close: 4004, retry: false, detail: "Room not found" },
  message_not_found: { status: 404, retry: false, detail: "Message not found" },
  upload_not_found: {
    status: 404,
    retry: false,
    detail: "This upload is not there any more. Begin it anew.",
  },
  file_not_found: { status: 404, retry: false, detail: "File not found" },
  method_not_allowed: { status: 405, retry: false, detail: "Method not allowed" },
  session_required: {
    status: 401,
    close: 4401,
    retry: false,
    detail: "Sign in first: this account acts only with its own session.",
  },
  session_ended: { status: 401, close: 4401, retry: false, detail: "Your session has ended. Sign in again." },
  wrong_login: { status: 401, retry: false, detail: "Wrong username or password." },
  link_invalid: {
    status: 401,
    retry: false,
    detail: "This sign-in link is not valid any more. Ask for a new one.",
  },
  not_your_identity: {
    status: 403,
    close: 4403,
    retry: false,
    detail: "This user belongs to another session. Use the browser it was made in, or sign in.",
  },
  origin_not_allowed: {
    status: 403,
    close: 4403,
    retry: false,
    detail: "This origin is not allowed. The operator can add it to ALLOWED_ORIGINS.",
  },
  forbidden: { status: 403, retry: false, detail: "You may not do this." },
  password_required: {
    status: 403,
    close: 4003,
    retry: false,
    detail: "This room needs its password. Enter it first.",
  },
  wrong_room_password: { status: 403, retry: false, detail: "Wrong room password." },
  wrong_password: { status: 403, retry: false, detail: "The current password is wrong." },
  banned: { status: 403, close: 4403, retry: false, detail: "You were removed from this room." },
  left_room: {
    status: 403,
    close: 4403,
    retry: false,
    detail: "You left this room. Join it again to go on.",
  },
  name_taken: { status: 409, retry: false, detail: "Username already registered" },
  cursor_reset: {
    status: 409,
    retry: false,
    detail: "The history was restored from a backup: open it fresh, without a cursor.",
  },
  upload_offset: {
    status: 409,
    retry: true,
    detail: "This chunk does not continue the upload. Ask where it stands and go on from there.",
  },
  attachment_invalid: {
    status: 400,
    retry: false,
    detail: "An attachment is not there, not finished, already sent, or not yours. Upload the file anew.",
  },
  reaction_limit: { status: 409, retry: false, detail: "A message takes at most 50 different reactions." },
  pin_limit: {
    status: 409,
    retry: false,
    detail: "A room holds at most 100 pinned messages. Unpin one first.",
  },
  call_full: {
    status: 409,
    retry: false,
    detail: "This call is full. It holds more people where the operator has set up a media server.",
  },
  call_senders_full: {
    status: 409,
    retry: false,
    detail: "This call has as many cameras and screens as it can carry. You can take part with your voice.",
  },
  call_server_away: {
    status: 503,
    retry: true,
    detail: "A call of this size needs its media server, which can not be reached. Try again in a moment.",
  },
  call_locked: {
    status: 403,
    retry: false,
    detail: "This call is locked. Ask somebody in it to let you in.",
  },
  call_removed: { status: 403, retry: false, detail: "You were removed from this call." },
  call_ended: { status: 409, retry: false, detail: "This call has ended." },
  not_in_call: { status: 409, retry: false, detail: "You are not in this call. Join it first." },
  call_leg_gone: { status: 404, retry: false, detail: "This person is not in the call any more." },
  rate_limited: {
    status: 429,
    close: 4429,
    retry: true,
    detail: "Too many requests. Wait a moment and try again.",
  },
  too_slow: {
    status: 503,
    close: 4008,
    retry: true,
    detail: "The connection is too slow for the stream; it resumes.",
  },
  going_away: {
    status: 503,
    close: 1012,
    retry: true,
    detail: "The server restarts; the connection resumes.",
  },
  unavailable: {
    status: 503,
    retry: true,
    detail: "The database cannot be reached at the moment. Try again in a moment.",
  },
  /** The SDK's alone: no server answers it. */
  outbox_full: {
    status: 507,
    retry: true,
    detail: "Too many messages wait to be sent here. Send this one when they are on their way.",
  },
  /** Of the SDK's calls alone. */
  media_denied: {
    status: 403,
    retry: false,
    detail: "The browser does not let this page use it. Allow it beside the address, then try again.",
  },
  media_missing: {
    status: 404,
    retry: false,
    detail: "There is no such device. Plug one in, or take part without.",
  },
  media_busy: {
    status: 409,
    retry: true,
    detail: "The device does not start. Close what else may use it, then try again.",
  },
  overloaded: { status: 503, retry: true, detail: "The server is busy. Try again in a moment." },
  no_mailer: {
    status: 503,
    retry: false,
    detail: "This server sends no mail. Sign in with a password, or ask the operator to set SMTP_URL.",
  },
  not_configured: { status: 503, retry: false, detail: "This feature is not set up on this server." },
  internal: { status: 500, retry: true, detail: "Something went wrong on the server. Try again." },
} as const satisfies Record<string, ErrorEntry>;

/** Name of an error in the catalogue. */
export type ErrorCode = keyof typeof ERRORS;

/** The catalogue's entry with its optional fields typed. */
export function errorEntry(code: ErrorCode): ErrorEntry {
  return ERRORS[code];
}

/** Whether a text from the wire is a code of the catalogue. */
export function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(ERRORS, code);
}

/** The only error that Parlor's own code throws at a caller: a code of the catalogue, and words for this case. */
export class ParlorError extends Error {
  override readonly name = "ParlorError";
  readonly code: ErrorCode;
  /** Milliseconds after which a retry makes sense, where that is known. */
  readonly retryAfter: number | undefined;

  constructor(code: ErrorCode, detail?: string, options?: { retryAfter?: number; cause?: unknown }) {
    super(detail ?? ERRORS[code].detail, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfter = options?.retryAfter;
  }
}

/**
 * Close codes after which a client does not come back by itself: the room is unknown (4004), needs its password
 * (4003), the identity or origin is refused (4403), or a sign-in is needed (4401).
 */
export const FATAL_CLOSE_CODES: ReadonlySet<number> = new Set([4003, 4004, 4401, 4403]);
