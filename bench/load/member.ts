import { connect, type Socket } from "node:net";
import { clientFrame, textFrame } from "./client-frame.js";
import { createFrameWalker } from "./frame-walker.js";
import type { Target } from "./spec.js";

/** Ports of one client address that are used; a further address is taken for the next ones. */
const PORTS_PER_ADDRESS = 20_000;
/** Tries to find a free port. */
const ATTEMPTS = 20;
/** The sample key of RFC 6455; the floor server knows its answer by heart. */
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";
const ORIGIN = "http://localhost:3000";
const PICTURE = encodeURIComponent("https://ui-avatars.com/api/?name=User");

/** One read of all members; what is in it is looked at before the next read. */
const shared = Buffer.alloc(1 << 20);

/** Where and as whom a member connects. */
export interface MemberOptions {
  readonly target: Target;
  readonly roomId: string;
  readonly userId: string;
  readonly username: string;
  /** Counts the members, over all rooms. */
  readonly index: number;
  readonly onText: (buffer: Buffer, start: number, end: number) => void;
  readonly onBytes: (count: number) => void;
  /** The server ended the connection, or refused it. */
  readonly onLost: (why: string) => void;
}

/** A connected member. */
export interface Member {
  send(frame: Buffer): void;
  /** Ends the connection with a reset, so that thousands of them leave no waiting ports behind. */
  drop(): void;
}

/** Where a member comes from: one address has too few ports for tens of thousands. The first needs no choice. */
function addressOf(index: number): { localAddress?: string } {
  const number = Math.floor(index / PORTS_PER_ADDRESS);
  return number === 0 ? {} : { localAddress: `127.0.0.${1 + number}` };
}

/** Connects a member; resolves when it is in its room. A port that is just taken is left for another. */
export async function connectMember(options: MemberOptions): Promise<Member> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await attemptMember(options);
    } catch (error) {
      if (attempt === ATTEMPTS || !(error instanceof Error) || !/EADDR/.test(error.message)) throw error;
    }
  }
}

function attemptMember(options: MemberOptions): Promise<Member> {
  return new Promise((resolve, reject) => {
    let state: "handshake" | "greeting" | "open" | "dropped" = "handshake";
    let head = Buffer.alloc(0);
    const member: Member = {
      send: (frame) => void socket.write(frame),
      drop() {
        state = "dropped";
        socket.resetAndDestroy();
      },
    };
    const lost = (why: string) => {
      if (state === "dropped") return;
      const opened = state === "open";
      state = "dropped";
      socket.destroy();
      if (opened) options.onLost(why);
      else reject(new Error(`member ${options.index} did not get in: ${why}`));
    };
    const open = () => {
      state = "open";
      resolve(member);
    };
    const walker = createFrameWalker((opcode, buffer, start, end) => {
      if (opcode === 1) {
        if (options.target.protocol === "ws") return options.onText(buffer, start, end);
        return onPacket(buffer, start, end);
      }
      if (opcode === 9) member.send(clientFrame(10, Buffer.from(buffer.subarray(start, end))));
      else if (opcode === 8) lost(`closed with ${end - start >= 2 ? buffer.readUInt16BE(start) : "no code"}`);
    });
    /** Socket.IO in its own framing: "0" opens, "40" has connected, "2" is its ping, "42" an event. */
    function onPacket(buffer: Buffer, start: number, end: number): void {
      const kind = buffer[start];
      if (kind === 0x30) member.send(textFrame("40"));
      else if (kind === 0x32) member.send(textFrame("3"));
      else if (kind === 0x34 && buffer[start + 1] === 0x30) {
        const { roomId, userId, username } = options;
        member.send(textFrame(`42${JSON.stringify(["join", { room: roomId, user_id: userId, username }])}`));
      } else if (state === "greeting") open();
      else options.onText(buffer, start, end);
    }
    function onHead(length: number): void {
      head = Buffer.concat([head, shared.subarray(0, length)]);
      const end = head.indexOf("\r\n\r\n");
      if (end < 0) return;
      const status = head.toString("latin1", 0, 12);
      if (status !== "HTTP/1.1 101") {
        lost(`refused with ${status}`);
        return;
      }
      const rest = head.subarray(end + 4);
      head = Buffer.alloc(0);
      if (options.target.protocol === "ws") open();
      else state = "greeting";
      walker.feed(rest, rest.length);
    }
    const socket: Socket = connect({
      port: options.target.port,
      host: "127.0.0.1",
      ...addressOf(options.index),
      noDelay: true,
      onread: {
        buffer: shared,
        callback(length) {
          options.onBytes(length);
          if (state === "handshake") onHead(length);
          else if (state !== "dropped") walker.feed(shared, length);
          return true;
        },
      },
    });
    socket.on("error", (error) => lost(error.message));
    socket.on("close", () => lost("the connection ended"));
    socket.write(handshake(options));
  });
}

function handshake({ target, roomId, userId, username }: MemberOptions): string {
  const path =
    target.protocol === "ws"
      ? `/ws/${roomId}/${userId}?username=${username}&avatar_url=${PICTURE}`
      : "/socket.io/?EIO=4&transport=websocket";
  const headers = [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${target.port}`,
    `Origin: ${ORIGIN}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${KEY}`,
    "Sec-WebSocket-Version: 13",
  ];
  return `${headers.join("\r\n")}\r\n\r\n`;
}
