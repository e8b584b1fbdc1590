import { randomUUID } from "node:crypto";
import {
  type CallGuest,
  type CallInfo,
  type CallMedia,
  type CallRecording,
  type CallSnapshot,
  LIMITS,
} from "@parlor/protocol";
import type { Standing } from "../rooms/service.js";
import type { CallChannel } from "./channel.js";
import { Leg } from "./leg.js";
import type { CallProvider } from "./provider.js";
import type { KeptCall } from "./store.js";

/** Somebody in the lobby. */
export interface Waiting {
  readonly channel: CallChannel;
  readonly media: CallMedia;
}

/** A call that begins, or one that goes on after a restart of the server. */
export interface CallOrigin {
  readonly id: string;
  readonly startedAt: Date;
  readonly startedBy: string;
  readonly people: readonly string[];
  /** What was kept of it through a restart. */
  readonly kept?: Pick<KeptCall, "mode" | "locked" | "lobby" | "removed" | "inside"> | null;
}

/** The state of one call. Whoever changes it calls {@link changed} and tells those who see it. */
export class Call {
  readonly id: string;
  readonly roomId: string;
  readonly startedAt: Date;
  readonly startedBy: string;
  /** Where the call finds more places when it needs them; `null`: nowhere. */
  readonly larger: CallProvider | null;
  readonly legs = new Map<string, Leg>();
  /** The lobby, by leg. */
  readonly waiting = new Map<string, Waiting>();
  /** Users who were removed by a moderator. */
  readonly removed: Set<string>;
  /**
   * Users who were in it when the server began anew: they come back past lock and lobby, and lead where nobody is host;
   * and those of them who are not back yet. Both are emptied when they have had their time.
   */
  readonly former: Set<string>;
  readonly missing: Set<string>;
  /** Ends that time. */
  returning: NodeJS.Timeout | null = null;
  /** Users whom it rings, with the end of it. */
  readonly ringing = new Map<string, NodeJS.Timeout>();
  readonly missed = new Set<string>();
  readonly declined = new Set<string>();
  readonly people: Set<string>;
  isLocked: boolean;
  hasLobby: boolean;
  isOver = false;
  recording: CallRecording | null = null;
  #provider: CallProvider;
  #generation = 1;
  readonly #epoch = randomUUID();
  #rev = 0;
  #orders = 0;
  #hands = 0;
  readonly #names: (userId: string, fallback: string) => string;

  constructor(
    roomId: string,
    origin: CallOrigin,
    parts: {
      provider: CallProvider;
      larger: CallProvider | null;
      names: (userId: string, fallback: string) => string;
    },
  ) {
    this.roomId = roomId;
    this.id = origin.id;
    this.startedAt = origin.startedAt;
    this.startedBy = origin.startedBy;
    this.people = new Set(origin.people);
    const { kept } = origin;
    this.isLocked = kept?.locked ?? false;
    this.hasLobby = kept?.lobby ?? false;
    this.removed = new Set(kept?.removed);
    this.former = new Set(kept?.inside);
    this.missing = new Set(kept?.inside);
    this.#provider = parts.provider;
    this.larger = parts.larger;
    this.#names = parts.names;
  }

  /** Who carries the media now. */
  get provider(): CallProvider {
    return this.#provider;
  }

  /** Grows with each provider that takes the call over. */
  get generation(): number {
    return this.#generation;
  }

  /** Whether it can move to where there are more places. */
  get canGrow(): boolean {
    return this.larger !== null && this.#provider !== this.larger;
  }

  /** Notes that another provider carries the media from now on. */
  carryBy(provider: CallProvider): void {
    const before = this.#provider;
    this.#provider = provider;
    this.#generation += 1;
    before.ended(this);
  }

  get isFull(): boolean {
    return this.legs.size >= this.#provider.limits.legs;
  }

  /** Whether somebody can come in. One place more is the host's: nobody fills a call before its host is there. */
  hasPlaceFor(standing: Standing): boolean {
    return this.legs.size < this.#provider.limits.legs + (standing === "host" ? 1 : 0);
  }

  /** How many places a user takes, in the call and before it; one of `legId` is not counted. */
  placesOf(userId: string, legId: string): number {
    const inside = [...this.legs.values()].filter((leg) => leg.userId === userId).length;
    const before = [...this.waiting].filter(([id, { channel }]) => id !== legId && channel.userId === userId);
    return inside + before.length;
  }

  /** Whether another leg may send pictures. */
  get hasPlaceForSender(): boolean {
    return [...this.legs.values()].filter((leg) => leg.isSending).length < this.#provider.limits.senders;
  }

  changed(): void {
    this.#rev += 1;
  }

  add(legId: string, channel: CallChannel, media: CallMedia): Leg {
    this.#orders += 1;
    const leg = new Leg(channel, { id: legId, order: this.#orders, media });
    this.legs.set(legId, leg);
    if (this.people.size < LIMITS.callRecorded) this.people.add(channel.userId);
    this.missing.delete(channel.userId);
    this.missed.delete(channel.userId);
    this.declined.delete(channel.userId);
    return leg;
  }

  /** Of what a leg wants to send, that for which there is a place. */
  allowed(media: CallMedia, leg: Leg | null): CallMedia {
    const isSending = media.video || media.screen;
    if (!isSending || leg?.isSending || this.hasPlaceForSender) return media;
    return { ...media, video: false, screen: false };
  }

  raise(leg: Leg, isRaised: boolean): void {
    if (isRaised && leg.hand === null) this.#hands += 1;
    leg.hand = isRaised ? (leg.hand ?? this.#hands) : null;
  }

  /** Whether a user moderates: the room's host; where a room has none, who began the call, else who is here longest. */
  isModerator(userId: string, standing: Standing): boolean {
    if (standing !== "leaderless") return standing === "host";
    const here = [...this.legs.values()].map((leg) => leg.userId);
    if (here.includes(this.startedBy)) return userId === this.startedBy;
    // Who came while the others are on their way back does not decide over them.
    if (this.former.size > 0) return userId === here.find((id) => this.former.has(id));
    return userId === (here[0] ?? this.startedBy);
  }

  get info(): CallInfo {
    const people = [...new Set([...this.legs.values()].map((leg) => leg.userId))];
    return { ...this.#common(), full: this.isFull && !this.canGrow, people };
  }

  /** The state as a leg sees it. */
  snapshotFor(leg: Leg, { recordable }: { recordable: boolean }): CallSnapshot {
    const moderates = this.isModerator(leg.userId, leg.standing);
    return {
      ...this.#common(),
      legs: [...this.legs.values()].map((one) => {
        const username = this.#names(one.userId, one.username);
        return one.shown(username, this.isModerator(one.userId, one.standing));
      }),
      waiting: moderates ? [...this.waiting].map(([id, { channel }]) => this.#guest(id, channel)) : [],
      recordable,
    };
  }

  #common() {
    return {
      call_id: this.id,
      epoch: this.#epoch,
      rev: this.#rev,
      mode: this.#provider.mode,
      generation: this.#generation,
      started_at: this.startedAt.toISOString(),
      started_by: this.startedBy,
      locked: this.isLocked,
      lobby: this.hasLobby,
      recording: this.recording,
      ringing: [...this.ringing.keys()],
    };
  }

  #guest(leg_id: string, { userId, username }: CallChannel): CallGuest {
    return { leg_id, user_id: userId, username: this.#names(userId, username) };
  }
}
