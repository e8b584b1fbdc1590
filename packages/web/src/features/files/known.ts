import type { Attachment } from "@parlor/protocol";

/** A message holds ten; the outbox hundreds of messages. */
const MOST = 1_000;
const known = new Map<string, Attachment>();

/** Remembers an own file for the line that waits for the server; beyond a thousand the oldest goes. */
export function rememberFile(file: Attachment): void {
  known.delete(file.id);
  known.set(file.id, file);
  const oldest = known.size > MOST ? known.keys().next().value : undefined;
  if (oldest !== undefined) known.delete(oldest);
}

/** An own file that this page uploaded. */
export function knownFile(id: string): Attachment | undefined {
  return known.get(id);
}
