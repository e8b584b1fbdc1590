import { randomUUID } from "node:crypto";
import type { Duplex } from "node:stream";
import { type ErrorCode, errorEntry, FATAL_CLOSE_CODES, type ServerFrame } from "@parlor/protocol";
import type { WebSocket } from "ws";
import { withBase } from "../base-address.js";
import type { RoomFrame } from "../bus/frame.js";
import type { Standing } from "../rooms/service.js";
import type { Caller } from "../users/caller.js";
import { type Backlog, Outbound } from "./outbound.js";
import { textFrame } from "./wire.js";

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
  /** The devices that the handshake brought, whoever's: a grant of a password room may be with one of them. */
  readonly cameBy?: readonly string[];
  /** Where its user stands in the room. */
  readonly standing?: Standing;
  readonly base: string;
}

/** What was decided when a socket came into its room. It holds for whoever comes back in the same way. */
export interface Place {
  /** Tells all that the handshake brought and that the decision came from; two that are the same may do the same. */
  readonly visit: string;
  readonly epoch: string;
  /** The mark of the room's profiles when the socket came; see `RoomMarks`. */
  readonly profileMark: number;
  /** When it was first let in again without the door, by `performance.now()`; `null` for whom the door let in. */
  readonly backSince: number | null;
}

/** One for all open guests. */
const NO_DEVICES: ReadonlySet<string> = new Set();
/** One for all of whom the devices do not matter. */
const CAME_BY_NONE: readonly string[] = [];

/** The devices by which a caller presented a session of a user. */
export function presentingDevices(caller: Caller, userId: string): ReadonlySet<string> {
  const ids = new Set<string>();
  if (caller.bearer?.userId === userId) ids.add(caller.bearer.deviceId);
  if (caller.device?.userIds.has(userId)) ids.add(caller.device.id);
  return ids.size === 0 ? NO_DEVICES : ids;
}

/** One WebSocket: writes frames with a bound, holds live ones back during a replay, closes with the catalogue's codes. */
export class Connection {
  readonly userId: string;
  readonly username: string;
  readonly cameBy: readonly string[];
  readonly standing: Standing;
  #deviceIds: ReadonlySet<string>;
  readonly base: string;
  /** Whether the client came with a cursor and knows the frames of §13. */
  readonly resume: boolean;
  closed = false;
  /** Whether it was closed with a code after which its client does not come back. */
  isPutOut = false;
  /** Called when it is put out. Its peer may let the close wait for seconds: what its user does ends at once. */
  onPutOut: ((connection: Connection) => void) | null = null;
  /** Its place among all sockets of this process, in the order in which they came into their rooms. */
  arrival = 0;
  /** Frames with a profile that its room had been told when it came. */
  profilesTold = 0;
  /** What its coming was decided by, for its return; `null` when it is to be decided anew. */
  place: Place | null = null;
  /** The `profile_rev` up to which `welcome` told its room's profiles; `null` when it told not all. */
  profilesRev: number | null = null;
  /** The number up to which a replay brought the log; a live frame of it that comes late is no news. */
  covered = 0;
  /**
   * The `profile_rev` of its own user that the socket was greeted with. The seeds' scripts expect nothing between their
   * `user_joined` and their first message, also when the handshake itself brought a picture.
   */
  greetedRev = 0;
  readonly #socket: Duplex;
  readonly #ws: WebSocket;
  readonly #outbound: Outbound;
  #id: string | null = null;
  #held: RoomFrame[] | null = null;
  #heldUnits = 0;
  #missedLog = false;

  constructor(ws: WebSocket, socket: Duplex, peer: Peer, options: { resume: boolean; backlog: Backlog }) {
    this.#ws = ws;
    this.#socket = socket;
    this.#outbound = new Outbound({ socket, backlog: options.backlog, owner: this });
    this.userId = peer.userId;
    this.username = peer.username;
    this.#deviceIds = peer.deviceIds;
    this.cameBy = peer.cameBy ?? CAME_BY_NONE;
    this.standing = peer.standing ?? "member";
    this.base = peer.base;
    this.resume = options.resume;
  }

  /** Names it for its client. Made when it is asked for: an id is half a kilobyte until somebody reads it. */
  get id(): string {
    this.#id ??= randomUUID();
    return this.#id;
  }

  /** The devices whose session of its user is still alive. */
  get deviceIds(): ReadonlySet<string> {
    return this.#deviceIds;
  }

  /** Notes that its user's session on these devices ended; `true` when it was the last one that it had. */
  lose(deviceIds: readonly string[]): boolean {
    const left = [...this.#deviceIds].filter((id) => !deviceIds.includes(id));
    if (left.length === this.#deviceIds.size) return false;
    this.#deviceIds = new Set(left);
    return left.length === 0;
  }

  get holding(): boolean {
    return this.#held !== null;
  }

  /** Whether frames wait for the socket to take them. */
  get isBehind(): boolean {
    return this.#outbound.bytes > 0;
  }

  /** After a close frame nothing may follow, whichever side began to close. */
  get isOpen(): boolean {
    return !this.closed && !this.#socket.destroyed && this.#ws.readyState === this.#ws.OPEN;
  }

  /** Its peer takes too little for too long: it comes back when it can, and resumes. */
  tooSlow(): void {
    this.close("too_slow");
  }

  /** Writes frames that are already encoded. */
  write(frames: Buffer): void {
    if (this.isOpen) this.#outbound.write(frames);
  }

  /** Whatever `run` sends goes out in one write: each is dear, and after a restart everybody is greeted at once. */
  together(run: () => void): void {
    this.#socket.cork();
    try {
      run();
    } finally {
      this.#socket.uncork();
    }
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
    if (frame.exceptUserId === this.userId) return false;
    if (this.resume) return !frame.plain;
    return !frame.resumeOnly && (!frame.plain || isBetween(this.arrival, frame.plain));
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

  /** Waits until the socket has taken what it got; `false` when it has ended. To be asked before more is read for it. */
  async ready(): Promise<boolean> {
    if (!this.closed) await this.#outbound.drained();
    return !this.closed && !this.#socket.destroyed;
  }

  /**
   * Closes with the error's code. What was written before still goes out, for a bounded time; but what waits for a socket
   * that is too slow is dropped, since it resumes from its cursor.
   */
  close(code: ErrorCode, detail?: string): void {
    const entry = errorEntry(code);
    if (code === "too_slow") this.#outbound.drop();
    this.closeWith(entry.close ?? 1011, detail ?? entry.detail);
  }

  /** Closes with a code and a reason (cut to the 123 bytes that the protocol allows). */
  closeWith(code: number, reason: string): void {
    if (this.closed) return;
    if (this.isOpen) this.#outbound.flush();
    this.closed = true;
    this.isPutOut = FATAL_CLOSE_CODES.has(code);
    this.#ws.close(code, closeReason(reason));
    const timer = setTimeout(() => this.#ws.terminate(), CLOSE_WITHIN);
    this.#ws.once("close", () => clearTimeout(timer));
    if (this.isPutOut) this.onPutOut?.(this);
  }
}

function isBetween(arrival: number, { after, upTo }: { after: number; upTo: number }): boolean {
  return arrival > after && arrival <= upTo;
}

/** A close reason holds at most 123 bytes. */
export function closeReason(text: string): string {
  let reason = text.slice(0, 123);
  while (Buffer.byteLength(reason) > 123) reason = reason.slice(0, -1);
  return reason;
}
