/** One WebSocket frame as it came over the line. */
export interface RawFrame {
  readonly opcode: number;
  readonly bytes: Buffer;
  /** The text of an unfragmented text frame, without its mask; empty for others. */
  text(): string;
}

const TEXT = 1;

/** Cuts a stream of bytes into whole WebSocket frames. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;

  /** Takes bytes; answers the frames that are now complete. */
  push(chunk: Buffer): RawFrame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: RawFrame[] = [];
    for (let frame = this.#shift(); frame !== null; frame = this.#shift()) frames.push(frame);
    return frames;
  }

  #shift(): RawFrame | null {
    if (this.#length < 2) return null;
    const waiting =
      this.#chunks.length === 1 ? (this.#chunks[0] ?? Buffer.alloc(0)) : Buffer.concat(this.#chunks);
    this.#chunks = [waiting];
    const [first = 0, second = 0] = waiting;
    let [offset, length] = [2, second & 0x7f];
    if (length === 126) {
      if (waiting.length < 4) return null;
      [offset, length] = [4, waiting.readUInt16BE(2)];
    } else if (length === 127) {
      if (waiting.length < 10) return null;
      [offset, length] = [10, Number(waiting.readBigUInt64BE(2))];
    }
    const isMasked = (second & 0x80) !== 0;
    const body = offset + (isMasked ? 4 : 0);
    if (waiting.length < body + length) return null;
    const bytes = waiting.subarray(0, body + length);
    this.#chunks = [waiting.subarray(body + length)];
    this.#length = waiting.length - bytes.length;
    const opcode = first & 0x0f;
    const isWholeText = opcode === TEXT && (first & 0x80) !== 0;
    return {
      opcode,
      bytes,
      text: () => (isWholeText ? unmask(bytes, isMasked ? offset : -1, body).toString("utf8") : ""),
    };
  }
}

function unmask(bytes: Buffer, maskAt: number, body: number): Buffer {
  if (maskAt < 0) return bytes.subarray(body);
  const clear = Buffer.from(bytes.subarray(body));
  for (let i = 0; i < clear.length; i++) clear[i] = (clear[i] ?? 0) ^ (bytes[maskAt + (i % 4)] ?? 0);
  return clear;
}
