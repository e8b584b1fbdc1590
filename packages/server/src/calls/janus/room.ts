import { randomBytes } from "node:crypto";
import {
  CALL_SERVER,
  CALL_SLOTS,
  type CallLayer,
  type CallSignal,
  type CallSignalIn,
  LIMITS,
  ParlorError,
} from "@parlor/protocol";
import type { Logger } from "../../log.js";
import type { Leg } from "../leg.js";
import type { CarriedCall, RecordingTarget } from "../provider.js";
import { Downlink, type Wish } from "./downlink.js";
import type { JanusHandle } from "./handle.js";
import type { JanusRoomKey, LineParts } from "./line.js";
import type { JanusLink } from "./link.js";
import { mayPass, Uplink } from "./uplink.js";

/** A picture that changed its size is written from its next whole picture on: these come so often, in seconds. */
const KEY_EVERY = 3;
/** Bits a second that Janus lets one leg send in pictures. */
const BITRATE = 3_000_000;

interface Member {
  readonly leg: Leg;
  uplink: Uplink | null;
  downlink: Downlink | null;
  /** The sizes that this leg wants of the others' cameras. */
  readonly layers: Map<string, CallLayer>;
}

/** A call in Janus: a room of the video room plugin, and the connections of its legs. */
export class JanusRoom {
  readonly #call: CarriedCall;
  readonly #link: JanusLink;
  readonly #adminKey: string | null;
  readonly #log: Logger;
  readonly #members = new Map<string, Member>();
  #handle: JanusHandle | null = null;
  #key: JanusRoomKey | null = null;
  #recording: RecordingTarget | null = null;
  /** Sending connections that there were: each writes files of its own name. */
  #uplinks = 0;

  constructor(call: CarriedCall, parts: { link: JanusLink; adminKey: string | null; log: Logger }) {
    this.#call = call;
    this.#link = parts.link;
    this.#adminKey = parts.adminKey;
    this.#log = parts.log;
  }

