import type { CallLeg, CallMedia, ServerFrame } from "@parlor/protocol";
import type { Standing } from "../rooms/service.js";
import type { CallChannel } from "./channel.js";

/** Signals that wait for a leg which is away, in number and in UTF-16 units; beyond them the oldest go: clients ask again. */
const WAITING = 64;
const WAITING_UNITS = 256 * 1024;

/** One tab in a call. */
export class Leg {
  readonly id: string;
  readonly userId: string;
  /** The name under which it came. */
  readonly username: string;
  readonly standing: Standing;
  readonly joinedAt = new Date().toISOString();
  /** Grows with each leg of the call. */
  readonly order: number;
  media: CallMedia;
  /** What it asked for last, whether there was a place for it or not. */
  wish: CallMedia;
  /** The generation of the call whose media it says to have. */
  generation = 0;
  hand: number | null = null;
  /** The recording that its client says to show. */
  told: string | null = null;
  /** Ends the time that a leg without a socket has. */
  expiry: NodeJS.Timeout | null = null;
  #channel: CallChannel | null;
  #waiting: { readonly frame: ServerFrame; readonly units: number }[] = [];
  #waitingUnits = 0;

  constructor(channel: CallChannel, options: { id: string; order: number; media: CallMedia }) {
    this.#channel = channel;
    this.userId = channel.userId;
    this.username = channel.username;
    this.standing = channel.standing;
    this.id = options.id;
    this.order = options.order;
    this.media = options.media;
    this.wish = options.media;
  }

  /** Its socket; `null` while it is away. */
  get channel(): CallChannel | null {
    return this.#channel;
  }

  get isSending(): boolean {
    return this.media.video || this.media.screen;
  }

  /** Sends a frame that is worth nothing later. */
  send(frame: ServerFrame): void {
    this.#channel?.send(frame);
  }

  /** Sends a frame now or when the leg is back. */
  deliver(frame: ServerFrame): void {
    if (this.#channel) {
      this.#channel.send(frame);
      return;
    }
    const units = JSON.stringify(frame).length;
    this.#waiting.push({ frame, units });
    this.#waitingUnits += units;
    while (this.#waiting.length > WAITING || this.#waitingUnits > WAITING_UNITS)
      this.#waitingUnits -= this.#waiting.shift()?.units ?? 0;
  }

  /** Notes that the socket is lost, for now. */
  detach(): void {
    this.#channel = null;
  }

  /** Takes the socket over which the leg is back. {@link flush} sends what waited. */
  attach(channel: CallChannel): void {
    if (this.expiry) clearTimeout(this.expiry);
    this.expiry = null;
    this.#channel = channel;
  }

  flush(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingUnits = 0;
    for (const { frame } of waiting) this.send(frame);
  }

  shown(username: string, moderator: boolean): CallLeg {
    const { id: leg_id, userId: user_id, order, joinedAt: joined_at, media, hand, generation } = this;
    return {
      leg_id,
      user_id,
      username,
      order,
      joined_at,
      media,
      hand,
      away: this.#channel === null,
      moderator,
      generation,
    };
  }
}
