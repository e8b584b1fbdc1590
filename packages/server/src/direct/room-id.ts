import { createHash } from "node:crypto";
import { isId } from "@parlor/protocol";

/**
 * The id of the private room of two people: `dm:<lower id>:<higher id>`. Where an id holds a colon that could be read in
 * two ways, and where both are long it would be none: then it is `dm::` and a hash of both, which no other pair has.
 */
export function directRoomId(a: string, b: string): string {
  const plain = plainRoomId(a, b);
  if (!a.includes(":") && !b.includes(":") && isId(plain)) return plain;
  const hash = createHash("sha256")
    .update(JSON.stringify([a, b].sort()))
    .digest("hex");
  return `dm::${hash}`;
}

/** The id that every pair had once: the oldest of the conversations that share it keeps it. */
export function plainRoomId(a: string, b: string): string {
  return a < b ? `dm:${a}:${b}` : `dm:${b}:${a}`;
}
