import type { Readable } from "node:stream";
import { LIMITS, ParlorError } from "@parlor/protocol";

/** Bytes of chunks that are in memory at a time. */
const HELD_BYTES = 64 * 1024 * 1024;
/** Longest time for one chunk. */
const CHUNK_MS = 120_000;

/** Reads chunks of uploads, a bounded number of bytes at a time. */
export function createChunkReader(heldBytes = HELD_BYTES) {
  let held = 0;
  return {
    /**
     * Reads a chunk and hands it on. One that is cut off by the network counts as far as it came, so that slow
     * connections get on as well.
     */
    async read<T>(body: Readable, use: (chunk: Buffer) => Promise<T>): Promise<T> {
      const parts: Buffer[] = [];
      let own = 0;
      const late = setTimeout(() => body.destroy(), CHUNK_MS);
      try {
        try {
          for await (const part of body as AsyncIterable<Buffer>) {
            own += part.length;
            held += part.length;
            if (own > LIMITS.chunkBytes) throw tooLarge();
            if (held > heldBytes) throw new ParlorError("overloaded");
            parts.push(part);
          }
        } catch (error) {
          if (error instanceof ParlorError) throw error;
        }
        return await use(Buffer.concat(parts));
      } finally {
        clearTimeout(late);
        held -= own;
      }
    },
  };
}

function tooLarge(): ParlorError {
  return new ParlorError("body_too_large", `A chunk has at most ${LIMITS.chunkBytes} bytes.`);
}
