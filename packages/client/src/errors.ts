import {
  ERRORS,
  type ErrorCode,
  errorEntry,
  isErrorCode,
  ParlorError,
  type ServerFrameOf,
} from "@parlor/protocol";

/** What a close code says where its reason is none of the catalogue's sentences. */
const CODE_OF_CLOSE: Readonly<Record<number, ErrorCode>> = {
  4003: "password_required",
  4004: "room_not_found",
  4401: "session_required",
  4403: "not_your_identity",
};

/** What an application can be told of an error; a request that was given up counts as a failed network. */
export function asParlorError(cause: unknown): ParlorError {
  if (cause instanceof ParlorError) return cause;
  const isAbort = cause instanceof Error && cause.name === "AbortError";
  const code: ErrorCode = isAbort ? "unavailable" : "internal";
  return new ParlorError(code, undefined, { cause });
}

/** What a refusing frame says, in the words of the catalogue; a code of a newer server counts by its `retry`. */
export function refusal(frame: ServerFrameOf<"error">): ParlorError {
  const code = isErrorCode(frame.code) ? frame.code : frame.retry ? "unavailable" : "rule_broken";
  return new ParlorError(code, frame.detail);
}

/** Several errors share a close code: the reason, which is the catalogue's sentence, tells them apart. */
export function errorOfClose(code: number, reason: string): ParlorError {
  const codes = Object.keys(ERRORS).filter(isErrorCode);
  const named = codes.find((name) => errorEntry(name).close === code && errorEntry(name).detail === reason);
  return new ParlorError(named ?? CODE_OF_CLOSE[code] ?? "forbidden", reason || undefined);
}
