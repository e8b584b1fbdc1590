import type { Duplex } from "node:stream";

/** Bytes that wait for one socket: beyond the first it must have taken some within a second, beyond the second it goes. */
const UNSENT = 4 * 1024 * 1024;
const UNSENT_AT_MOST = 16 * 1024 * 1024;
const TAKES_WITHIN = 1_000;
/**
 * Bytes that wait for all sockets together, those that several wait for counted once; beyond them the slowest go, until
 * three quarters of it are left.
 */
const UNSENT_IN_ALL = 128 * 1024 * 1024;
const LEFT_AFTER_RELIEF = 0.75;
/** What one more reference to waiting bytes costs. */
const REFERENCE = 16;
/** Bytes that are handed to the system at a time: what it takes of them is the only sign that the peer reads. */
const HAND_OVER = 64 * 1024;
/** A socket for which frames wait must take some within so many milliseconds. */
const STALLED_AFTER = 30_000;
const LOOK_EVERY = 5_000;

export type Backlog = ReturnType<typeof createBacklog>;

/** What waits for all sockets of this process: keeps it below a bound, and ends sockets that take nothing. */
export function createBacklog(options: { inAll?: number; stalledAfter?: number; lookEvery?: number } = {}) {
  const { inAll = UNSENT_IN_ALL, stalledAfter = STALLED_AFTER, lookEvery = LOOK_EVERY } = options;
  const behind = new Set<Outbound>();
  const references = new Map<Buffer, number>();
  let bytes = 0;

  function relieve(): void {
    const slowest = [...behind].sort((a, b) => b.bytes - a.bytes);
    for (const outbound of slowest) {
      if (bytes <= inAll * LEFT_AFTER_RELIEF) return;
      outbound.giveUp();
    }
  }

  const timer = setInterval(() => {
    const before = performance.now() - stalledAfter;
    for (const outbound of behind) if (outbound.takenAt < before) outbound.giveUp();
  }, lookEvery);
  timer.unref();

  return {
    /** Bytes that wait. */
    get bytes(): number {
      return bytes;
    },

    /** Watches a socket that has not taken all, until {@link settle}. */
    watch(outbound: Outbound): void {
      behind.add(outbound);
    },

    settle(outbound: Outbound): void {
      behind.delete(outbound);
    },

    /** Counts bytes that wait for one more socket. */
    hold(frames: Buffer): void {
      const known = references.get(frames) ?? 0;
      references.set(frames, known + 1);
      bytes += known === 0 ? frames.length + REFERENCE : REFERENCE;
      if (bytes > inAll) relieve();
    },

    /** Counts that they wait for it no more. */
    release(frames: Buffer): void {
      const known = references.get(frames) ?? 0;
      if (known > 1) references.set(frames, known - 1);
      else references.delete(frames);
      bytes -= known === 1 ? frames.length + REFERENCE : REFERENCE;
    },

    close(): void {
      clearInterval(timer);
    },
  };
}

/** Whose way out it is: an object that is there anyway, since two closures for each socket are memory. */
export interface OutboundOwner {
  /** Whether frames may still follow; not after a close frame, whichever side began to close. */
  readonly isOpen: boolean;
  /** Called when its peer takes too little for too long. */
  tooSlow(): void;
}

/**
 * The way out of one socket. Frames go to the system at once while it takes them; else they wait here, where their
 * bytes are counted, can be dropped, and cost no more than a reference when others wait for the same frames.
 */
export class Outbound {
  /** Bytes that wait. */
  bytes = 0;
  /** When the system last took something, or when it first did not. */
  takenAt = 0;
  readonly #socket: Duplex;
  readonly #backlog: Backlog;
  readonly #owner: OutboundOwner;
  #queue: Buffer[] = [];
  #next = 0;
  #waiting: (() => void)[] = [];

  constructor(options: {
    readonly socket: Duplex;
    readonly backlog: Backlog;
    readonly owner: OutboundOwner;
  }) {
    const { socket, backlog, owner } = options;
    this.#socket = socket;
    this.#backlog = backlog;
    this.#owner = owner;
    socket.on("drain", () => this.#pump());
    socket.once("close", () => this.drop());
  }

  /** Writes whole frames, or lets them wait; too many of them end the socket. */
  write(frames: Buffer): void {
    if (this.bytes === 0 && !this.#isFull) {
      this.#socket.write(frames);
      return;
    }
    if (this.bytes === 0) this.#watch();
    this.#queue.push(frames);
    this.bytes += frames.length;
    this.#backlog.hold(frames);
    const isStill = this.bytes > UNSENT && performance.now() - this.takenAt > TAKES_WITHIN;
    if (isStill || this.bytes > UNSENT_AT_MOST) this.giveUp();
  }

  /** Resolves when the system has taken nearly all, or when the socket has ended. */
  async drained(): Promise<void> {
    if (this.bytes === 0 && !this.#isFull) return;
    if (this.bytes === 0) this.#watch();
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  /** Ends a socket for which too much waits, or which takes nothing. */
  giveUp(): void {
    this.#owner.tooSlow();
  }

  /** Hands all that waits to the system: nothing comes after it. */
  flush(): void {
    for (const frames of this.#queue.slice(this.#next)) this.#socket.write(frames);
    this.drop();
  }

  /** Forgets what waits. */
  drop(): void {
    for (const frames of this.#queue.slice(this.#next)) this.#backlog.release(frames);
    this.bytes = 0;
    this.#queue = [];
    this.#next = 0;
    this.#settle();
  }

  get #isFull(): boolean {
    const { destroyed, writableLength, writableHighWaterMark } = this.#socket;
    return !destroyed && writableLength >= writableHighWaterMark;
  }

  /** Hands over what waits, some at a time, until the system takes no more. */
  #pump(): void {
    this.takenAt = performance.now();
    if (!this.#owner.isOpen) this.drop();
    while (this.bytes > 0 && !this.#isFull) {
      let handed = 0;
      this.#socket.cork();
      while (this.#next < this.#queue.length && handed < HAND_OVER) {
        const frames = this.#queue[this.#next];
        this.#next += 1;
        if (!frames) break;
        this.#socket.write(frames);
        this.#backlog.release(frames);
        handed += frames.length;
      }
      this.#socket.uncork();
      this.bytes -= handed;
    }
    if (this.#next > 1_000 || this.bytes === 0) {
      this.#queue = this.#queue.slice(this.#next);
      this.#next = 0;
    }
    if (this.bytes === 0 && !this.#isFull) this.#settle();
  }

  #watch(): void {
    this.takenAt = performance.now();
    this.#backlog.watch(this);
  }

  #settle(): void {
    this.#backlog.settle(this);
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
