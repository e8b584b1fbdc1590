import { createHash, createHmac, randomBytes } from "node:crypto";
import { createSocket } from "node:dgram";
import { connect } from "node:net";
import { connect as connectTls } from "node:tls";

/** Types of messages and attributes (RFC 8489, RFC 8656). */
const BINDING = 0x0001;
const ALLOCATE = 0x0003;
const CREATE_PERMISSION = 0x0008;
const USERNAME = 0x0006;
const MESSAGE_INTEGRITY = 0x0008;
const ERROR_CODE = 0x0009;
const XOR_PEER_ADDRESS = 0x0012;
const REALM = 0x0014;
const NONCE = 0x0015;
const REQUESTED_TRANSPORT = 0x0019;
const COOKIE = 0x2112a442;
const UDP = Buffer.from([17, 0, 0, 0]);
/** Longest wait for an answer, and the time after which a datagram is sent again. */
const PATIENCE = 4_000;
const REPEAT = 500;

/** A STUN or TURN server, as its URL names it. */
export interface RelayAddress {
  readonly host: string;
  readonly port: number;
  readonly transport: "udp" | "tcp" | "tls";
}

/** Credentials as Parlor gives them to a client. */
export interface RelayCredentials {
  readonly username: string;
  readonly credential: string;
}

/** What a relay said: error codes of the protocol, 200 for what was granted. */
export interface RelayAnswer {
  readonly allocation: number;
  /** Leave to send to each of the peers that were asked about; empty without a place. */
  readonly permissions: readonly number[];
}

type Attribute = readonly [number, Buffer];
type Attributes = ReadonlyMap<number, Buffer>;

/** Reads a `stun:`, `turn:` or `turns:` URL. */
export function readRelayUrl(url: string): RelayAddress {
  const match = /^(stuns?|turns?):(\[[^\]]+\]|[^:?]+)(?::(\d+))?(?:\?transport=(udp|tcp))?$/.exec(url);
  if (!match) throw new Error(`"${url}" is no address of a relay`);
  const [, scheme = "", host = "", port, transport] = match;
  const isTls = scheme.endsWith("s");
  return {
    host: host.replace(/^\[|\]$/g, ""),
    port: Number(port ?? (isTls ? 5349 : 3478)),
    transport: isTls ? "tls" : transport === "tcp" ? "tcp" : "udp",
  };
}

/** Asks a server for the own address, which needs no credentials. */
export async function askBinding(address: RelayAddress): Promise<void> {
  const line = await openLine(address);
  await line.ask(messageOf(BINDING, [], null)).finally(() => line.close());
}

/** Asks a relay for a place, and then for leave to send to each of `peers` (IPv4). */
export async function askRelay(
  address: RelayAddress,
  { username, credential }: RelayCredentials,
  peers: readonly string[] = [],
): Promise<RelayAnswer> {
  const line = await openLine(address);
  try {
    const challenge = await line.ask(messageOf(ALLOCATE, [[REQUESTED_TRANSPORT, UDP]], null));
    const realm = challenge.get(REALM) ?? Buffer.alloc(0);
    const key = createHash("md5").update(`${username}:${realm}:${credential}`).digest();
    const own: Attribute[] = [
      [USERNAME, Buffer.from(username)],
      [REALM, realm],
      [NONCE, challenge.get(NONCE) ?? Buffer.alloc(0)],
    ];
    const place = await line.ask(messageOf(ALLOCATE, [[REQUESTED_TRANSPORT, UDP], ...own], key));
    const allocation = codeOf(place);
    const permissions: number[] = [];
    for (const peer of allocation === 200 ? peers : []) {
      const wish: Attribute = [XOR_PEER_ADDRESS, peerOf(peer)];
      permissions.push(codeOf(await line.ask(messageOf(CREATE_PERMISSION, [wish, ...own], key))));
    }
    return { allocation, permissions };
  } finally {
    line.close();
  }
}

interface Line {
  /** Sends a message and waits for its answer. */
  ask(message: Buffer): Promise<Attributes>;
  close(): void;
}

async function openLine(address: RelayAddress): Promise<Line> {
  return address.transport === "udp" ? openDatagrams(address) : await openStream(address);
}

