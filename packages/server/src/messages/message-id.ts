import { randomFillSync } from "node:crypto";

/** Random bytes are taken from the system for so many ids at a time: one call for each id would cost more than the id. */
const POOLED_IDS = 256;
const ID_BYTES = 16;

const pool = Buffer.allocUnsafe(POOLED_IDS * ID_BYTES);
let used = pool.length;

/** A UUID of version 7 (RFC 9562): it begins with the time, so that the index grows at its end. */
export function newMessageId(now: number = Date.now()): string {
  if (used === pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + ID_BYTES);
  used += ID_BYTES;
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
