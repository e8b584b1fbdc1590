import type { CallMedia, CallSignal } from "@parlor/protocol";
import type { Clock } from "../clock.js";
import type { CallPlatform } from "./platform.js";
import { kindOf, SLOTS, type Slot, type Tracks } from "./slots.js";
import type { PairStatus } from "./types.js";

/** Candidates of the other side that wait for its description. */
const WAITING = 200;
/** A pair that is not connected is tried again after so long, each time later; the polite side first. */
const STALLED_AFTER = 8_000;
const LONGEST = 30_000;
const IMPOLITE_LATER = 3_000;
/** A connection that is lost often comes back by itself. */
const LOST_AFTER = 3_000;
/** After so many tries in vain on one connection a new one is made; after so many on several it is called failed. */
const NEW_AFTER = 2;
const FAILED_AFTER = 4;

/** What a pair needs. */
export interface PairOptions {
  readonly platform: CallPlatform;
  readonly clock: Clock;
  readonly configuration: () => RTCConfiguration;
  /** The other side's connection, where its signal brought this one. */
  readonly remote: string | null;
  readonly tries: number;
  readonly isPolite: () => boolean;
  readonly tracks: () => Tracks;
  readonly send: (signal: CallSignal) => void;
  /** Whether the other side may begin something anew once more; asked each time. */
  readonly mayRenew: () => boolean;
  readonly onChange: () => void;
  /**
   * This connection leads nowhere any more: a new one is to take its place. With a signal because of that signal, which
   * is for the new one; `offer` says that the new one begins.
   */
  readonly onRenew: (cause: { signal?: CallSignal; remote?: string; offer: boolean }) => void;
}

/** One connection to one other leg: negotiation, repair, and the tracks in their places. */
export class Pair {
  readonly id = randomName();
  readonly connection: RTCPeerConnection;
  /** Streams of what comes in; they live as long as the connection. */
  readonly voice: MediaStream;
  readonly camera: MediaStream;
  readonly screen: MediaStream;
  readonly #options: PairOptions;
  #remote: string | null;
  #work: Promise<void> = Promise.resolve();
  #waiting: RTCIceCandidateInit[] = [];
  /** Own candidates that wait until their description is on its way. */
  #held: RTCIceCandidateInit[] | null = [];
  #ignoresOffer = false;
  #tries: number;
  #wasConnected = false;
  #stopTimer: () => void = () => {};
  #isClosed = false;
  #media: CallMedia = { audio: false, video: false, screen: false };

  constructor(options: PairOptions) {
    this.#options = options;
    this.#remote = options.remote;
    this.#tries = options.tries;
    const { platform, configuration } = options;
    this.voice = platform.createStream();
    this.camera = platform.createStream();
    this.screen = platform.createStream();
    this.connection = platform.createConnection(configuration());
    this.connection.onicecandidate = ({ candidate }) => this.#sendCandidate(candidate);
    this.connection.onconnectionstatechange = () => this.#stateChanged();
    this.#watch(STALLED_AFTER);
  }

