import { createConnection, type Socket } from "node:net";
import type { Armed, ArmedKind } from "./fault.js";
import { FrameReader, type RawFrame } from "./frame-reader.js";
import { Line } from "./line.js";
import { isRepeatable, type RawRequest, RequestReader } from "./request-reader.js";

/** The parameter in a WebSocket's address by which a participant names its socket. */
export const LABEL = "chaos";
const TEXT = 1;
const NUMBERED: ReadonlySet<unknown> = new Set(["message", "message_updated", "message_deleted"]);

/** What a connection asks of the network that it is part of. */
export interface NetworkWeather {
  /** Whether one of these faults waits for its moment. */
  wants(...kinds: ArmedKind[]): boolean;
  /** Takes a waiting fault, which hits now; `label` names the WebSocket that it hits. */
  take<K extends ArmedKind>(kind: K, label: string): Extract<Armed, { kind: K }> | undefined;
  /** A duplicate counts when it was in fact sent. */
  noteDuplicate(label: string): void;
  /** How long the next bytes are under way, in milliseconds. */
  delay(isBusy: boolean): number;
  /** Whether a WebSocket can not be had at the moment. */
  refusesSockets(): boolean;
  /** Sends a request a second time, over a connection of its own; nobody reads the answer. */
  repeat(bytes: Buffer, after: number): void;
  /** Called by a connection that has ended. */
  forget(connection: ProxiedConnection): void;
}

/** One connection of a participant, and what its network does to it. */
export class ProxiedConnection {
  readonly #client: Socket;
  readonly #server: Socket;
  readonly #network: NetworkWeather;
  readonly #up: Line;
  readonly #down: Line;
  readonly #requests = new RequestReader();
  readonly #framesUp = new FrameReader();
  readonly #framesDown = new FrameReader();
  /** Of a WebSocket: the head of the answer to its handshake has passed. */
  #opened = false;
  #upgraded = false;
  #label = "";
  /** It has a cursor: the frames of its replay are counted, and then each number is one, so that a loss shows. */
  #isWelcomed = false;
  #awaitsAnswer = false;
  #frozen = false;
  /** A part was let through last: nothing may follow it before the end. */
  #isCut = false;
  #deafDown = false;

