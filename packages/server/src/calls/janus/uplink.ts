import { randomUUID } from "node:crypto";
import { CALL_SERVER, CALL_SLOTS, type CallMedia, type CallSignal, type CallSlot } from "@parlor/protocol";
import type { JanusFrame, Ref } from "./frames.js";
import type { JanusHandle } from "./handle.js";
import type { LineParts } from "./line.js";
import { createTurns } from "./turns.js";

/** What a leg sends, as Janus knows it, once it flows. */
export interface Feed {
  readonly id: Ref;
  /** Names of the lines in Janus, by what they carry. */
  readonly mids: Readonly<Record<CallSlot, string>>;
}

/**
 * The connection over which one leg sends to Janus. The leg describes it; what the leg may not send is dropped there,
 * whatever its client does.
 */
export class Uplink {
  /** Names this end to the client, as long as it lasts. */
  readonly #name = randomUUID();
  /** The client's name of its own end. */
  readonly pair: string;
  /** The name of its files, where it is recorded. */
  readonly #fileName: string;
  readonly #parts: LineParts;
  readonly #takeTurn: (step: () => Promise<void>) => boolean;
  #handle: JanusHandle | null = null;
  #feed: Feed | null = null;
  #isUp = false;
  #isClosed = false;
  #allowed: CallMedia;
  /** What Janus was told to drop. */
  readonly #dropped = new Set<CallSlot>();
  /** Whether it is to be recorded, and whether Janus was told so. */
  #isToBeRecorded = false;
  #isRecorded = false;

  constructor(pair: string, fileName: string, allowed: CallMedia, parts: LineParts) {
    this.pair = pair;
    this.#fileName = fileName;
    this.#allowed = allowed;
    this.#parts = parts;
    this.#takeTurn = createTurns(parts.onError);
  }

  /** What others can take from it; `null` while nothing flows. */
  get feed(): Feed | null {
    return this.#isUp ? this.#feed : null;
  }

  /** Takes a description or a candidate of the leg. */
  receive({ description, candidate }: CallSignal): void {
    if (description?.type === "offer") this.#do(() => this.#describe(description.sdp));
    else if (candidate) this.#do(async () => await this.#handle?.trickle(toJanus(candidate)));
  }

