/** Called with each whole frame: the payload lies in `buffer` from `start` to `end`. */
export type OnFrame = (opcode: number, buffer: Buffer, start: number, end: number) => void;

/** The longest header of a server's frame: it has no mask. */
const LONGEST_HEADER = 10;

/**
 * Walks over the frames of a stream without copying them or reading what is in them; only a frame that was split over
 * two reads is put together in a buffer of its own.
 */
export function createFrameWalker(onFrame: OnFrame) {
  let part = Buffer.alloc(0);
  let have = 0;

  /** Takes what is missing of the split frame; answers how much that was. */
  function complete(chunk: Buffer, length: number): number {
    let at = 0;
    while (at < length) {
      const whole = frameLength(part, 0, have);
      const want = whole < 0 ? have + 1 : whole;
      if (part.length < want) part = Buffer.concat([part.subarray(0, have)], Math.max(want, 1024));
      const taken = Math.min(want - have, length - at);
      chunk.copy(part, have, at, at + taken);
      have += taken;
      at += taken;
      if (whole >= 0 && have === whole) {
        have = 0;
        onFrame((part[0] ?? 0) & 15, part, headerLength(part, 0), whole);
        return at;
      }
    }
    return at;
  }

  return {
    /** Takes the first `length` bytes of `chunk`, which may be overwritten afterwards. */
    feed(chunk: Buffer, length: number): void {
      let at = have > 0 ? complete(chunk, length) : 0;
      while (at < length) {
        const whole = frameLength(chunk, at, length);
        if (whole < 0 || at + whole > length) break;
        onFrame((chunk[at] ?? 0) & 15, chunk, at + headerLength(chunk, at), at + whole);
        at += whole;
      }
      if (at === length) return;
      const rest = length - at;
      if (part.length < rest) part = Buffer.alloc(Math.max(rest, 1024));
      chunk.copy(part, 0, at, length);
      have = rest;
    },
  };
}

/** Bytes of the frame at `at`, header included; -1 while the header is not whole. */
function frameLength(buffer: Buffer, at: number, end: number): number {
  if (end - at < 2) return -1;
  const header = headerLength(buffer, at);
  if (end - at < header) return -1;
  const short = (buffer[at + 1] ?? 0) & 127;
  if (short < 126) return header + short;
  if (short === 126) return header + buffer.readUInt16BE(at + 2);
  return header + Number(buffer.readBigUInt64BE(at + 2));
}

function headerLength(buffer: Buffer, at: number): number {
  const short = (buffer[at + 1] ?? 0) & 127;
  if (short < 126) return 2;
  return short === 126 ? 4 : LONGEST_HEADER;
}
