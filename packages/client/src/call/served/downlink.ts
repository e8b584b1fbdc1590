import {
  CALL_SERVER,
  type CallMedia,
  type CallSignalIn,
  type CallSlot,
  type CallStream,
} from "@parlor/protocol";
import type { CallPlatform } from "../platform.js";
import { Line, type LineOptions } from "./line.js";

/** Streams of one person; they keep their identity while the person is there. */
export interface PersonStreams {
  readonly voice: MediaStream;
  readonly camera: MediaStream;
  readonly screen: MediaStream;
}

type Receivers = Partial<Record<CallSlot, RTCRtpReceiver>>;

/** What a media server sends of everybody else, over one connection. The server describes it. */
export class Downlink {
  readonly #line: Line;
  readonly #platform: CallPlatform;
  readonly #streams = new Map<string, PersonStreams>();
  #receivers = new Map<string, Receivers>();
  /** Whose media the lines carry, as the last description said. */
  #lines: readonly CallStream[] = [];
  #mediaOf: (legId: string) => CallMedia | null;
  readonly #onChange: () => void;

  constructor(
    options: Omit<LineOptions, "send" | "onRestart"> & {
      readonly send: (to: string, signal: CallSignalIn) => void;
      /** What somebody may send; `null`: is not there. */
      readonly mediaOf: (legId: string) => CallMedia | null;
    },
  ) {
    this.#platform = options.platform;
    this.#mediaOf = options.mediaOf;
    this.#onChange = options.onChange;
    this.#line = new Line({
      ...options,
      send: (signal) => options.send(CALL_SERVER.receives, signal),
      onRestart: () => this.restart(),
    });
  }

  get connection(): RTCPeerConnection {
    return this.#line.connection;
  }

  get status() {
    return this.#line.status;
  }

  get tries(): number {
    return this.#line.tries;
  }

  /** Asks the server to describe what there is. */
  begin(): void {
    this.#line.send({ reset: true });
  }

  receive(signal: CallSignalIn): void {
    const { streams } = signal;
    this.#line.receive(signal, async (sdp) => {
      await this.connection.setRemoteDescription({ type: "offer", sdp });
      if (streams) this.#lines = streams;
      this.collect();
      await this.#line.describe();
      if (this.connection.connectionState !== "connected") this.#line.watch();
      this.#onChange();
    });
  }

  /** Brings the tracks that come in into the streams of those whose they are, and plays what they may send. */
  collect(): void {
    const byMid = new Map(this.connection.getTransceivers().map(({ mid, receiver }) => [mid, receiver]));
    this.#receivers = new Map();
    for (const { mid, leg_id, slot } of this.#lines) {
      const receiver = byMid.get(mid);
      const media = this.#mediaOf(leg_id);
      if (!receiver || !media) continue;
      const mine = this.#receivers.get(leg_id) ?? {};
      mine[slot] = receiver;
      this.#receivers.set(leg_id, mine);
      receiver.track.enabled =
        slot === "voice" ? media.audio : slot === "camera" ? media.video : media.screen;
    }
    for (const legId of this.#streams.keys()) if (!this.#mediaOf(legId)) this.#streams.delete(legId);
    for (const [legId, { voice, camera, screen }] of this.#streams) {
      const mine = this.#receivers.get(legId) ?? {};
      hold(voice, [mine.voice]);
      hold(camera, [mine.camera]);
      hold(screen, [mine.screen, mine.sound]);
    }
  }

  /** The streams of somebody. */
  streamsOf(legId: string): PersonStreams {
    const known = this.#streams.get(legId);
    if (known) return known;
    const make = () => this.#platform.createStream();
    const made = { voice: make(), camera: make(), screen: make() };
    this.#streams.set(legId, made);
    this.collect();
    return made;
  }

  /** What comes in of somebody; `null` while the server has not described anything of theirs. */
  receiversOf(legId: string): Receivers | null {
    return this.#receivers.get(legId) ?? null;
  }

  /** Looks for another way, keeping the connection. */
  restart(): void {
    if (!this.connection.remoteDescription) return;
    this.#line.refresh();
    this.#line.send({ restart: true });
  }

  close(): void {
    this.#line.close();
  }
}

/** Makes a stream hold these tracks and no others. */
function hold(stream: MediaStream, receivers: readonly (RTCRtpReceiver | undefined)[]): void {
  const wanted = receivers.flatMap((receiver) => (receiver ? [receiver.track] : []));
  for (const track of stream.getTracks()) if (!wanted.includes(track)) stream.removeTrack(track);
  for (const track of wanted) if (!stream.getTracks().includes(track)) stream.addTrack(track);
}
