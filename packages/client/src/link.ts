import {
  type ClientFrame,
  errorEntry,
  FATAL_CLOSE_CODES,
  type ParlorError,
  type ServerFrame,
} from "@parlor/protocol";
import type { Clock } from "./clock.js";
import { asParlorError, errorOfClose } from "./errors.js";
import type { OnlineSource } from "./online.js";
import type { Poller } from "./poll-loop.js";
import { retryDelay } from "./retry.js";
import type { RoomSocket, SocketEnd } from "./socket.js";
import type { ConnectionStatus } from "./types.js";

/** So many sockets in a row without a `welcome` start the polling. */
const FAILURES = 2;
/**
 * Where one was had, not before it has been gone for so long: a server that restarts is away for seconds, and when it is
 * back, polls from everybody would double its work.
 */
const GONE_FOR = 8_000;
/** A connection that lived so long was a good one: the next delay is the shortest again. */
const GOOD_AFTER = 5_000;
/** Everybody's network comes back at once when a router does. */
const WAKE_SPREAD = 300;
/** A poll that is answered again after a failure says that the server is back, so a socket is tried soon. */
const PROBE_AFTER_POLL = 2_000;

/** What the link needs from the room. */
export interface LinkOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly online: OnlineSource;
  /** Called before each try: loads what a resume starts from. Its error counts as that of the try. */
  readonly prepare: (signal: AbortSignal) => Promise<void>;
  /** Opens a socket; `null` where no WebSocket can be had at all. */
  readonly open: ((on: Pick<SocketHandlers, "onFrame" | "onEnd">) => RoomSocket) | null;
  readonly poller: Poller;
  readonly onFrame: (frame: ServerFrame) => void;
  /** Status, failure or time of the next try changed. */
  readonly onChange: () => void;
}

interface SocketHandlers {
  onFrame: (frame: ServerFrame) => void;
  onEnd: (end: SocketEnd) => void;
}

type Phase = "idle" | "preparing" | "opening" | "replaying" | "live" | "waiting" | "closed";

/** Keeps a room reachable: WebSocket where it can be had, polling where not, and the way back. */
export class Link {
  readonly #options: LinkOptions;
  #phase: Phase = "idle";
  #socket: RoomSocket | null = null;
  #prepare: AbortController | null = null;
  #stopTimer: () => void = () => {};
  #unsubscribe: () => void = () => {};
  #liveAt: number | null = null;
  #tries = 0;
  #socketFailures = 0;
  #everReached = false;
  /** When the last socket that was welcomed ended; long ago where none was. */
  #lostAt = Number.NEGATIVE_INFINITY;
  #nextAttemptAt: number | null = null;
  #restartedAt = Number.NEGATIVE_INFINITY;
  #failure: ParlorError | null = null;

  constructor(options: LinkOptions) {
    this.#options = options;
  }

