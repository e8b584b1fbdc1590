import type { CallSignal } from "@parlor/protocol";
import type { Clock } from "../../clock.js";
import { fromWire, randomName, toWire } from "../pair.js";
import type { CallPlatform } from "../platform.js";
import type { PairStatus } from "../types.js";

/** Candidates of the server that wait for its description. */
const WAITING = 200;
/** A connection that does not come about is tried again after so long, each time later. */
const STALLED_AFTER = 8_000;
const LONGEST = 30_000;
/** A connection that is lost often comes back by itself. */
const LOST_AFTER = 3_000;
/** Every so many tries a new connection is made; after so many it is called failed. */
const NEW_EVERY = 3;
const FAILED_AFTER = 4;

/** What a connection with a media server needs. */
export interface LineOptions {
  readonly platform: CallPlatform;
  readonly clock: Clock;
  readonly configuration: () => RTCConfiguration;
  /** Tries so far, of the connections whose place this one takes. */
  readonly tries: number;
  readonly send: (signal: CallSignal) => void;
  readonly onChange: () => void;
  /** Another way is to be looked for on this connection. */
  readonly onRestart: () => void;
  /** A new connection is to take the place of this one. */
  readonly onRenew: () => void;
}

/** One connection with a media server: order of its steps, candidates, and the watch over it. */
export class Line {
  readonly name = randomName();
  readonly connection: RTCPeerConnection;
  readonly #options: LineOptions;
  #remote: string | null = null;
  #work: Promise<void> = Promise.resolve();
  #waiting: RTCIceCandidateInit[] = [];
  /** Own candidates that wait until their description is on its way. */
  #held: RTCIceCandidateInit[] | null = [];
  #tries: number;
  #wasConnected = false;
  #stopTimer: () => void = () => {};
  #isClosed = false;

  constructor(options: LineOptions) {
    this.#options = options;
    this.#tries = options.tries;
    this.connection = options.platform.createConnection(options.configuration());
    this.connection.onicecandidate = ({ candidate }) => this.#sendCandidate(candidate);
    this.connection.onconnectionstatechange = () => this.#stateChanged();
  }

  get status(): PairStatus {
    if (this.connection.connectionState === "connected") return "connected";
    if (this.#tries >= FAILED_AFTER) return "failed";
    return this.#wasConnected || this.#tries > 0 ? "recovering" : "connecting";
  }

  get tries(): number {
    return this.#tries;
  }

  /** Takes a signal of the server; its description is left to `take`. */
  receive(signal: CallSignal, take: (sdp: string) => Promise<void>): void {
    if (this.#isClosed || (signal.to_pair !== null && signal.to_pair !== this.name)) return;
    if (signal.reset) {
      this.#options.onRenew();
      return;
    }
    this.#remote = signal.pair;
    const { description, candidate } = signal;
    if (description) {
      this.enqueue(async () => {
        await take(description.sdp);
        for (const waits of this.#waiting.splice(0)) await this.connection.addIceCandidate(waits);
      });
    } else if (candidate) this.enqueue(() => this.#add(fromWire(candidate)));
  }

  /** One step of the negotiation after the other: none sees another one half done. */
  enqueue(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isClosed) return;
      try {
        await step();
      } catch {
        // A description or candidate that the browser refuses; the watch looks after the connection.
      }
    });
  }

  /** Makes the own description that is due and sends it, then the candidates that came meanwhile. */
  async describe(): Promise<void> {
    this.#held ??= [];
    await this.connection.setLocalDescription();
    if (this.#isClosed) return;
    this.sendDescription();
    const held = this.#held ?? [];
    this.#held = null;
    for (const candidate of held) this.send({ candidate: toWire(candidate) });
  }

  sendDescription(): void {
    const description = this.connection.localDescription;
    if (description?.type !== "offer" && description?.type !== "answer") return;
    this.send({ description: { type: description.type, sdp: description.sdp } });
  }

  send(content: Omit<CallSignal, "pair" | "to_pair">): void {
    this.#options.send({ pair: this.name, to_pair: this.#remote, ...content });
  }

  /** Begins to look whether it comes about. */
  watch(after = STALLED_AFTER): void {
    this.#stopTimer();
    this.#stopTimer = this.#options.clock.after(after, () => this.#repair());
  }

  /** Looks for another way with credentials that are good now. */
  refresh(): void {
    this.connection.setConfiguration(this.#options.configuration());
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer();
    const { connection } = this;
    connection.onicecandidate = connection.onconnectionstatechange = null;
    connection.close();
  }

  async #add(candidate: RTCIceCandidateInit): Promise<void> {
    if (this.connection.remoteDescription) await this.connection.addIceCandidate(candidate);
    else if (this.#waiting.length < WAITING) this.#waiting.push(candidate);
  }

  #sendCandidate(candidate: RTCIceCandidate | null): void {
    if (!candidate || candidate.candidate === "") return;
    const init = candidate.toJSON();
    if (this.#held) this.#held.push(init);
    else this.send({ candidate: toWire(init) });
  }

  #stateChanged(): void {
    const { connectionState } = this.connection;
    if (connectionState === "connected") {
      this.#wasConnected = true;
      this.#tries = 0;
      this.#stopTimer();
    } else if (connectionState === "failed") this.watch(0);
    else if (connectionState === "disconnected") this.watch(LOST_AFTER);
    this.#options.onChange();
  }

  #repair(): void {
    if (this.#isClosed || this.connection.connectionState === "connected") return;
    this.#tries += 1;
    if (this.#tries % NEW_EVERY === 0 || !this.connection.remoteDescription) {
      this.#options.onRenew();
      return;
    }
    this.#options.onRestart();
    this.watch(Math.min(LONGEST, STALLED_AFTER * 2 ** Math.min(this.#tries - 1, 4)));
    this.#options.onChange();
  }
}
