import type { IncomingMessage, Server } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import {
  type ErrorCode,
  errorEntry,
  isId,
  LIMITS,
  ParlorError,
  RESERVED_ROOM_ID,
  RoomId,
} from "@parlor/protocol";
import { type WebSocket, WebSocketServer } from "ws";
import { toParlorError } from "../db/trouble.js";
import { baseOf, ipOf } from "../http/address.js";
import type { Identify } from "../http/identify.js";
import type { RateLimits } from "../http/limits.js";
import type { Logger } from "../log.js";
import { plain } from "../plain.js";
import { closeReason } from "./connection.js";

/** Handshakes that wait for the database at one time; beyond them one is told to come back. */
const PENDING = 2_000;
/** The subprotocol of our own client; its token comes beside it as `parlor.token.<token>`. */
const SUBPROTOCOL = "parlor.v1";
const TOKEN_PREFIX = "parlor.token.";

/** A handshake whose address and origin are in order. */
export interface Handshake {
  readonly roomId: string;
  readonly userId: string;
  readonly query: URLSearchParams;
  readonly request: IncomingMessage;
  readonly token: string | null;
}

/** What a handshake leads to. */
export interface Admission {
  /** `Set-Cookie` of the 101, when a session began. */
  readonly cookie: string | null;
  /** Takes the accepted socket over. */
  start(ws: WebSocket, socket: Duplex): void;
}

/** Decides on a handshake; throws the catalogue's error when it is refused. */
export type Admit = (handshake: Handshake) => Promise<Admission>;

/** The edge of WebSockets: path, origin and quota are checked before anything is accepted. */
export function createGateway(parts: {
  identify: Identify;
  limits: RateLimits;
  strictOrigin: boolean;
  log: Logger;
  admitRoom: Admit;
  admitDirect: Admit;
  /** Called with each socket that is accepted. */
  onAccepted: (userId: string, ws: WebSocket) => void;
}) {
  const { identify, limits, strictOrigin, log, admitRoom, admitDirect, onAccepted } = parts;
  const cookies = new WeakMap<IncomingMessage, string>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: LIMITS.frameBytes,
    handleProtocols: (offered) => (offered.has(SUBPROTOCOL) ? SUBPROTOCOL : false),
  });
  server.on("headers", (headers, request) => {
    const cookie = cookies.get(request);
    if (cookie) headers.push(`Set-Cookie: ${cookie}`);
  });
  /** Handshakes that wait for the database. */
  const pending = new Set<Duplex>();
  let stopping = false;

  function accept(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    then: (ws: WebSocket) => void,
  ): void {
    if (socket.destroyed || stopping) return;
    server.handleUpgrade(request, socket, head, (ws) => {
      ws.on("error", ignore);
      then(ws);
    });
  }

  /** A refusal that the browser can see: accepted, then closed with the code. */
  function acceptAndClose(
    request: IncomingMessage,
    socket: Duplex,
    head: Buffer,
    code: number,
    reason: string,
  ): void {
    accept(request, socket, head, (ws) => {
      ws.close(code, closeReason(reason));
      setTimeout(() => ws.terminate(), 5_000).unref();
    });
  }

  async function admit(handshake: Handshake, socket: Duplex, head: Buffer): Promise<void> {
    const { request, roomId, userId } = handshake;
    try {
      const admission = await (roomId === RESERVED_ROOM_ID ? admitDirect : admitRoom)(handshake);
      if (admission.cookie) cookies.set(request, admission.cookie);
      accept(request, socket, head, (ws) => {
        const origin = plain(request.headers.origin ?? "none");
        log.info(`✅ WebSocket accepted: user=${plain(userId)}, room=${plain(roomId)}, origin=${origin}`);
        onAccepted(userId, ws);
        admission.start(ws, socket);
      });
    } catch (error) {
      const known = toParlorError(error);
      const close = closeCodeOf(known.code);
      if (known.code === "internal") log.error({ err: error }, "a handshake failed");
      if (known.code === "room_not_found") log.warn(`❌ WebSocket rejected: Room ${plain(roomId)} not found`);
      if (close === null) refuse(socket, known);
      else acceptAndClose(request, socket, head, close, known.message);
    }
  }

  function check(request: IncomingMessage): Handshake {
    if (stopping) throw new ParlorError("going_away");
    const base = baseOf(request, identify.address);
    const { origin } = request.headers;
    const { roomId, userId, query } = parseAddress(request.url ?? "");
    const allowed = origin === undefined ? !strictOrigin : identify.origins.allows(origin, base);
    if (!allowed) {
      log.warn(`❌ WebSocket rejected: Origin ${plain(origin ?? "none")} not in whitelist`);
      throw new ParlorError("origin_not_allowed");
    }
    if (!limits.socket(ipOf(request, identify.address))) throw new ParlorError("rate_limited");
    if (pending.size >= PENDING) throw new ParlorError("overloaded");
    return { roomId, userId, query, request, token: tokenOf(request) };
  }

  return {
    /** Takes the upgrades of an HTTP server. */
    attach(http: Server): void {
      http.on("upgrade", (request, socket, head) => {
        socket.on("error", () => socket.destroy());
        let handshake: Handshake;
        try {
          handshake = check(request);
        } catch (error) {
          refuse(socket, toParlorError(error));
          return;
        }
        pending.add(socket);
        void admit(handshake, socket, head).finally(() => pending.delete(socket));
      });
    },

    /** Refuses new sockets from now on, those too whose handshake is under way: nobody would close them any more. */
    stop(): void {
      stopping = true;
      for (const socket of pending) refuse(socket, new ParlorError("going_away"));
    },
  };
}