  get status(): ConnectionStatus {
    if (this.#phase === "closed") return "closed";
    if (this.#phase === "live") return "live";
    if (this.#options.poller.flowing) return "polling";
    if (!this.#options.online.isOnline()) return "offline";
    return this.#tries === 0 && !this.#everReached ? "connecting" : "reconnecting";
  }

  get failure(): ParlorError | null {
    return this.#failure;
  }

  /** When the next try is made; `null` while one is running, or while messages flow without it. */
  get nextAttemptAt(): number | null {
    return this.#options.poller.flowing ? null : this.#nextAttemptAt;
  }

  start(): void {
    this.#unsubscribe = this.#options.online.subscribe(() => this.#wake());
    this.#attempt();
  }

  /** Sends a frame over a live socket; `false` when there is none or the frame is too large for it. */
  send(frame: ClientFrame): boolean {
    return this.#phase === "live" && this.#socket !== null && this.#socket.send(frame);
  }

  /** Gives the current connection up and makes a new one: the one door back to a true state. */
  restart(): void {
    if (this.#phase === "closed" || this.#phase === "idle") return;
    this.#drop();
    const { clock, random } = this.#options;
    const isFirst = clock.now() - this.#restartedAt >= GOOD_AFTER;
    this.#restartedAt = clock.now();
    if (isFirst) {
      this.#attempt();
      return;
    }
    // A server that always asks for a restart is not asked more and more often.
    this.#schedule(retryDelay({ tries: this.#tries, random: random() }) ?? 0);
    this.#tries += 1;
    this.#options.onChange();
  }

  /** Tries now instead of later, also after a failure that the person has mended. */
  reconnectNow(): void {
    if (this.#phase === "closed" && this.#failure === null) return;
    this.#tries = 0;
    if (this.#phase === "closed") {
      this.#failure = null;
      this.#phase = "idle";
      this.start();
    } else if (this.#phase === "waiting") {
      this.#attempt();
    } else {
      this.#socket?.probe();
    }
    this.#options.poller.wake();
  }

  /** Ends for good: by an error that trying again cannot mend, or (without one) by the application. */
  close(failure: ParlorError | null = null): void {
    if (this.#phase === "closed") return;
    this.#drop();
    this.#unsubscribe();
    this.#phase = "closed";
    this.#failure = failure;
    this.#options.poller.stop();
    this.#options.onChange();
  }

  /** The poller began to flow, or ceased. */
  pollerChanged(): void {
    const { clock, open, poller, random } = this.#options;
    if (poller.flowing) this.#everReached = true;
    const left = (this.#nextAttemptAt ?? 0) - clock.now();
    if (poller.flowing && open !== null && this.#phase === "waiting" && left > PROBE_AFTER_POLL) {
      this.#stopTimer();
      this.#schedule(PROBE_AFTER_POLL * (0.5 + random() / 2));
    }
    this.#options.onChange();
  }

  #attempt(): void {
    this.#stopTimer();
    this.#nextAttemptAt = null;
    this.#phase = "preparing";
    const controller = new AbortController();
    this.#prepare = controller;
    this.#options.onChange();
    this.#options.prepare(controller.signal).then(
      () => {
        if (!controller.signal.aborted) this.#open();
      },
      (cause: unknown) => {
        if (!controller.signal.aborted) this.#failed(asParlorError(cause));
      },
    );
  }

  #open(): void {
    const { open, poller } = this.#options;
    if (open === null) {
      this.#phase = "waiting";
      poller.start();
      return;
    }
    this.#phase = "opening";
    try {
      this.#socket = open({ onFrame: (frame) => this.#receive(frame), onEnd: (end) => this.#ended(end) });
    } catch {
      // A page's security policy, say, forbids it: the same as a refused connection.
      this.#ended({ code: 1006, reason: "" });
    }
  }

  #receive(frame: ServerFrame): void {
    // The inbox of a user has no replay: its one word opens it and makes it live.
    const isInbox = frame.type === "inbox_ready";
    if (frame.type === "welcome" || isInbox) {
      this.#phase = "replaying";
      this.#socketFailures = 0;
    }
    const socket = this.#socket;
    this.#options.onFrame(frame);
    // The room may have given this socket up over the frame.
    if (!(frame.type === "synced" || isInbox) || this.#socket !== socket || this.#phase !== "replaying")
      return;
    this.#phase = "live";
    this.#everReached = true;
    this.#liveAt = this.#options.clock.now();
    this.#options.poller.stop();
    this.#options.onChange();
  }

  #ended({ code, reason }: SocketEnd): void {
    const wasWelcomed = this.#phase === "replaying" || this.#phase === "live";
    this.#socket = null;
    if (FATAL_CLOSE_CODES.has(code)) {
      this.close(errorOfClose(code, reason));
      return;
    }
    const { clock, random, poller } = this.#options;
    if (this.#liveAt !== null && clock.now() - this.#liveAt >= GOOD_AFTER) this.#tries = 0;
    this.#liveAt = null;
    if (wasWelcomed) this.#lostAt = clock.now();
    else this.#socketFailures += 1;
    // A clock that was put back counts as a long time too.
    const isGone = Math.abs(clock.now() - this.#lostAt) >= GONE_FOR;
    if (this.#socketFailures >= FAILURES && isGone) poller.start();
    this.#schedule(retryDelay({ tries: this.#tries, code, random: random() }) ?? 0);
    this.#tries += 1;
    this.#options.onChange();
  }

  #failed(error: ParlorError): void {
    if (!errorEntry(error.code).retry) {
      this.close(error);
      return;
    }
    const { retryAfter } = error;
    this.#schedule(retryDelay({ tries: this.#tries, retryAfter, random: this.#options.random() }) ?? 0);
    this.#tries += 1;
    this.#options.onChange();
  }

  #schedule(delay: number): void {
    this.#phase = "waiting";
    this.#nextAttemptAt = this.#options.clock.now() + Math.round(delay);
    this.#stopTimer = this.#options.clock.after(delay, () => this.#attempt());
  }

  /** The network or the person came back. */
  #wake(): void {
    const { online, poller, random } = this.#options;
    this.#options.onChange();
    if (!online.isOnline()) return;
    poller.wake();
    if (this.#phase === "waiting" && this.#options.open !== null) {
      this.#stopTimer();
      this.#schedule(WAKE_SPREAD * random());
    } else {
      this.#socket?.probe();
    }
  }

  /** Lets go of what is under way. */
  #drop(): void {
    if (this.#phase === "replaying" || this.#phase === "live") this.#lostAt = this.#options.clock.now();
    this.#stopTimer();
    this.#prepare?.abort();
    this.#socket?.close();
    this.#socket = null;
    this.#liveAt = null;
    this.#nextAttemptAt = null;
  }
}