  /** Lets through what the leg may send, and drops the rest. */
  allow(media: CallMedia): void {
    const before = this.#allowed;
    this.#allowed = media;
    if (CALL_SLOTS.every((slot) => mayPass(slot, before) === mayPass(slot, media))) return;
    this.#do(async () => {
      try {
        await this.#enforce();
      } catch (error) {
        // What can not be dropped alone is dropped with all the rest.
        this.#parts.onError(error);
        this.#parts.onLost();
      }
    });
  }

  /** Records what it sends, or no more; resolves when Janus knows it. */
  record(isWanted: boolean): Promise<void> {
    if (this.#isToBeRecorded === isWanted) return Promise.resolve();
    this.#isToBeRecorded = isWanted;
    return new Promise((resolve) => {
      const step = async () => {
        try {
          await this.#writeFiles();
        } catch (error) {
          this.#parts.onError(error);
          // Nobody is recorded for longer than they were told.
          if (!isWanted) this.#parts.onLost();
        } finally {
          resolve();
        }
      };
      this.#do(step, resolve);
    });
  }

  close(): void {
    this.#isClosed = true;
    this.#isUp = false;
    this.#handle?.detach();
  }

  #do(step: () => Promise<void>, skipped = () => {}): void {
    const isTaken = this.#takeTurn(async () => {
      if (!this.#isClosed) await step();
      else skipped();
    });
    if (isTaken) return;
    skipped();
    this.#parts.onLost();
  }

  async #describe(sdp: string): Promise<void> {
    const { room, attach } = this.#parts;
    const offer = { type: "offer", sdp: largestFirst(sdp) } as const;
    const mids = midsOf(sdp);
    if (this.#handle) {
      // What is dropped is named by these.
      if (CALL_SLOTS.some((slot) => this.#feed?.mids[slot] !== mids[slot]))
        throw new Error("an offer has other lines than the first");
      const { jsep } = await this.#handle.ask({ request: "configure" }, offer);
      this.#answer(jsep?.sdp);
      return;
    }
    const handle = await attach((frame) => this.#hear(frame));
    // Whoever was removed meanwhile sends nothing.
    if (this.#isClosed) {
      handle.detach();
      return;
    }
    this.#handle = handle;
    const request = { request: "joinandconfigure", ptype: "publisher", room: room.id, pin: room.pin };
    const { words, jsep } = await handle.ask(request, offer);
    if (words.id === undefined) throw new Error("Janus gave no place to send to");
    this.#feed = { id: words.id, mids };
    await this.#enforce();
    await this.#writeFiles();
    this.#answer(jsep?.sdp);
  }

  #answer(sdp: string | undefined): void {
    if (sdp === undefined || this.#isClosed) return;
    this.#send({ description: { type: "answer", sdp } });
  }

  async #enforce(): Promise<void> {
    const { room } = this.#parts;
    const feed = this.#feed;
    if (!feed || !this.#handle) return;
    for (const slot of CALL_SLOTS) {
      const isDropped = !mayPass(slot, this.#allowed);
      if (isDropped === this.#dropped.has(slot)) continue;
      await this.#handle.ask({
        request: "moderate",
        room: room.id,
        secret: room.secret,
        id: feed.id,
        mid: feed.mids[slot],
        mute: isDropped,
      });
      if (isDropped) this.#dropped.add(slot);
      else this.#dropped.delete(slot);
    }
  }

  async #writeFiles(): Promise<void> {
    const isWanted = this.#isToBeRecorded;
    if (!this.#feed || !this.#handle || isWanted === this.#isRecorded) return;
    await this.#handle.ask({ request: "configure", record: isWanted, filename: this.#fileName });
    this.#isRecorded = isWanted;
  }

  #hear({ janus, candidate }: JanusFrame): void {
    if (this.#isClosed) return;
    if (janus === "webrtcup") {
      this.#isUp = true;
      this.#parts.onChange();
    } else if (janus === "hangup" || janus === "detached") {
      this.#parts.onLost();
    } else if (janus === "trickle" && candidate?.candidate !== undefined) {
      const { candidate: line, sdpMid = null, sdpMLineIndex = null } = candidate;
      this.#send({ candidate: { candidate: line, sdpMid, sdpMLineIndex } });
    }
  }

  #send(content: Pick<CallSignal, "description" | "candidate">): void {
    this.#parts.send(CALL_SERVER.sends, { pair: this.#name, to_pair: this.pair, ...content });
  }
}

/** Whether what goes over a line is among what a leg may send. */
export function mayPass(slot: CallSlot, media: CallMedia): boolean {
  if (slot === "voice") return media.audio;
  return slot === "camera" ? media.video : media.screen;
}

/** The lines of an offer, which are those that the protocol tells; throws for any other. */
export function midsOf(sdp: string): Record<CallSlot, string> {
  const [voice, camera, screen, sound, ...more] = sdp.split(/^m=/m).slice(1).map(midOf);
  const kinds = [...sdp.matchAll(/^m=(\w+)/gm)].map(([, kind]) => kind).join();
  if (!voice || !camera || !screen || !sound || more.length > 0 || kinds !== "audio,video,video,audio")
    throw new Error("an offer does not have the lines that it must have");
  return { voice, camera, screen, sound };
}

/**
 * An offer with the sizes of its pictures in the order that Janus expects, which counts them from the last one. Browsers
 * drop the last ones of a small picture, so they are told the smallest first.
 */
export function largestFirst(sdp: string): string {
  const turned = sdp.replace(
    /^a=simulcast:send (\S+)/gm,
    (_, sizes: string) => `a=simulcast:send ${sizes.split(";").reverse().join(";")}`,
  );
  return turned.replace(/(?:^a=rid:\S+ send.*\r?\n)+/gm, (lines) =>
    (lines.match(/.+\r?\n/g) ?? []).reverse().join(""),
  );
}

function midOf(section: string): string | undefined {
  return /^a=mid:([\w.-]{1,32})\r?$/m.exec(section)?.[1];
}

/** A candidate as Janus takes it; without a line, that there are no more. */
export function toJanus({ candidate, sdpMid, sdpMLineIndex }: NonNullable<CallSignal["candidate"]>) {
  if (candidate === "") return { completed: true };
  return {
    candidate,
    ...(typeof sdpMid === "string" ? { sdpMid } : {}),
    ...(typeof sdpMLineIndex === "number" ? { sdpMLineIndex } : {}),
  };
}
