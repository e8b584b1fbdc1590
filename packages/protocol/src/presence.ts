/**
 * A number by which two sides see whether they know the same people, in whatever order: the sum, in 32 bits, of the
 * FNV-1a hashes of their ids (which are ASCII).
 */
export function presenceHash(userIds: Iterable<string>): number {
  let sum = 0;
  for (const id of userIds) {
    let hash = 0x811c9dc5;
    for (let index = 0; index < id.length; index += 1)
      hash = Math.imul(hash ^ id.charCodeAt(index), 0x01000193);
    sum = (sum + hash) >>> 0;
  }
  return sum;
}

/** How many people are in a room, and the {@link presenceHash} of their ids. */
export interface PresenceDigest {
  readonly count: number;
  readonly hash: number;
}