  get status(): PairStatus {
    if (this.connection.connectionState === "connected") return "connected";
    if (this.#tries >= FAILED_AFTER) return "failed";
    return this.#wasConnected || this.#tries > 0 ? "recovering" : "connecting";
  }

  /** Makes the first offer. */
  begin(): void {
    this.#enqueue(async () => {
      for (const slot of SLOTS) this.connection.addTransceiver(kindOf(slot), { direction: "sendrecv" });
      await this.#fill();
      await this.#describe();
    });
  }

  /** Takes a signal; `isForThis`: it caused this connection, so it counts whatever it is for. */
  receive(signal: CallSignal, isForThis = false): void {
    if (this.#isClosed) return;
    const { mayRenew, onRenew } = this.#options;
    if (!isForThis && signal.to_pair !== null && signal.to_pair !== this.id) {
      // It is for a connection that is gone. Whoever still builds on that must know.
      if (signal.description?.type === "offer" && mayRenew()) this.#sendSignal({ reset: true }, signal.pair);
      return;
    }
    if (this.#remote !== null && this.#remote !== signal.pair && this.connection.remoteDescription) {
      if (mayRenew()) onRenew({ signal, remote: signal.pair, offer: false });
      return;
    }
    this.#remote = signal.pair;
    if (signal.reset) {
      // Only one side makes offers that begin a connection, so that these never cross.
      if (mayRenew()) onRenew({ remote: signal.pair, offer: this.#options.isPolite() });
      return;
    }
    const { description, candidate } = signal;
    if (description?.type === "offer" && this.connection.remoteDescription && !mayRenew()) return;
    if (description) this.#enqueue(() => this.#take(description));
    else if (candidate) this.#enqueue(() => this.#add(fromWire(candidate)));
  }

  /** Sends what there is to send now. */
  update(): void {
    this.#enqueue(() => this.#fill());
  }

  /** Tells how pictures are sent from now on. */
  shape(encodings: Partial<Record<Slot, Partial<RTCRtpEncodingParameters>>>): void {
    this.#enqueue(async () => {
      for (const [index, slot] of SLOTS.entries()) {
        const sender = this.connection.getTransceivers()[index]?.sender;
        const wanted = encodings[slot];
        if (sender?.track && wanted) await shapeSender(sender, wanted);
      }
    });
  }

  /** Plays only what the other side may send: what it says, as the server lets it. */
  allow(media: CallMedia): void {
    this.#media = media;
    for (const [index, slot] of SLOTS.entries()) {
      const track = this.connection.getTransceivers()[index]?.receiver.track;
      if (!track) continue;
      track.enabled = slot === "voice" ? media.audio : slot === "camera" ? media.video : media.screen;
    }
  }

  /** Loudness of what comes in, as the browser measured it last. */
  get level(): number {
    const [source] = this.connection.getTransceivers()[0]?.receiver.getSynchronizationSources() ?? [];
    return source?.audioLevel ?? 0;
  }

  /** Looks for another way, keeping the connection. */
  restart(): void {
    this.#enqueue(async () => {
      const { connection } = this;
      // The credentials of the begin may have ended.
      connection.setConfiguration(this.#options.configuration());
      if (!connection.remoteDescription && connection.signalingState === "stable") return;
      if (connection.signalingState === "have-local-offer") {
        // The answer, or the offer itself, was lost on the way.
        this.#sendDescription();
        return;
      }
      connection.restartIce();
      await this.#describe();
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#stopTimer();
    const { connection } = this;
    connection.onicecandidate = connection.onconnectionstatechange = null;
    connection.close();
  }

  /** One step of the negotiation after the other: none sees another one half done. */
  #enqueue(step: () => Promise<void>): void {
    this.#work = this.#work.then(async () => {
      if (this.#isClosed) return;
      try {
        await step();
      } catch {
        // A description or candidate that the browser refuses; the watch looks after the connection.
      }
    });
  }

  async #take(description: NonNullable<CallSignal["description"]>): Promise<void> {
    const { connection } = this;
    const isOffer = description.type === "offer";
    if (!isOffer && connection.signalingState !== "have-local-offer") return;
    this.#ignoresOffer = isOffer && connection.signalingState !== "stable" && !this.#options.isPolite();
    if (this.#ignoresOffer) return;
    await connection.setRemoteDescription(description);
    for (const candidate of this.#waiting.splice(0)) await this.#add(candidate);
    this.#collect();
    if (!isOffer) return;
    await this.#fill();
    await this.#describe();
  }

  async #add(candidate: RTCIceCandidateInit): Promise<void> {
    if (!this.connection.remoteDescription) {
      if (this.#waiting.length < WAITING) this.#waiting.push(candidate);
      return;
    }
    if (!this.#ignoresOffer) await this.connection.addIceCandidate(candidate);
  }

  /** Makes the description that is due and sends it, then the candidates that came meanwhile. */
  async #describe(): Promise<void> {
    this.#held ??= [];
    await this.connection.setLocalDescription();
    if (this.#isClosed) return;
    this.#sendDescription();
    const held = this.#held ?? [];
    this.#held = null;
    for (const candidate of held) this.#sendSignal({ candidate: toWire(candidate) });
    this.#collect();
  }

  #sendDescription(): void {
    const description = this.connection.localDescription;
    if (description?.type !== "offer" && description?.type !== "answer") return;
    this.#sendSignal({ description: { type: description.type, sdp: description.sdp } });
  }

  #sendCandidate(candidate: RTCIceCandidate | null): void {
    // The end of candidates tells the other side nothing that it needs.
    if (!candidate || candidate.candidate === "") return;
    const init = candidate.toJSON();
    if (this.#held) this.#held.push(init);
    else this.#sendSignal({ candidate: toWire(init) });
  }

  #sendSignal(content: Pick<CallSignal, "description" | "candidate" | "reset">, to = this.#remote): void {
    this.#options.send({ pair: this.id, to_pair: to, ...content });
  }

  /** Puts the tracks into their places. */
  async #fill(): Promise<void> {
    const tracks = this.#options.tracks();
    for (const [index, transceiver] of this.connection.getTransceivers().slice(0, SLOTS.length).entries()) {
      const slot = SLOTS[index];
      if (!slot || transceiver.direction === "stopped") continue;
      if (transceiver.direction !== "sendrecv") transceiver.direction = "sendrecv";
      if (transceiver.sender.track !== tracks[slot]) await transceiver.sender.replaceTrack(tracks[slot]);
      if (slot === "voice" && tracks.voice) await shapeSender(transceiver.sender, VOICE).catch(() => {});
    }
  }

  /** Brings the incoming tracks into their streams. */
  #collect(): void {
    const streams = [this.voice, this.camera, this.screen, this.screen];
    for (const [index, stream] of streams.entries()) {
      const track = this.connection.getTransceivers()[index]?.receiver.track;
      if (track && !stream.getTracks().includes(track)) stream.addTrack(track);
    }
    this.allow(this.#media);
    this.#options.onChange();
  }

  #stateChanged(): void {
    const { connectionState } = this.connection;
    if (connectionState === "connected") {
      this.#wasConnected = true;
      this.#tries = 0;
      this.#stopTimer();
    } else if (connectionState === "failed") {
      this.#watch(this.#options.isPolite() ? 0 : IMPOLITE_LATER);
    } else if (connectionState === "disconnected") {
      this.#watch(LOST_AFTER + (this.#options.isPolite() ? 0 : IMPOLITE_LATER));
    }
    this.#options.onChange();
  }

  #watch(after: number): void {
    this.#stopTimer();
    const wait = after + (after === STALLED_AFTER && !this.#options.isPolite() ? IMPOLITE_LATER : 0);
    this.#stopTimer = this.#options.clock.after(wait, () => this.#repair());
  }

  #repair(): void {
    if (this.#isClosed || this.connection.connectionState === "connected") return;
    this.#tries += 1;
    const isNew = this.#tries % (NEW_AFTER + 1) === 0 || !this.connection.remoteDescription;
    if (isNew && this.#options.isPolite()) {
      this.#options.onRenew({ offer: true });
      return;
    }
    // The other side makes offers that begin a connection; it may not know that one is wanted.
    if (isNew) this.#sendSignal({ reset: true });
    else this.restart();
    this.#watch(Math.min(LONGEST, STALLED_AFTER * 2 ** Math.min(this.#tries - 1, 4)));
    this.#options.onChange();
  }

  /** Tries so far, for the connection that takes this one's place. */
  get tries(): number {
    return this.#tries;
  }
}

