import type { AddressInfo } from "node:net";
import { createConnection, createServer, type Socket } from "node:net";

/** A frame on its way: who sends it, and its text. */
export interface PassingFrame {
  readonly to: "client" | "server";
  readonly text: string;
}

/** A middlebox that swallows single WebSocket frames and leaves the connection as it is. */
export interface FrameProxy {
  readonly url: string;
  /** Decides on each text frame of every WebSocket; `null` lets all pass. */
  swallow(decide: ((frame: PassingFrame) => boolean) | null): void;
  /** WebSockets that were opened through it. */
  readonly opened: number;
  readonly swallowed: number;
  close(): Promise<void>;
}

/** Starts a middlebox before the server that listens on `port` of this machine. */
export async function startFrameProxy(port: number): Promise<FrameProxy> {
  const sockets = new Set<Socket>();
  let decide: ((frame: PassingFrame) => boolean) | null = null;
  let opened = 0;
  let swallowed = 0;

  const passes = (to: PassingFrame["to"]) => (head: number, payload: Buffer) => {
    if ((head & 0x0f) !== 1 || !decide?.({ to, text: String(payload) })) return true;
    swallowed += 1;
    return false;
  };

  const server = createServer((client) => {
    const upstream = createConnection(port, "127.0.0.1");
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    client.on("close", () => upstream.destroy());
    upstream.on("close", () => client.destroy());
    client.once("data", (first) => {
      upstream.write(first);
      if (first.toString("latin1", 0, 8) !== "GET /ws/") {
        client.pipe(upstream);
        upstream.pipe(client);
        return;
      }
      opened += 1;
      client.on("data", filterFrames(upstream, passes("server")));
      let head = Buffer.alloc(0);
      const filter = filterFrames(client, passes("client"));
      const onHead = (chunk: Buffer) => {
        head = Buffer.concat([head, chunk]);
        const end = head.indexOf("\r\n\r\n");
        if (end < 0) return;
        upstream.off("data", onHead);
        upstream.on("data", filter);
        client.write(head.subarray(0, end + 4));
        filter(head.subarray(end + 4));
      };
      upstream.on("data", onHead);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));

  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    swallow(next) {
      decide = next;
    },
    get opened() {
      return opened;
    },
    get swallowed() {
      return swallowed;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** Cuts a stream into WebSocket frames (RFC 6455 §5.2) and hands on those that pass. */
function filterFrames(
  target: Socket,
  passes: (head: number, payload: Buffer) => boolean,
): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    for (;;) {
      const frame = firstFrame(rest);
      if (!frame) return;
      if (passes(frame.head, frame.payload)) target.write(rest.subarray(0, frame.size));
      rest = rest.subarray(frame.size);
    }
  };
}

function firstFrame(bytes: Buffer): { head: number; payload: Buffer; size: number } | null {
  if (bytes.length < 2) return null;
  const short = bytes.readUInt8(1) & 0x7f;
  const isMasked = (bytes.readUInt8(1) & 0x80) !== 0;
  const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
  const start = 2 + extra + (isMasked ? 4 : 0);
  if (bytes.length < start) return null;
  const length = extra === 0 ? short : extra === 2 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  const size = start + length;
  if (bytes.length < size) return null;
  const payload = Buffer.from(bytes.subarray(start, size));
  if (isMasked) {
    const mask = bytes.subarray(start - 4, start);
    for (let index = 0; index < length; index += 1)
      payload[index] = (payload[index] ?? 0) ^ (mask[index % 4] ?? 0);
  }
  return { head: bytes.readUInt8(0), payload, size };
}
