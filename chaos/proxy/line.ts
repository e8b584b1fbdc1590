import type { Socket } from "node:net";

/** Bytes that one direction holds back at most; beyond them the connection is reset. */
const HELD_LIMIT = 32 * 1024 * 1024;

/** One direction of a connection: passes bytes on in their order, at once or later. */
export class Line {
  readonly #target: Socket;
  readonly #delay: () => number;
  #queue: { readonly at: number; readonly run: () => void }[] = [];
  #timer: NodeJS.Timeout | null = null;
  #lastAt = 0;
  #heldUntil = 0;
  #held = 0;

  constructor(target: Socket, delay: () => number) {
    this.#target = target;
    this.#delay = delay;
  }

  /** Passes bytes on; `then` runs when they were written. */
  send(bytes: Buffer, then?: () => void): void {
    if (this.#held > HELD_LIMIT) {
      this.#target.resetAndDestroy();
      return;
    }
    this.#held += bytes.length;
    this.run(() => {
      this.#held -= bytes.length;
      if (this.#target.destroyed || !this.#target.writable) then?.();
      else this.#target.write(bytes, () => then?.());
    });
  }

  /** Runs something after all that was sent before. */
  run(work: () => void): void {
    const now = performance.now();
    const at = Math.max(this.#lastAt, this.#heldUntil, now + this.#delay());
    this.#lastAt = at;
    if (at <= now && this.#queue.length === 0) {
      work();
      return;
    }
    this.#queue.push({ at, run: work });
    this.#arm();
  }

  /** Holds all bytes back for some milliseconds. */
  hold(milliseconds: number): void {
    this.#heldUntil = Math.max(this.#heldUntil, performance.now() + milliseconds);
  }

  /** Forgets what it holds. */
  stop(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    this.#queue = [];
  }

  #arm(): void {
    const [first] = this.#queue;
    if (!first || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#release();
    }, first.at - performance.now());
  }

  #release(): void {
    for (let first = this.#queue[0]; first && first.at <= performance.now() + 0.5; first = this.#queue[0]) {
      this.#queue.shift();
      first.run();
    }
    this.#arm();
  }
}
