import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { type ErrorCode, errorEntry, type ServerFrame } from "@parlor/protocol";
import type { WebSocket } from "ws";
import { withBase } from "../base-address.js";
import type { RoomFrame } from "../bus/frame.js";
import type { Caller } from "../users/caller.js";
import { textFrame } from "./wire.js";

/** Unsent bytes of a socket; beyond them it is closed with 4008 and resumes from its cursor. */
const UNSENT = 4 * 1024 * 1024;
/** A replay waits for the socket to take what it has beyond this. */
const REPLAY_AHEAD = 512 * 1024;
/** Live frames that wait for the end of a replay. Those of the log are dropped beyond it: the replay reads them. */
const HELD = 5_000;
const HELD_UNITS = 1024 * 1024;
/** Milliseconds that a closing socket has to take its last bytes. */
const CLOSE_WITHIN = 10_000;

/** Who is at the other end of a socket, and how it came. */
export interface Peer {
  readonly userId: string;
  /** The name it was shown under when it came. */
  readonly username: string;
  /** The devices whose session of this user the socket presented; empty for an open guest. */
  readonly deviceIds: ReadonlySet<string>;
  readonly base: string;
}

/** The devices by which a caller presented a session of a user. */
export function presentingDevices(caller: Caller, userId: string): Set<string> {
  const ids = new Set<string>();
  if (caller.bearer?.userId === userId) ids.add(caller.bearer.deviceId);
  if (caller.device?.userIds.has(userId)) ids.add(caller.device.id);
  return ids;
}

/** One WebSocket: writes frames with a bound, holds live ones back during a replay, closes with the catalogue's codes. */
export class Connection {
  readonly id = randomUUID();
  readonly userId: string;
  readonly username: string;
  readonly deviceIds: ReadonlySet<string>;
  readonly base: string;
  /** Whether the client came with a cursor and knows the frames of §13. */
  readonly resume: boolean;
  closed = false;
  /** The number up to which a replay brought the log; a live frame of it that comes late is no news. */
  covered = 0;
  /**
   * The `profile_rev` of its own user that the socket was greeted with. The seeds' scripts expect nothing between their
   * `user_joined` and their first message, also when the handshake itself brought a picture.
   */
  greetedRev = 0;
  readonly #socket: Duplex;
  readonly #ws: WebSocket;
  #held: RoomFrame[] | null = null;
  #heldUnits = 0;
  #missedLog = false;

  constructor(ws: WebSocket, socket: Duplex, peer: Peer, resume: boolean) {
    this.#ws = ws;
    this.#socket = socket;
    this.userId = peer.userId;
    this.username = peer.username;
    this.deviceIds = peer.deviceIds;
    this.base = peer.base;
    this.resume = resume;
  }

  get holding(): boolean {
    return this.#held !== null;
  }

  /** Writes frames that are already encoded. */
  write(frames: Buffer): void {
    // After a close frame nothing may follow, whichever side began to close.
    if (this.closed || this.#socket.destroyed || this.#ws.readyState !== this.#ws.OPEN) return;
    if (this.#socket.writableLength > UNSENT) {
      this.close("too_slow");
      return;
    }
    this.#socket.write(frames);
  }

  /** Sends a frame to this socket alone. */
  send(frame: ServerFrame): void {
    this.write(textFrame(withBase(JSON.stringify(frame), this.base)));
  }

  /** Tells what is wrong; the socket stays open. */
  sendError(code: ErrorCode, detail: string, clientId?: string | null): void {
    const { retry } = errorEntry(code);
    const names = clientId ? { client_id: clientId } : {};
    this.send({ type: "error", code, message: detail, detail, retry, ...names });
  }

  /** Whether a room's frame is for this socket. */
  wants(frame: RoomFrame): boolean {
    if (frame.seq !== null && frame.seq <= this.covered) return false;
    if (frame.profile?.userId === this.userId && frame.profile.rev <= this.greetedRev) return false;
    return (this.resume || !frame.resumeOnly) && frame.exceptUserId !== this.userId;
  }

  /** Keeps live frames back until {@link release}. */
  hold(): void {
    this.#held = [];
    this.#heldUnits = 0;
    this.#missedLog = false;
  }

  /** Takes a live frame during the replay. */
  keep(frame: RoomFrame): void {
    const held = this.#held;
    if (!held) return;
    const full = held.length >= HELD || this.#heldUnits + frame.json.length > HELD_UNITS;
    if (!full) {
      held.push(frame);
      this.#heldUnits += frame.json.length;
    } else if (frame.seq !== null) {
      this.#missedLog = true;
    } else {
      this.close("too_slow");
    }
  }

  /** Whether frames of the log were dropped since the last call: the replay must read on. */
  takeMissedLog(): boolean {
    const missed = this.#missedLog;
    if (missed && this.#held) {
      this.#held = this.#held.filter((frame) => frame.seq === null);
      this.#heldUnits = this.#held.reduce((sum, frame) => sum + frame.json.length, 0);
    }
    this.#missedLog = false;
    return missed;
  }

  /** Ends the replay, which brought the log up to `covered`: sends the held frames that are news. */
  release(covered: number, isNews: (frame: RoomFrame) => boolean = () => true): void {
    const held = this.#held ?? [];
    this.#held = null;
    this.covered = covered;
    const frames = held.filter((frame) => this.wants(frame) && isNews(frame));
    if (frames.length === 0) return;
    this.write(Buffer.concat(frames.map((frame) => textFrame(withBase(frame.json, this.base)))));
  }

  /** Waits until a replay may write more; `false` when the socket has ended. To be asked before each message. */
  async ready(): Promise<boolean> {
    while (!this.closed && !this.#socket.destroyed && this.#socket.writableLength > REPLAY_AHEAD) {
      await new Promise<void>((resolve) => {
        const done = () => {
          this.#socket.off("drain", done);
          this.#socket.off("close", done);
          resolve();
        };
        this.#socket.on("drain", done);
        this.#socket.on("close", done);
      });
    }
    return !this.closed && !this.#socket.destroyed;
  }

  /** Closes with the error's code. What was written before still goes out, for a bounded time. */
  close(code: ErrorCode, detail?: string): void {
    const entry = errorEntry(code);
    this.closeWith(entry.close ?? 1011, detail ?? entry.detail);
  }

  /** Closes with a code and a reason (cut to the 123 bytes that the protocol allows). */
  closeWith(code: number, reason: string): void {
    if (this.closed) return;
    this.closed = true;
    this.#ws.close(code, closeReason(reason));
    const timer = setTimeout(() => this.#ws.terminate(), CLOSE_WITHIN);
    this.#ws.once("close", () => clearTimeout(timer));
  }
}

/** A close reason holds at most 123 bytes. */
export function closeReason(text: string): string {
  let reason = text.slice(0, 123);
  while (Buffer.byteLength(reason) > 123) reason = reason.slice(0, -1);
  return reason;
}
