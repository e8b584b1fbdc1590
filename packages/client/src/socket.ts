import type { ClientFrame, PresenceDigest, ServerFrame } from "@parlor/protocol";
import { LIMITS, TIMING } from "@parlor/protocol";
import type { Clock } from "./clock.js";

/** What the SDK uses of a WebSocket; the browser's and that of the package `ws` have it. */
export interface WebSocketLike {
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  readonly readyState: number;
  send(data: string): void;
  close(code?: number, reason?: string): void;
}

/** Makes a {@link WebSocketLike}. */
export type WebSocketConstructor = new (url: string, protocols?: string[]) => WebSocketLike;

/** A socket that has not said `welcome` after so long is given up: some proxies swallow the handshake. */
const OPEN_TIMEOUT = 8_000;
/** Two heartbeats and some air: a socket that is silent for longer is dead, whatever TCP believes. */
const SILENCE_TIMEOUT = 2 * TIMING.heartbeat + 5_000;
/** A socket that is asked whether it lives must say something within this time. */
const PROBE_TIMEOUT = 4_000;

/** Where a room's socket leads. */
export interface SocketTarget {
  /** Address of the server. */
  readonly url: string;
  readonly roomId: string;
  readonly userId: string;
  readonly after: number;
  readonly epoch: string | null;
  readonly profilesAfter: number | null;
  /** Whom the client believes to be here. */
  readonly online: PresenceDigest;
  readonly username?: string | undefined;
  readonly avatarUrl?: string | undefined;
}

/** Another socket of the server by its whole address. It brings no heartbeats, so its silence is asked about. */
export interface PlainTarget {
  readonly address: string;
}

/** How a socket ended: the close code, or 1006 where there was none. */
export interface SocketEnd {
  readonly code: number;
  readonly reason: string;
}

/** One socket, from its opening to its one end. */
export interface RoomSocket {
  /** Sends a frame; `false` when it is not open or the frame is larger than the server takes. */
  send(frame: ClientFrame): boolean;
  /** Asks for a sign of life; without one the socket ends soon. */
  probe(): void;
  /** Ends it without a further call back. */
  close(): void;
}

/** The address of a room's socket. The token never goes into it: addresses end up in logs. */
export function socketUrl(target: SocketTarget): string {
  const { url, roomId, userId, after, epoch, profilesAfter, online, username, avatarUrl } = target;
  const query = new URLSearchParams({ after: String(after) });
  if (epoch !== null) query.set("epoch", epoch);
  if (profilesAfter !== null) {
    query.set("profiles_after", String(profilesAfter));
    query.set("profiles", "changed");
  }
  if (online.count > 0) {
    query.set("online", String(online.count));
    query.set("online_hash", String(online.hash));
  }
  if (username !== undefined) query.set("username", username);
  if (avatarUrl !== undefined) query.set("avatar_url", avatarUrl);
  const base = url.replace(/^http/, "ws");
  return `${base}/ws/${encodeURIComponent(roomId)}/${encodeURIComponent(userId)}?${query}`;
}

/** The subprotocols that carry a session's token; none without one (a browser's cookie goes along by itself). */
export function socketProtocols(token: string | null): string[] {
  return token === null ? [] : ["parlor.v1", `parlor.token.${token}`];
}

/** Opens a socket. `onEnd` is called once, also when it never opened. */
export function openSocket(options: {
  readonly WebSocket: WebSocketConstructor;
  readonly target: SocketTarget | PlainTarget;
  readonly token: string | null;
  readonly clock: Clock;
  readonly onFrame: (frame: ServerFrame) => void;
  readonly onEnd: (end: SocketEnd) => void;
}): RoomSocket {
  const { clock, target, onFrame, onEnd } = options;
  const hasHeartbeats = !("address" in target);
  const address = hasHeartbeats ? socketUrl(target) : target.address;
  const socket = new options.WebSocket(address, socketProtocols(options.token));
  let ended = false;
  let heardAt: number | null = null;
  let stopTimer = clock.after(OPEN_TIMEOUT, () => end({ code: 1006, reason: "no answer" }));

  function end(how: SocketEnd): void {
    if (ended) return;
    release();
    onEnd(how);
  }

  function release(): void {
    ended = true;
    stopTimer();
    socket.onmessage = socket.onclose = null;
    // A socket that is closed before it opened still reports an error, which nobody waits for any more.
    socket.onerror = () => {};
    socket.close();
  }

  /** Looks from time to time whether anything was heard; cheaper than a timer for each frame. */
  function watch(): void {
    stopTimer();
    // A clock that was put back would make the wait as long as its jump.
    heardAt = Math.min(heardAt ?? 0, clock.now());
    const left = heardAt + SILENCE_TIMEOUT - clock.now();
    if (left <= 0 && hasHeartbeats) end({ code: 1006, reason: "silence" });
    else if (left <= 0) probe();
    else stopTimer = clock.after(left, watch);
  }

  function probe(): void {
    if (ended || socket.readyState !== 1) return;
    const askedAt = clock.now();
    socket.send(JSON.stringify({ type: "ping" }));
    stopTimer();
    stopTimer = clock.after(PROBE_TIMEOUT, () => {
      if ((heardAt ?? 0) < askedAt) end({ code: 1006, reason: "silence" });
      else watch();
    });
  }

  socket.onmessage = (event: { data: unknown }) => {
    const isFirst = heardAt === null;
    heardAt = clock.now();
    if (isFirst) watch();
    const frame = parseFrame(event.data);
    if (frame !== null) onFrame(frame);
  };
  socket.onclose = (event: { code: number; reason: string }) =>
    end({ code: event.code, reason: event.reason });
  socket.onerror = () => {};

  return {
    send(frame) {
      if (ended || socket.readyState !== 1) return false;
      const text = JSON.stringify(frame);
      if (text.length * 3 > LIMITS.frameBytes && new TextEncoder().encode(text).length > LIMITS.frameBytes) {
        return false;
      }
      socket.send(text);
      return true;
    },
    probe,
    close: release,
  };
}

/** A frame of the server; `null` for what is none. A frame of a newer server is passed on and ignored by its type. */
function parseFrame(data: unknown): ServerFrame | null {
  if (typeof data !== "string") return null;
  try {
    const frame: unknown = JSON.parse(data);
    const isFrame = typeof frame === "object" && frame !== null && "type" in frame;
    return isFrame ? (frame as ServerFrame) : null;
  } catch {
    return null;
  }
}

/** The platform's own WebSocket; Node 20 has none. */
export function globalWebSocket(): WebSocketConstructor | null {
  return (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket ?? null;
}