/**
 * Broken frames end the socket by themselves (1002, 1007, 1009); nothing else may. Out here, since a listener keeps all
 * that it was made among: the whole handshake, for as long as the socket lives.
 */
function ignore(): void {}

function parseAddress(url: string): { roomId: string; userId: string; query: URLSearchParams } {
  const [path = "", search = ""] = url.split("?", 2);
  const match = /^\/ws\/([^/]+)\/([^/]+)\/?$/.exec(path);
  if (!match?.[1] || !match[2]) throw new ParlorError("not_found");
  let ids: [string, string];
  try {
    ids = [decodeURIComponent(match[1]), decodeURIComponent(match[2])];
  } catch {
    throw new ParlorError("invalid_request", "The address is not valid.");
  }
  if (!RoomId.safeParse(ids[0]).success)
    throw new ParlorError("invalid_request", "room_id: must be letters, digits or . _ : -");
  if (!isId(ids[1]))
    throw new ParlorError("invalid_request", "user_id: must be 1 to 128 letters, digits or . _ : -");
  return { roomId: ids[0], userId: ids[1], query: new URLSearchParams(search) };
}

/** Browsers can set no header on a WebSocket but its subprotocols, so our client's token comes among them. */
function tokenOf(request: IncomingMessage): string | null {
  const offered = (request.headers["sec-websocket-protocol"] ?? "").split(",").map((name) => name.trim());
  const token = offered.find((name) => name.startsWith(TOKEN_PREFIX));
  return token ? token.slice(TOKEN_PREFIX.length) : null;
}

/** The code with which a refused socket closes after it was accepted; `null`: refused as HTTP. */
function closeCodeOf(code: ErrorCode): number | null {
  const entry = errorEntry(code);
  if (entry.close !== undefined) return entry.retry ? null : entry.close;
  // A wrong password or a private conversation of others is a refusal for good.
  return entry.status === 403 ? 4403 : null;
}

function refuse(socket: Duplex, error: ParlorError): void {
  if (socket.destroyed || !socket.writable) return;
  const { status, retry } = errorEntry(error.code);
  const body = JSON.stringify({ detail: error.message, code: error.code, retry });
  const after = status === 429 || status === 503 ? "Retry-After: 1\r\n" : "";
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Error"}\r\nConnection: close\r\n${after}` +
      `Content-Type: application/json; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}
