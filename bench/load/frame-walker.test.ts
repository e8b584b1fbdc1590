import fc from "fast-check";
import { expect, test } from "vitest";
import { clientFrame, createMessageFrames, readMark } from "./client-frame.js";
import { createFrameWalker } from "./frame-walker.js";

/** A frame as a server writes it: without a mask. */
function serverFrame(payload: Buffer): Buffer {
  if (payload.length < 126) return Buffer.concat([Buffer.from([0x81, payload.length]), payload]);
  const head = Buffer.alloc(payload.length <= 0xff_ff ? 4 : 10);
  head[0] = 0x81;
  if (head.length === 4) {
    head[1] = 126;
    head.writeUInt16BE(payload.length, 2);
  } else {
    head[1] = 127;
    head.writeBigUInt64BE(BigInt(payload.length), 2);
  }
  return Buffer.concat([head, payload]);
}

test("[BENCH1] every frame of a stream is found, wherever the reads cut it", () => {
  const size = fc.oneof(
    fc.nat(140),
    fc.constantFrom(0, 125, 126, 127, 65_535, 65_536),
    fc.integer({ min: 500, max: 3000 }),
  );
  fc.assert(
    fc.property(
      fc.array(size, { maxLength: 12 }),
      fc.infiniteStream(fc.integer({ min: 1, max: 5000 })),
      (sizes, cuts) => {
        const payloads = sizes.map((length, index) => Buffer.alloc(length, index + 1));
        const stream = Buffer.concat(payloads.map(serverFrame));
        const found: Buffer[] = [];
        const walker = createFrameWalker((opcode, buffer, start, end) => {
          expect(opcode).toBe(1);
          found.push(Buffer.from(buffer.subarray(start, end)));
        });
        const shared = Buffer.alloc(5000);
        for (let at = 0; at < stream.length; ) {
          const length = Math.min(cuts.next().value ?? 1, stream.length - at);
          stream.copy(shared, 0, at, at + length);
          walker.feed(shared, length);
          shared.fill(0xff, 0, length);
          at += length;
        }
        expect(found.map((payload) => payload.length)).toEqual(sizes);
        expect(Buffer.concat(found).equals(Buffer.concat(payloads))).toBe(true);
      },
    ),
  );
});

test("[BENCH1] a message carries its number to where it is read", () => {
  const frameOf = createMessageFrames("ws", 70);
  for (const index of [0, 1, 0xab_cd, 0xff_ff_ff_fe]) {
    const frame = frameOf(index);
    const mask = frame.subarray(2, 6);
    const head = (frame[1] ?? 0) & 127;
    expect(head).toBeLessThan(126);
    const text = Buffer.from(frame.subarray(6).map((byte, at) => byte ^ (mask[at & 3] ?? 0)));
    expect(JSON.parse(text.toString())).toMatchObject({ type: "message" });
    expect(readMark(text, text.indexOf("@T"))).toBe(index);
  }
});

test("[BENCH1] a longer payload has its length in the frame", () => {
  const frame = clientFrame(2, Buffer.alloc(300));
  expect([frame[1], frame.readUInt16BE(2), frame.length]).toEqual([0x80 | 126, 300, 308]);
});
