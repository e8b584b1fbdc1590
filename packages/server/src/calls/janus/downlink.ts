import { randomUUID } from "node:crypto";
import {
  CALL_SERVER,
  type CallLayer,
  type CallSignal,
  type CallSignalIn,
  type CallSlot,
  type CallStream,
  TIMING,
} from "@parlor/protocol";
import type { JanusFrame, Jsep, Ref, RoomWords } from "./frames.js";
import type { Answer, JanusHandle } from "./handle.js";
import type { LineParts } from "./line.js";
import { createTurns } from "./turns.js";
import { toJanus } from "./uplink.js";

/**
 * A client that does not answer a description in this time makes another connection. One that lost its socket answers when
 * it is back, and its media goes on meanwhile.
 */
const ANSWER_WITHIN = TIMING.callGrace + 5_000;
/** What Janus refuses for now (somebody left at that moment) is asked again after so long, so many times. */
const RETRY_AFTER = 500;
const RETRIES = 10;
/** What Janus sends of a picture that comes in several sizes unless it is told otherwise. */
const LARGEST: CallLayer = 2;

/** One line of one other leg that is to be received. */
export interface Wish {
  readonly legId: string;
  readonly slot: CallSlot;
  readonly feed: Ref;
  readonly mid: string;
}

/** The connection over which one leg receives everybody else. Janus describes it; changes go one after the other. */
export class Downlink {
  readonly #name = randomUUID();
  readonly pair: string;
  readonly #parts: LineParts;
  /** What the leg is to receive, asked for whenever there is time to change it. */
  readonly #wishes: () => readonly Wish[];
  readonly #layerOf: (legId: string) => CallLayer;
  readonly #takeTurn: (step: () => Promise<void>) => boolean;
  #handle: JanusHandle | null = null;
  /** What Janus was asked for, by feed and line. */
  #taken = new Map<string, Wish>();
  /** Lines of this connection, by what they were asked for. */
  #mids = new Map<string, string>();
  /** The sizes that Janus was told, by line of this connection and what it carries. */
  readonly #layers = new Map<string, CallLayer>();
  /** Ends the wait for the client's answer. */
  #answerTimer: NodeJS.Timeout | null = null;
  #retryTimer: NodeJS.Timeout | null = null;
  #failures = 0;
  #wantsRestart = false;
  /** An update waits for its turn; it will see what is wished then. */
  #isDue = false;
  #isClosed = false;

  constructor(
    pair: string,
    from: { wishes: () => readonly Wish[]; layerOf: (legId: string) => CallLayer },
    parts: LineParts,
  ) {
    this.pair = pair;
    this.#wishes = from.wishes;
    this.#layerOf = from.layerOf;
    this.#parts = parts;
    this.#takeTurn = createTurns(parts.onError);
  }

  /** Takes an answer, a candidate, or the wish for another way. */
  receive({ description, candidate, restart }: CallSignal): void {
    if (description?.type === "answer") this.#do(() => this.#start(description.sdp));
    else if (candidate) this.#do(async () => await this.#handle?.trickle(toJanus(candidate)));
    else if (restart) {
      this.#wantsRestart = true;
      this.update();
    }
  }