  constructor(client: Socket, port: number, network: NetworkWeather) {
    this.#client = client;
    this.#network = network;
    this.#server = createConnection(port, "127.0.0.1");
    this.#up = new Line(this.#server, () => network.delay(this.isBusy));
    this.#down = new Line(client, () => network.delay(this.isBusy));
    client.setNoDelay(true);
    this.#server.setNoDelay(true);
    client.on("data", (chunk: Buffer) => this.#receiveUp(chunk));
    this.#server.on("data", (chunk: Buffer) => this.#receiveDown(chunk));
    client.on("error", () => {});
    this.#server.on("error", () => {});
    client.on("close", () => this.#ended(this.#up, this.#server));
    this.#server.on("close", (hadError: boolean) => {
      if (hadError && !this.#frozen) client.resetAndDestroy();
      else this.#ended(this.#down, client);
    });
  }

  get isSocket(): boolean {
    return this.#upgraded;
  }

  /** Whether something would notice the end of the connection. */
  get isBusy(): boolean {
    return this.#upgraded || this.#awaitsAnswer;
  }

  get isFrozen(): boolean {
    return this.#frozen;
  }

  /** Ends it as a dead network does: no close frame, no end of the stream. */
  reset(): void {
    this.#up.stop();
    this.#down.stop();
    this.#client.resetAndDestroy();
    this.#server.resetAndDestroy();
  }

  /** Holds the bytes of both directions back. */
  stall(duration: number): void {
    this.#up.hold(duration);
    this.#down.hold(duration);
  }

  /** Swallows all bytes from now on; neither side is told. */
  freeze(): void {
    this.#frozen = true;
    this.#up.stop();
    this.#down.stop();
  }

  #ended(line: Line, other: Socket): void {
    // Through a network that swallows all, not even an end arrives.
    if (!this.#frozen) line.run(() => other.destroy());
    else if (this.#client.destroyed && this.#server.destroyed) this.#network.forget(this);
    if (!this.#frozen) this.#network.forget(this);
  }

  #receiveUp(chunk: Buffer): void {
    if (this.#frozen || this.#isCut) return;
    try {
      if (this.#upgraded) for (const frame of this.#framesUp.push(chunk)) this.#sendFrame(frame);
      else for (const request of this.#requests.push(chunk)) this.#sendRequest(request);
    } catch {
      this.reset();
    }
  }

  #sendRequest(request: RawRequest): void {
    if (this.#isCut) return;
    const network = this.#network;
    this.#awaitsAnswer = true;
    if (request.isUpgrade) {
      if (network.refusesSockets()) {
        this.reset();
        return;
      }
      this.#upgraded = true;
      this.#label = new URL(request.path, "http://proxy").searchParams.get(LABEL) ?? "";
      for (const frame of this.#framesUp.push(this.#requests.rest())) this.#sendFrame(frame);
    }
    if (this.#cutUp(request.bytes)) return;
    if (isRepeatable(request)) {
      const duplicate = network.take("duplicate", this.#label);
      if (duplicate) network.repeat(request.bytes, duplicate.after);
    }
    if (!request.isUpgrade) this.#swallowAnswer();
    this.#up.send(request.bytes);
  }

  #sendFrame(frame: RawFrame): void {
    if (this.#isCut) return;
    const network = this.#network;
    if (frame.opcode === TEXT) {
      if (this.#cutUp(frame.bytes)) return;
      if (network.wants("duplicate", "swallow") && frame.text().includes('"client_id"')) {
        const duplicate = network.take("duplicate", this.#label);
        if (duplicate) setTimeout(() => this.#sendAgain(frame), duplicate.after);
        this.#swallowAnswer();
      }
    }
    this.#up.send(frame.bytes);
  }

  #sendAgain(frame: RawFrame): void {
    if (this.#frozen || this.#isCut || this.#client.destroyed || this.#server.destroyed) return;
    this.#network.noteDuplicate(this.#label);
    this.#up.send(frame.bytes);
  }

  /** Lets a part of something arrive and ends the connection there; `true` when it did. */
  #cutUp(bytes: Buffer): boolean {
    const cut = this.#network.take("truncate-up", this.#label);
    if (!cut) return false;
    this.#isCut = true;
    this.#up.send(bytes.subarray(0, Math.floor(bytes.length * cut.share)), () => this.reset());
    return true;
  }

  #swallowAnswer(): void {
    const swallow = this.#network.take("swallow", this.#label);
    if (!swallow) return;
    this.#deafDown = true;
    setTimeout(() => this.reset(), swallow.after);
  }

  #receiveDown(chunk: Buffer): void {
    if (this.#frozen || this.#deafDown || this.#isCut) return;
    this.#awaitsAnswer = false;
    if (!this.#upgraded) this.#passDown(chunk);
    else if (this.#opened) for (const frame of this.#framesDown.push(chunk)) this.#receiveFrame(frame);
    else this.#open(chunk);
  }

  /** The answer to a handshake comes in one write of its own. */
  #open(chunk: Buffer): void {
    const end = chunk.indexOf("\r\n\r\n") + 4;
    this.#opened = true;
    this.#passDown(chunk.subarray(0, end));
    if (chunk.length > end) this.#receiveDown(chunk.subarray(end));
  }

  #receiveFrame(frame: RawFrame): void {
    this.#isWelcomed ||= frame.opcode === TEXT && frame.text().startsWith('{"type":"welcome"');
    const isDropped = this.#isWelcomed && this.#network.wants("drop-frame") && isNumbered(frame);
    if (isDropped && this.#network.take("drop-frame", this.#label)) return;
    this.#passDown(frame.bytes);
  }

  #passDown(bytes: Buffer): void {
    if (this.#isCut) return;
    const cut = this.#network.take("truncate-down", this.#label);
    if (!cut) {
      this.#down.send(bytes);
      return;
    }
    this.#isCut = true;
    this.#down.send(bytes.subarray(0, Math.floor(bytes.length * cut.share)), () => this.reset());
  }
}

/** Whether a client with a cursor must notice the loss of this frame. */
function isNumbered(frame: RawFrame): boolean {
  if (frame.opcode !== TEXT) return false;
  try {
    const { type, repeat }: { type?: unknown; repeat?: unknown } = JSON.parse(frame.text());
    return NUMBERED.has(type) && repeat !== true;
  } catch {
    return false;
  }
}