  /** Makes the room in Janus; throws `call_server_away`, and what Janus says. */
  async open(): Promise<void> {
    const handle = await this.#link.attach(() => {});
    const [secret, pin] = [randomBytes(24).toString("base64url"), randomBytes(24).toString("base64url")];
    const { words } = await handle.ask({
      request: "create",
      description: "A call of Parlor",
      secret,
      pin,
      is_private: true,
      // One more is the host's.
      publishers: LIMITS.callLegsServed + 1,
      bitrate: BITRATE,
      audiocodec: "opus",
      videocodec: "vp8",
      ...(this.#recording ? { rec_dir: this.#recording.folder, fir_freq: KEY_EVERY } : {}),
      ...(this.#adminKey === null ? {} : { admin_key: this.#adminKey }),
    });
    if (words.room === undefined) throw new Error("Janus made no room");
    this.#handle = handle;
    this.#key = { id: words.room, secret, pin };
    // Those whose connections were lost with the room of before make new ones.
    for (const { leg } of this.#members.values())
      for (const end of Object.values(CALL_SERVER)) this.#reset(leg, end, null);
  }

  /** Janus forgot all of it. */
  lost(): void {
    this.#handle = null;
    this.#key = null;
    for (const member of this.#members.values()) this.#hangUp(member);
  }

  /** Takes a signal of a leg for one of its own connections. */
  signal(leg: Leg, to: string, signal: CallSignal): void {
    const member = this.#memberOf(leg);
    const room = this.#key;
    // It is told to begin anew when there is a room again.
    if (!room) return;
    if (to === CALL_SERVER.sends) this.#takeUplink(member, room, signal);
    else if (to === CALL_SERVER.receives) this.#takeDownlink(member, room, signal);
    else throw new ParlorError("call_leg_gone");
  }

  /** Writes what legs send who were told so, from now on; with `null` no more, done when the files are closed. */
  async record(target: RecordingTarget | null): Promise<void> {
    const edit = target ? { new_rec_dir: target.folder, new_fir_freq: KEY_EVERY } : { new_fir_freq: 0 };
    if (target) await this.#edit(edit);
    this.#recording = target;
    await Promise.all([...this.#members.values()].map((member) => this.#followRecording(member)));
    if (!target) await this.#edit(edit);
  }

  /** Follows who is in the call, and what each may send. */
  changed(): void {
    for (const [legId, { leg }] of [...this.#members])
      if (this.#call.legs.get(legId) !== leg) this.removed(leg);
    for (const member of this.#members.values()) {
      member.uplink?.allow(member.leg.media);
      void this.#followRecording(member);
    }
    for (const { downlink } of this.#members.values()) downlink?.update();
  }

  /** Notes the sizes that a leg wants. */
  wants(leg: Leg, layers: readonly { leg_id: string; layer: CallLayer }[]): void {
    const member = this.#memberOf(leg);
    for (const { leg_id, layer } of layers) if (this.#call.legs.has(leg_id)) member.layers.set(leg_id, layer);
    for (const legId of member.layers.keys()) if (!this.#call.legs.has(legId)) member.layers.delete(legId);
    member.downlink?.update();
  }

  /** Ends the connections of a leg, at once. */
  removed(leg: Leg): void {
    const member = this.#members.get(leg.id);
    if (member?.leg !== leg) return;
    this.#members.delete(leg.id);
    this.#hangUp(member);
    for (const { downlink } of this.#members.values()) downlink?.update();
  }

  /** Ends the room in Janus, where that can be reached. */
  async close(): Promise<void> {
    for (const member of this.#members.values()) this.#hangUp(member);
    this.#members.clear();
    const [handle, key] = [this.#handle, this.#key];
    this.#handle = null;
    this.#key = null;
    if (!handle || !key) return;
    try {
      await handle.ask({ request: "destroy", room: key.id, secret: key.secret });
    } catch (err) {
      this.#log.debug({ err }, "a room of the media server was not ended");
    }
    handle.detach();
  }

  #takeUplink(member: Member, room: JanusRoomKey, signal: CallSignal): void {
    if (member.uplink?.pair !== signal.pair) {
      if (signal.description?.type !== "offer") {
        this.#reset(member.leg, CALL_SERVER.sends, signal.pair);
        return;
      }
      member.uplink?.close();
      this.#uplinks += 1;
      const uplink = new Uplink(
        signal.pair,
        `sent-${member.leg.order}-${this.#uplinks}`,
        member.leg.media,
        this.#partsFor(member, room, () => {
          if (member.uplink !== uplink) return;
          member.uplink = null;
          uplink.close();
          this.#reset(member.leg, CALL_SERVER.sends, uplink.pair);
          this.#update();
        }),
      );
      member.uplink = uplink;
      void this.#followRecording(member);
    }
    member.uplink.receive(signal);
  }

  async #edit(changes: Readonly<Record<string, string | number>>): Promise<void> {
    const [handle, key] = [this.#handle, this.#key];
    // A room that is made anew is made with what holds then.
    if (handle && key) await handle.ask({ request: "edit", room: key.id, secret: key.secret, ...changes });
  }

  /** Somebody is recorded when their client shows it, and not before. */
  async #followRecording({ leg, uplink }: Member): Promise<void> {
    await uplink?.record(this.#recording !== null && leg.told === this.#recording.id);
  }

  #takeDownlink(member: Member, room: JanusRoomKey, signal: CallSignal): void {
    if (member.downlink?.pair !== signal.pair) {
      if (!signal.reset) {
        this.#reset(member.leg, CALL_SERVER.receives, signal.pair);
        return;
      }
      member.downlink?.close();
      const downlink = new Downlink(
        signal.pair,
        {
          wishes: () => this.#wishesOf(member),
          layerOf: (legId) => member.layers.get(legId) ?? 1,
        },
        this.#partsFor(member, room, () => {
          if (member.downlink !== downlink) return;
          member.downlink = null;
          downlink.close();
          this.#reset(member.leg, CALL_SERVER.receives, downlink.pair);
        }),
      );
      member.downlink = downlink;
      downlink.update();
      return;
    }
    member.downlink.receive(signal);
  }

  #partsFor({ leg }: Member, room: JanusRoomKey, onLost: () => void): LineParts {
    return {
      room,
      attach: (onEvent) => this.#link.attach(onEvent),
      send: (from, signal) => this.#send(leg, from, signal),
      onChange: () => this.#update(),
      onLost,
      onError: (err) => this.#log.debug({ err }, "a connection with the media server had trouble"),
    };
  }

  /** Everything that a leg is to receive: what the others may send, and what of it flows. */
  #wishesOf(receiver: Member): Wish[] {
    return [...this.#members.values()].flatMap(({ leg, uplink }) => {
      const feed = leg === receiver.leg ? null : uplink?.feed;
      if (!feed) return [];
      // A voice comes and goes too often for another description each time.
      const slots = CALL_SLOTS.filter((slot) => slot === "voice" || mayPass(slot, leg.media));
      return slots.map((slot) => ({ legId: leg.id, slot, feed: feed.id, mid: feed.mids[slot] }));
    });
  }

  #memberOf(leg: Leg): Member {
    const known = this.#members.get(leg.id);
    if (known?.leg === leg) return known;
    if (known) this.#hangUp(known);
    const made: Member = { leg, uplink: null, downlink: null, layers: new Map() };
    this.#members.set(leg.id, made);
    return made;
  }

  #update(): void {
    for (const { downlink } of this.#members.values()) downlink?.update();
  }

  #hangUp(member: Member): void {
    member.uplink?.close();
    member.downlink?.close();
    member.uplink = member.downlink = null;
  }

  /** Tells a leg that nothing is known of its connection: it makes a new one. */
  #reset(leg: Leg, from: string, pair: string | null): void {
    this.#send(leg, from, { pair: "server-new", to_pair: pair, reset: true });
  }

  #send(leg: Leg, from: string, signal: CallSignalIn): void {
    const { roomId: room_id, id: call_id } = this.#call;
    leg.deliver({ type: "call-signal", room_id, call_id, from, signal });
  }
}
