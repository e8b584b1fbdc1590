import { randomBytes } from "node:crypto";
import { request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";

/** An answer as it came, with its path sent exactly as given (`fetch` would tidy it up). */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly text: string;
}

/** Sends a request whose path goes over the wire as it is. */
export function rawRequest(
  { port }: { port: number },
  method: string,
  path: string,
  options: { headers?: Record<string, string>; body?: string | Buffer } = {},
): Promise<RawAnswer> {
  return new Promise((resolve, reject) => {
    const { body } = options;
    const length = body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };
    const headers = { ...options.headers, ...length };
    const request = httpRequest({ port, host: "127.0.0.1", method, path, headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
      );
      response.on("error", reject);
    });
    request.on("error", reject);
    request.on("upgrade", (response, socket) => {
      socket.destroy();
      resolve({ status: response.statusCode ?? 0, headers: response.headers, text: "" });
    });
    request.end(body);
  });
}

/** The bytes of a handshake. */
export function upgradeBytes({ port }: { port: number }, path: string): Buffer {
  const lines = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "Origin: http://localhost:3000",
  ];
  return Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
}

/** A masked frame of a client, with every bit as told. */
export function clientFrame(head: number, payload: Buffer, claimed: number = payload.length): Buffer {
  const short = claimed < 126;
  const size = Buffer.alloc(short ? 1 : claimed < 65_536 ? 3 : 9);
  if (short) size.writeUInt8(0x80 | claimed);
  else if (size.length === 3) {
    size.writeUInt8(0xfe);
    size.writeUInt16BE(claimed, 1);
  } else {
    size.writeUInt8(0xff);
    size.writeBigUInt64BE(BigInt(claimed), 1);
  }
  const mask = Buffer.from([1, 2, 3, 4]);
  const masked = Buffer.from(payload.map((byte, index) => byte ^ ((index % 4) + 1)));
  return Buffer.concat([Buffer.from([head]), size, mask, masked]);
}

/** A TCP connection that keeps what it gets. */
export interface RawSocket {
  readonly socket: Socket;
  text(): string;
  /** Resolves when the other side ended, or after `ms`. */
  ended(ms: number): Promise<void>;
  /** Resolves when the other side has sent something or ended. */
  answered(): Promise<void>;
}

/** Connects and keeps what comes. */
export async function rawSocket({ port }: { port: number }): Promise<RawSocket> {
  const socket = connect(port, "127.0.0.1");
  let got = "";
  socket.setEncoding("latin1");
  socket.on("data", (chunk: string) => {
    got = (got + chunk).slice(0, 4_000);
  });
  socket.on("error", () => {});
  const begun = new Promise<void>((resolve) => socket.once("data", () => resolve()));
  const over = new Promise<void>((resolve) => socket.once("close", () => resolve()));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", resolve);
    socket.once("error", reject);
  });
  return {
    socket,
    text: () => got,
    answered: () => Promise.race([begun, over]),
    async ended(ms) {
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        over,
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, ms);
        }),
      ]);
      clearTimeout(timer);
    },
  };
}

/** Numbers from 0 to 1 that a seed decides (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}
