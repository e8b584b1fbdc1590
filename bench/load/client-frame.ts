/** A fixed mask is legal framing, and spares work on both sides of the measurement. */
const MASK = Buffer.from([0x5a, 0x13, 0xc7, 0x2e]);

/** Letters of the mark in each message: `@T` and eight hexadecimal digits. */
export const MARK_LENGTH = 10;

/** The longest payload that a client frame of the generator has. */
const LONGEST = 0xff_ff;

/** A masked frame of a client. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  if (payload.length > LONGEST) throw new Error("a frame of the generator is too long");
  const head = payload.length < 126 ? 2 : 4;
  const frame = Buffer.allocUnsafe(head + 4 + payload.length);
  frame[0] = 0x80 | opcode;
  if (head === 2) {
    frame[1] = 0x80 | payload.length;
  } else {
    frame[1] = 0x80 | 126;
    frame.writeUInt16BE(payload.length, 2);
  }
  MASK.copy(frame, head);
  for (let i = 0; i < payload.length; i += 1) {
    frame[head + 4 + i] = (payload[i] ?? 0) ^ (MASK[i & 3] ?? 0);
  }
  return frame;
}

/** A masked text frame. */
export function textFrame(text: string): Buffer {
  return clientFrame(1, Buffer.from(text));
}

/**
 * Makes the frames of chat messages, which differ in their mark alone: the template is masked once, and each message
 * replaces eight digits of it.
 */
export function createMessageFrames(protocol: "ws" | "socketio", contentBytes: number) {
  const content = `@T00000000${"x".repeat(Math.max(0, contentBytes - MARK_LENGTH))}`;
  const json =
    protocol === "ws"
      ? JSON.stringify({ type: "message", content })
      : `42${JSON.stringify(["message", { content }])}`;
  const template = textFrame(json);
  const digits = json.indexOf("@T") + 2;
  const at = template.length - json.length + digits;
  return (index: number): Buffer => {
    const frame = Buffer.from(template);
    for (let i = 0; i < 8; i += 1) {
      const digit = (index >>> (28 - 4 * i)) & 15;
      frame[at + i] = (digit < 10 ? 48 + digit : 87 + digit) ^ (MASK[(digits + i) & 3] ?? 0);
    }
    return frame;
  };
}

/** Reads the number of a mark of which `at` is the `@`. */
export function readMark(buffer: Buffer, at: number): number {
  let index = 0;
  for (let i = at + 2; i < at + MARK_LENGTH; i += 1) {
    const code = buffer[i] ?? 0;
    index = (index << 4) | (code < 58 ? code - 48 : code - 87);
  }
  return index >>> 0;
}
