/** Builds a WebSocket text frame (RFC 6455 §5.2): unmasked, unfragmented, as servers send it. */
export function textFrame(json: string): Buffer {
  const length = Buffer.byteLength(json);
  const head = length < 126 ? 2 : length < 65_536 ? 4 : 10;
  const frame = Buffer.allocUnsafe(head + length);
  frame.writeUInt8(0x81, 0);
  if (head === 2) {
    frame.writeUInt8(length, 1);
  } else if (head === 4) {
    frame.writeUInt8(126, 1);
    frame.writeUInt16BE(length, 2);
  } else {
    frame.writeUInt8(127, 1);
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
  frame.write(json, head, "utf8");
  return frame;
}
