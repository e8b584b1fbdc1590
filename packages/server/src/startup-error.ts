/** A failure at start that the person who runs Parlor can mend: its message is the one line to show. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

/** The code of a system or PostgreSQL error ("ENOENT", "28P01"), if it has one. */
export function errorCode(error: unknown): string | undefined {
  if (typeof error !== "object" || error === null || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** The text of whatever was thrown, on one line. */
export function errorText(error: unknown): string {
  const text = error instanceof Error ? error.message || (errorCode(error) ?? error.name) : String(error);
  return text.replace(/\s*\n\s*/g, " ").trim();
}