/** The voice comes first when the way is narrow. */
export const VOICE: Partial<RTCRtpEncodingParameters> = {
  priority: "high",
  networkPriority: "high",
  maxBitrate: 40_000,
};

/** Tells a sender how it encodes, where that is something new. */
export async function shapeSender(
  sender: RTCRtpSender,
  wanted: Partial<RTCRtpEncodingParameters>,
): Promise<void> {
  const parameters = sender.getParameters();
  const [encoding] = parameters.encodings;
  if (!encoding) return;
  const isSame = Object.entries(wanted).every(
    ([name, value]) => (encoding as unknown as Record<string, unknown>)[name] === value,
  );
  if (isSame) return;
  Object.assign(encoding, wanted);
  await sender.setParameters(parameters);
}

/** A candidate as it goes over the wire. */
export function toWire(init: RTCIceCandidateInit): NonNullable<CallSignal["candidate"]> {
  const { candidate = "", sdpMid, sdpMLineIndex, usernameFragment } = init;
  return { candidate, sdpMid, sdpMLineIndex, usernameFragment };
}

/** A candidate as the browser takes it. */
export function fromWire(candidate: NonNullable<CallSignal["candidate"]>): RTCIceCandidateInit {
  const { candidate: line, sdpMid = null, sdpMLineIndex = null, usernameFragment = null } = candidate;
  return { candidate: line, sdpMid, sdpMLineIndex, usernameFragment };
}

/** A name that nobody else has. */
export function randomName(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
