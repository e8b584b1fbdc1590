import { CALL_SERVER, type CallSignalIn } from "@parlor/protocol";
import { shapeSender, VOICE } from "../pair.js";
import { kindOf, SLOTS, type Tracks } from "../slots.js";
import type { VideoPlan } from "../video-plan.js";
import { encodingsFor, SIZES } from "./encodings.js";
import { Line, type LineOptions } from "./line.js";

/** A shared screen: sharp rather than smooth. */
const SCREEN: Partial<RTCRtpEncodingParameters> = { maxBitrate: 1_500_000, maxFramerate: 15 };

/** What is sent to a media server, once for everybody. */
export class Uplink {
  readonly #line: Line;
  readonly #tracks: () => Tracks;
  readonly #planOf: () => VideoPlan;

  constructor(
    options: Omit<LineOptions, "send" | "onRestart"> & {
      readonly send: (to: string, signal: CallSignalIn) => void;
      readonly tracks: () => Tracks;
      readonly plan: () => VideoPlan;
    },
  ) {
    this.#tracks = options.tracks;
    this.#planOf = options.plan;
    this.#line = new Line({
      ...options,
      send: (signal) => options.send(CALL_SERVER.sends, signal),
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

  /** Makes the first description. */
  begin(): void {
    const { connection } = this.#line;
    this.#line.enqueue(async () => {
      for (const slot of SLOTS) {
        const encodings = slot === "camera" ? { sendEncodings: SIZES.map((rid) => ({ rid })) } : {};
        connection.addTransceiver(kindOf(slot), { direction: "sendonly", ...encodings });
      }
      await this.#fill();
      await this.#line.describe();
    });
    this.#line.watch();
  }

  receive(signal: CallSignalIn): void {
    this.#line.receive(signal, async (sdp) => {
      if (this.connection.signalingState !== "have-local-offer") return;
      await this.connection.setRemoteDescription({ type: "answer", sdp });
    });
  }

  /** Sends what there is to send now, as large as it may be. */
  update(): void {
    this.#line.enqueue(() => this.#fill());
  }

  /** Looks for another way, keeping the connection. */
  restart(): void {
    this.#line.enqueue(async () => {
      this.#line.refresh();
      if (this.connection.signalingState === "have-local-offer") {
        // The answer, or the offer itself, was lost on the way.
        this.#line.sendDescription();
        return;
      }
      this.connection.restartIce();
      await this.#line.describe();
    });
  }

  close(): void {
    this.#line.close();
  }

  async #fill(): Promise<void> {
    const tracks = this.#tracks();
    for (const [index, { sender }] of this.connection.getTransceivers().entries()) {
      const slot = SLOTS[index];
      if (!slot) continue;
      const track = tracks[slot];
      if (sender.track !== track) await sender.replaceTrack(track);
      if (!track) continue;
      if (slot === "voice") await shapeSender(sender, VOICE).catch(() => {});
      else if (slot === "screen") await shapeSender(sender, SCREEN).catch(() => {});
      else if (slot === "camera") await this.#shapeCamera(sender, track);
    }
  }

  async #shapeCamera(sender: RTCRtpSender, track: MediaStreamTrack): Promise<void> {
    const { width = 1_280, height = 720 } = track.getSettings();
    const wanted = encodingsFor(Math.min(width, height), this.#planOf());
    const parameters = sender.getParameters();
    let isNew = false;
    for (const encoding of parameters.encodings) {
      const size = SIZES.find((rid) => rid === encoding.rid);
      if (!size) continue;
      const before = JSON.stringify(encoding);
      Object.assign(encoding, wanted[size]);
      if (JSON.stringify(encoding) !== before) isNew = true;
    }
    // A browser that does not offer sizes sends one picture, as it likes.
    if (isNew) await sender.setParameters(parameters).catch(() => {});
  }
}
