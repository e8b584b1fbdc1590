/** A name for a log line: without control and format characters, which could forge lines or hide text. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "").slice(0, 200);
}