function openDatagrams({ host, port }: RelayAddress): Line {
  const socket = createSocket(host.includes(":") ? "udp6" : "udp4");
  return {
    ask: (message) =>
      waitFor((resolve, reject) => {
        const send = () => socket.send(message, port, host, (error) => error && reject(error));
        const timer = setInterval(send, REPEAT);
        const take = (answer: Buffer) => {
          if (isAnswerTo(answer, message)) resolve(attributesOf(answer));
        };
        socket.on("message", take);
        socket.on("error", reject);
        send();
        return () => {
          clearInterval(timer);
          socket.off("message", take);
          socket.off("error", reject);
        };
      }),
    close: () => socket.close(),
  };
}

async function openStream({ host, port, transport }: RelayAddress): Promise<Line> {
  const isTls = transport === "tls";
  const socket = isTls ? connectTls({ host, port, servername: host }) : connect(port, host);
  socket.on("error", () => {});
  await waitFor<void>((resolve, reject) => {
    socket.once(isTls ? "secureConnect" : "connect", resolve);
    socket.once("error", reject);
    return () => socket.off("error", reject);
  }).catch((error: unknown) => {
    socket.destroy();
    throw error;
  });
  let waiting = Buffer.alloc(0);
  return {
    ask: (message) =>
      waitFor((resolve, reject) => {
        const take = (chunk: Buffer) => {
          waiting = Buffer.concat([waiting, chunk]);
          while (waiting.length >= 20 && waiting.length >= 20 + waiting.readUInt16BE(2)) {
            const end = 20 + waiting.readUInt16BE(2);
            const answer = waiting.subarray(0, end);
            waiting = waiting.subarray(end);
            if (isAnswerTo(answer, message)) resolve(attributesOf(answer));
          }
        };
        const gone = () => reject(new Error("the relay closed the connection"));
        socket.on("data", take);
        socket.once("close", gone);
        socket.write(message);
        return () => {
          socket.off("data", take);
          socket.off("close", gone);
        };
      }),
    close: () => socket.destroy(),
  };
}

/** Waits for something that is to come soon; `begin` answers how to let go of it. */
async function waitFor<T>(
  begin: (resolve: (value: T) => void, reject: (error: Error) => void) => () => void,
): Promise<T> {
  let end = () => {};
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<T>((resolve, reject) => {
      timer = setTimeout(() => reject(new Error("no answer")), PATIENCE);
      end = begin(resolve, reject);
    });
  } finally {
    clearTimeout(timer);
    end();
  }
}

function isAnswerTo(answer: Buffer, message: Buffer): boolean {
  return answer.length >= 20 && answer.subarray(8, 20).equals(message.subarray(8, 20));
}

function attributesOf(message: Buffer): Attributes {
  const attributes = new Map<number, Buffer>();
  for (let at = 20; at + 4 <= message.length; ) {
    const length = message.readUInt16BE(at + 2);
    attributes.set(message.readUInt16BE(at), message.subarray(at + 4, at + 4 + length));
    at += 4 + Math.ceil(length / 4) * 4;
  }
  return attributes;
}

function codeOf(attributes: Attributes): number {
  const error = attributes.get(ERROR_CODE);
  return error && error.length >= 4 ? error.readUInt8(2) * 100 + error.readUInt8(3) : 200;
}

function messageOf(type: number, attributes: readonly Attribute[], key: Buffer | null): Buffer {
  const body = Buffer.concat(attributes.map(([name, value]) => attributeOf(name, value)));
  const head = Buffer.alloc(20);
  head.writeUInt16BE(type, 0);
  // The length counts the integrity, which its own hash does not cover.
  head.writeUInt16BE(body.length + (key ? 24 : 0), 2);
  head.writeUInt32BE(COOKIE, 4);
  randomBytes(12).copy(head, 8);
  const message = Buffer.concat([head, body]);
  if (!key) return message;
  const integrity = createHmac("sha1", key).update(message).digest();
  return Buffer.concat([message, attributeOf(MESSAGE_INTEGRITY, integrity)]);
}

function attributeOf(name: number, value: Buffer): Buffer {
  const padded = Buffer.alloc(4 + Math.ceil(value.length / 4) * 4);
  padded.writeUInt16BE(name, 0);
  padded.writeUInt16BE(value.length, 2);
  value.copy(padded, 4);
  return padded;
}

/** An IPv4 address with a port, as the protocol hides it from clumsy routers. */
function peerOf(address: string): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeUInt8(1, 1);
  buffer.writeUInt16BE(4_000 ^ (COOKIE >>> 16), 2);
  const plain = Buffer.from(address.split(".").map(Number)).readUInt32BE(0);
  buffer.writeUInt32BE((plain ^ COOKIE) >>> 0, 4);
  return buffer;
}