  /** Brings what is received, and in which sizes, to what is wished, as soon as the last change is done. */
  update(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    this.#do(async () => {
      this.#isDue = false;
      await this.#change();
      await this.#chooseLayers();
    });
  }

  close(): void {
    this.#isClosed = true;
    if (this.#answerTimer) clearTimeout(this.#answerTimer);
    if (this.#retryTimer) clearTimeout(this.#retryTimer);
    this.#handle?.detach();
  }

  #do(step: () => Promise<void>): void {
    const isTaken = this.#takeTurn(async () => {
      if (!this.#isClosed) await step();
    });
    if (!isTaken) this.#parts.onLost();
  }

  async #change(): Promise<void> {
    // The client has not answered the last description; its answer leads here again.
    if (this.#answerTimer || this.#isClosed) return;
    const wished = new Map(this.#wishes().map((wish) => [keyOf(wish), wish]));
    const feeds = new Set([...wished.values()].map(({ feed }) => feed));
    const more = [...wished].filter(([key]) => !this.#taken.has(key)).map(([, wish]) => wish);
    const gone = [...this.#taken].filter(([key]) => !wished.has(key)).map(([, wish]) => wish);
    // Lines of a feed that has ended are gone by themselves; Janus does not know it any more.
    const less = gone.filter(({ feed }) => feeds.has(feed));
    try {
      if (more.length + less.length > 0) await this.#subscribe(more, less);
      else if (this.#wantsRestart && this.#handle) await this.#restart(this.#handle);
      this.#taken = wished;
      this.#failures = 0;
    } catch (error) {
      this.#tryLater(error);
    }
  }

  async #subscribe(more: readonly Wish[], less: readonly Wish[]): Promise<void> {
    const { room, attach } = this.#parts;
    const streams = more.map(({ feed, mid }) => ({ feed, mid }));
    if (this.#handle) {
      const answer = await this.#handle.ask({
        request: "update",
        ...(more.length > 0 ? { subscribe: streams } : {}),
        ...(less.length > 0 ? { unsubscribe: less.map(({ feed, mid }) => ({ feed, mid })) } : {}),
      });
      this.#offer(answer);
      return;
    }
    const handle = await attach((frame) => this.#hear(frame));
    if (this.#isClosed) {
      handle.detach();
      return;
    }
    try {
      const request = { request: "join", ptype: "subscriber", room: room.id, pin: room.pin };
      const answer = await handle.ask({ ...request, autoupdate: false, streams });
      this.#handle = handle;
      this.#offer(answer);
    } catch (error) {
      handle.detach();
      throw error;
    }
  }

  async #restart(handle: JanusHandle): Promise<void> {
    this.#wantsRestart = false;
    this.#offer(await handle.ask({ request: "configure", restart: true }));
  }

  /** Passes Janus' description on, with whose media its lines carry. */
  #offer({ words, jsep }: Answer): void {
    if (jsep?.type !== "offer" || this.#isClosed) return;
    const streams = words.streams ? this.#streamsOf(words.streams) : undefined;
    this.#answerTimer = setTimeout(() => this.#parts.onLost(), ANSWER_WITHIN);
    this.#answerTimer.unref();
    this.#send({ description: toWire(jsep), ...(streams ? { streams } : {}) });
  }

  #streamsOf(lines: NonNullable<RoomWords["streams"]>): CallStream[] {
    const known = new Map(this.#wishes().map((wish) => [keyOf(wish), wish]));
    for (const [key, wish] of this.#taken) known.set(key, wish);
    this.#mids = new Map();
    const lineKeys = new Set(
      lines.map(({ mid, feed_id = "", feed_mid = "" }) =>
        lineKeyOf(mid, keyOf({ feed: feed_id, mid: feed_mid })),
      ),
    );
    for (const lineKey of this.#layers.keys()) if (!lineKeys.has(lineKey)) this.#layers.delete(lineKey);
    return lines.flatMap(({ mid, feed_id, feed_mid, active }) => {
      if (feed_id === undefined || feed_mid === undefined || active === false) return [];
      const key = keyOf({ feed: feed_id, mid: feed_mid });
      const wish = known.get(key);
      if (!wish) return [];
      this.#mids.set(key, mid);
      return [{ mid, leg_id: wish.legId, slot: wish.slot }];
    });
  }

  async #start(sdp: string): Promise<void> {
    if (!this.#handle || !this.#answerTimer) return;
    clearTimeout(this.#answerTimer);
    this.#answerTimer = null;
    await this.#handle.ask({ request: "start" }, { type: "answer", sdp });
    await this.#chooseLayers();
    await this.#change();
  }

  async #chooseLayers(): Promise<void> {
    if (!this.#handle || this.#answerTimer) return;
    for (const [key, mid] of this.#mids) {
      const wish = this.#taken.get(key);
      if (wish?.slot !== "camera") continue;
      const layer = this.#layerOf(wish.legId);
      const lineKey = lineKeyOf(mid, key);
      if ((this.#layers.get(lineKey) ?? LARGEST) === layer) continue;
      await this.#handle.ask({ request: "configure", streams: [{ mid, substream: layer }] });
      this.#layers.set(lineKey, layer);
    }
  }

  #hear({ janus, candidate }: JanusFrame): void {
    if (this.#isClosed) return;
    if (janus === "hangup" || janus === "detached") {
      this.#parts.onLost();
    } else if (janus === "trickle" && candidate?.candidate !== undefined) {
      const { candidate: line, sdpMid = null, sdpMLineIndex = null } = candidate;
      this.#send({ candidate: { candidate: line, sdpMid, sdpMLineIndex } });
    }
  }

  #tryLater(error: unknown): void {
    this.#failures += 1;
    if (this.#isClosed) return;
    if (this.#failures > RETRIES) {
      this.#parts.onError(error);
      this.#parts.onLost();
      return;
    }
    if (this.#retryTimer) clearTimeout(this.#retryTimer);
    this.#retryTimer = setTimeout(() => this.update(), RETRY_AFTER);
    this.#retryTimer.unref();
  }

  #send(content: Omit<CallSignalIn, "pair" | "to_pair">): void {
    this.#parts.send(CALL_SERVER.receives, { pair: this.#name, to_pair: this.pair, ...content });
  }
}

function keyOf({ feed, mid }: Pick<Wish, "feed" | "mid">): string {
  return `${feed} ${mid}`;
}

function lineKeyOf(mid: string, key: string): string {
  return `${mid} ${key}`;
}

function toWire({ type, sdp }: Jsep): { type: "offer" | "answer"; sdp: string } {
  return { type, sdp };
}
